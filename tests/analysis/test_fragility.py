"""The fewest seeds that carry a verdict, against a plain loop."""

from itertools import combinations

import numpy as np
import pytest

from inductive.analysis.contrast import Contrast, Group
from inductive.analysis.fragility import MOST, decision, removal
from inductive.analysis.verdicts import CONTRADICTED, INCONCLUSIVE, REPRODUCED

UP = (0.0, np.inf)


def _contrast(values: np.ndarray) -> Contrast:
    return Contrast((Group("a", tuple(range(10, 10 + len(values))), values),))


def _plain(values: np.ndarray, region: tuple[float, float], threshold: float) -> int | None:
    before = decision(_contrast(values), region, threshold)
    if before == INCONCLUSIVE:
        return None
    for count in range(1, MOST + 1):
        for removed in combinations(range(len(values)), count):
            left = np.delete(values, removed)
            if len(left) < 3 or decision(_contrast(left), region, threshold) != before:
                return count
    return None


@pytest.mark.parametrize("mean", [0.0, 0.6, 1.2, 3.0, -3.0])
def test_removal_is_that_of_a_plain_loop(mean: float) -> None:
    random = np.random.default_rng(0)
    for n in (4, 6, 9):
        values = random.normal(mean, 1, n)
        for region in (UP, (-4.0, 4.0)):
            expected = _plain(values, region, 0.05)
            assert removal(_contrast(values), region, 0.05) == expected


def test_three_seeds_carry_a_verdict_together() -> None:
    assert removal(_contrast(np.array([5.0, 5.1, 4.9])), UP, 0.05) == 1


def test_decisions_are_on_the_side_of_the_mean() -> None:
    values = np.random.default_rng(1).normal(0, 1, 20)
    assert decision(_contrast(values + 5), UP, 0.05) == REPRODUCED
    assert decision(_contrast(values - 5), UP, 0.05) == CONTRADICTED
    assert decision(_contrast(values), (-9.0, 9.0), 0.05) == REPRODUCED
    assert decision(_contrast(values + 30), (-9.0, 9.0), 0.05) == CONTRADICTED
    assert decision(_contrast(values), UP, 1e-6) == INCONCLUSIVE


def test_a_seed_is_removed_from_all_networks() -> None:
    a, b = np.array([9.0, 9.1, 9.2, 9.3, -6.0]), np.zeros(5) + np.arange(5) / 100
    seeds = (0, 1, 2, 3, 4)
    contrast = Contrast((Group("a", seeds, a), Group("b", seeds, -b)))
    assert decision(contrast, UP, 0.05) == INCONCLUSIVE
    assert removal(contrast, UP, 0.05) is None
    assert decision(contrast.without({4}), UP, 0.05) == REPRODUCED
