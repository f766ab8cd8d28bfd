"""Statistics against scipy, statsmodels and plain loops."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from inductive.analysis import statistics

RNG = np.random.default_rng(0)


def test_the_interval_is_that_of_scipy() -> None:
    for n in (3, 5, 40):
        values = RNG.normal(0.3, 1, n)
        e = statistics.estimate(values)
        low, high = stats.ttest_1samp(values, 0).confidence_interval(0.95)
        assert (e.low, e.high, e.n) == (pytest.approx(low), pytest.approx(high), n)


def test_an_estimate_is_over_the_finite_values_and_counts_the_others() -> None:
    finite = RNG.normal(0.3, 1, 5)
    mixed = np.array([np.nan, *finite[:3], -np.inf, *finite[3:], np.inf])
    assert statistics.estimate(mixed) == statistics.estimate(finite)._replace(not_finite=3)
    assert statistics.estimate(finite).not_finite == 0
    none = statistics.estimate(np.array([np.nan, np.inf]))
    assert (none.n, none.not_finite) == (0, 2)
    assert np.isnan(none.mean)
    single = statistics.estimate(np.array([2.0, np.nan]))
    assert (single.mean, single.low, single.high, single.n) == (2.0, -np.inf, np.inf, 1)


def test_a_published_summary_is_compared_like_its_seeds() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(80, 8, 5), rng.normal(83, 3, 10)
    ours, theirs = statistics.estimate(a), statistics.estimate(b)
    means, spread = statistics.same_as(ours, theirs.mean, theirs.sd, theirs.n)
    assert means == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue)
    swapped = statistics.same_as(theirs, ours.mean, ours.sd, ours.n)
    assert swapped == pytest.approx((means, spread))
    alarms = [
        statistics.same_as(statistics.estimate(rng.normal(0, 1, 5)), 0, sd, 10)[1] < 0.05
        for sd in [rng.normal(0, 1, 10).std(ddof=1) for _ in range(2000)]
    ]
    assert np.mean(alarms) == pytest.approx(0.05, abs=0.02)
    assert statistics.same_as(statistics.estimate(np.full(5, 100.0)), 100, 0, 10) == (1.0, 1.0)
    assert statistics.same_as(ours, 83, 0, 10)[1] == 0


def test_interval_has_its_nominal_coverage() -> None:
    covered = [
        e.low < 1 < e.high for e in (statistics.estimate(RNG.normal(1, 2, 5)) for _ in range(2000))
    ]
    assert abs(np.mean(covered) - 0.95) < 0.02


def test_holm_against_its_definition() -> None:
    """Rejections by the step-down procedure of Holm 1979."""
    for _ in range(50):
        p = RNG.random(6) ** 3
        adjusted = statistics.holm(p.tolist())
        for level in (0.01, 0.05, 0.2):
            rejected, remaining = set(), sorted(range(6), key=lambda i: p[i])
            for step, i in enumerate(remaining):
                if p[i] > level / (6 - step):
                    break
                rejected.add(i)
            assert rejected == {i for i in range(6) if adjusted[i] <= level}
    assert statistics.holm([]) == []


def test_holm_is_that_of_statsmodels() -> None:
    for size in (1, 3, 20):
        p = RNG.random(size) ** 3
        p[: size // 3] = p[0]  # ties
        expected = multipletests(p, method="holm")[1]
        assert statistics.holm(p.tolist()) == pytest.approx(expected.tolist())


def test_holm_limits_false_positives() -> None:
    alarms = [min(statistics.holm(RNG.random(8).tolist())) < 0.05 for _ in range(2000)]
    assert np.mean(alarms) < 0.065
