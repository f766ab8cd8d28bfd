"""Seeds in two groups: the cut against a plain loop, the critical values simulated again."""

import numpy as np
import pytest
from scipy import stats

from inductive.analysis import two_groups


def test_the_best_cut_is_that_of_a_plain_loop() -> None:
    random = np.random.default_rng(0)
    for n in (4, 7, 20):
        x = np.sort(random.normal(0, 1, n))
        expected = max(abs(stats.ttest_ind(x[:k], x[k:]).statistic) for k in range(1, n))
        shuffled = 50 + 3 * random.permutation(x)
        assert two_groups.separation(shuffled) == pytest.approx(expected)


@pytest.mark.parametrize("n", [4, 5, 10, 20, 40])
def test_normal_seeds_are_rarely_said_to_split(n: int) -> None:
    """The tabulated separation is exceeded by 0.2 % of normal samples, from other random numbers;
    a split is seen above half more than that, which skewed seeds do not reach either."""
    random = np.random.default_rng(n)
    draws = random.standard_normal((10_000, n))
    critical = np.interp(n, two_groups._SIZES, two_groups._CRITICAL)
    above = np.mean([two_groups.separation(x) > critical for x in draws])
    assert above == pytest.approx(0.002, abs=3.5 * np.sqrt(0.002 / 10_000))
    skewed = random.standard_exponential((2000, n))
    assert np.mean([two_groups.seen_to_split(x) for x in skewed]) < 0.02


def test_seeds_that_fail_are_seen_where_the_sample_shows_them() -> None:
    x = np.array([4.0, 4.5, 3.8, 4.2, -16.0])
    assert two_groups.seen_to_split(x)
    assert two_groups.seen_to_split(-x)
    assert not two_groups.seen_to_split(x[:4])  # the draw shows one group only
    assert not two_groups.seen_to_split(x[2:])  # three values: nothing can be said
    assert two_groups.seen_to_split(x, noise=2.0)
    assert not two_groups.seen_to_split(x, noise=5.0)
    assert not two_groups.seen_to_split(np.full(5, 1.0))
    assert two_groups.separation(np.array([1.0, 1.0, 2.0, 2.0])) == np.inf
