"""Levels of looks: their sum, and the error rate when one looks several times."""

import numpy as np
import pytest
from scipy import special

from inductive.analysis import spending


@pytest.mark.parametrize("looks", [(10,), (3, 6, 12), (5, 10, 20, 40), (3, 6, 7), (3, 96)])
def test_levels_sum_to_the_whole_and_grow_with_the_seeds(looks: tuple[int, ...]) -> None:
    levels = spending.levels(looks)
    assert sum(levels) == pytest.approx(spending.LEVEL)
    assert levels[0] == pytest.approx(spending.LEVEL * looks[0] / looks[-1])
    assert min(levels) > 0


@pytest.mark.parametrize("looks", [(3, 6, 12), (5, 10, 20, 40)])
def test_looking_again_costs_nothing(looks: tuple[int, ...]) -> None:
    """Under the null hypothesis any look rejects in at most 5 % of 20,000 experiments, where a test
    at 5 % at each look would reject too often."""
    x = np.random.default_rng(0).standard_normal((20_000, looks[-1]))
    spent, naive = np.zeros(len(x), bool), np.zeros(len(x), bool)
    for count, level in zip(looks, spending.levels(looks), strict=True):
        seen = x[:, :count]
        t = np.abs(seen.mean(1)) / (seen.std(1, ddof=1) / np.sqrt(count))
        p = 2 * special.stdtr(count - 1, -t)
        spent |= p < level
        naive |= p < spending.LEVEL
    assert 0.03 < spent.mean() < 0.05 + 0.003
    assert naive.mean() > 0.08
