"""Variances, intervals and probabilities against scipy, statsmodels, bootstraps, simulations."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.weightstats import ttost_ind, ttost_paired

from inductive.analysis.contrast import Contrast, Examples, Group, Published, p_of_t


def _group(values: np.ndarray, name: str = "a") -> Group:
    return Group(name, tuple(range(len(values))), np.asarray(values, dtype=float))


def _two(a: np.ndarray, b: np.ndarray) -> Contrast:
    return Contrast((_group(a), _group(-b, "b")))


def _symmetric(random: np.random.Generator, n: int, sd: float) -> np.ndarray:
    """An even number of normal values with a skewness of exactly 0."""
    half = random.normal(0, sd, n // 2)
    return np.concatenate([half, -half])


def test_two_networks_are_compared_by_welch() -> None:
    random = np.random.default_rng(0)
    a, b = 0.9 + _symmetric(random, 6, 1.0), _symmetric(random, 12, 3.0)
    contrast, expected = _two(a, b), stats.ttest_ind(a, b, equal_var=False)
    assert contrast.df == pytest.approx(expected.df)
    assert contrast.interval(0.9) == pytest.approx(tuple(expected.confidence_interval(0.9)))
    greater = stats.ttest_ind(a, b, equal_var=False, alternative="greater").pvalue
    assert contrast.p_above(0.0) == pytest.approx(greater)
    assert contrast.p_below(2.0) == pytest.approx(
        stats.ttest_ind(a, b + 2.0, equal_var=False, alternative="less").pvalue
    )


def test_a_network_by_itself_is_judged_by_one_sample_t() -> None:
    random = np.random.default_rng(1)
    x = 3 + _symmetric(random, 8, 2.0)
    contrast = Contrast((_group(x),))
    assert contrast.interval() == pytest.approx(
        tuple(stats.ttest_1samp(x, 0).confidence_interval(0.95))
    )
    assert contrast.p_above(2.5) == pytest.approx(
        stats.ttest_1samp(x, 2.5, alternative="greater").pvalue
    )
    assert contrast.d == pytest.approx(x.mean() / x.std(ddof=1))


def test_equivalence_is_that_of_statsmodels() -> None:
    """Two one-sided tests, of independent samples with unequal variances and of paired ones."""
    random = np.random.default_rng(2)
    a, b = _symmetric(random, 10, 1.0), _symmetric(random, 10, 2.0)
    contrast = _two(a, b)
    p, _, _ = ttost_ind(a, b, -1.5, 1.5, usevar="unequal")
    assert max(contrast.p_above(-1.5), contrast.p_below(1.5)) == pytest.approx(p)
    difference = _symmetric(random, 10, 1.0)
    paired = Contrast((_group(difference),))
    p, _, _ = ttost_paired(b + difference, b, -1.5, 1.5)
    assert max(paired.p_above(-1.5), paired.p_below(1.5)) == pytest.approx(p)


def test_random_splits_have_the_correction_of_nadeau_and_bengio() -> None:
    x = np.random.default_rng(3).normal(1, 1, 10)
    contrast = Contrast((_group(x),), resampling=200 / 800)
    assert contrast.error == pytest.approx(np.sqrt((1 / 10 + 200 / 800) * x.var(ddof=1)))
    assert contrast.df == pytest.approx(9)


def test_a_published_value_is_a_second_sample() -> None:
    x = np.random.default_rng(4).normal(80, 2, 5)
    contrast = Contrast((_group(x),), published=Published(1.5, 10))
    theirs = stats.ttest_ind_from_stats(x.mean(), x.std(ddof=1), 5, 79.0, 1.5, 10, equal_var=False)
    assert (contrast.mean - 79.0) / contrast.error == pytest.approx(theirs.statistic)


def _crossed(random: np.random.Generator, seeds: int, items: int) -> np.ndarray:
    """Outcomes (seeds, items) with an effect of the seed, of the item and of both."""
    logits = 0.5 * random.standard_normal((seeds, 1)) + 1.5 * random.standard_normal(items)
    return (random.random((seeds, items)) < 1 / (1 + np.exp(-logits))).astype(float)


def _of_outcomes(outcomes: np.ndarray) -> Contrast:
    return Contrast((_group(outcomes.mean(1)),), Examples(outcomes.mean(0), half=0.5))


def test_seeds_and_test_examples_against_a_simulation() -> None:
    """The estimated variance is, on average, not below that of the mean over repetitions of the
    whole experiment, and above it by at most the part of both, which is counted twice."""
    random = np.random.default_rng(5)
    contrasts = [_of_outcomes(_crossed(random, 6, 150)) for _ in range(1500)]
    true = np.var([c.mean for c in contrasts])
    estimated = np.mean([c.error**2 for c in contrasts])
    assert 0.95 < estimated / true < 1.3


def test_seeds_and_test_examples_against_a_two_way_bootstrap() -> None:
    """Resampling seeds and items with replacement has the two variances and, once more, that of a
    single outcome; the sum is compared after taking it away."""
    random = np.random.default_rng(6)
    outcomes = _crossed(random, 12, 200)
    s, n = outcomes.shape
    means = [
        outcomes[np.ix_(random.integers(s, size=s), random.integers(n, size=n))].mean()
        for _ in range(4000)
    ]
    residual = outcomes - outcomes.mean(0) - outcomes.mean(1, keepdims=True) + outcomes.mean()
    once_more = (residual**2).mean() / (s * n)
    contrast = _of_outcomes(outcomes)
    assert contrast.error**2 == pytest.approx(np.var(means) - once_more, rel=0.2)


def test_all_examples_right_is_no_certainty() -> None:
    """At the ceiling the error is that of a normal approximation to Jeffreys' distribution of the
    share, whose interval it resembles."""
    for n in (50, 1000):
        examples = Examples(np.full(n, 100.0), half=0.5 * 100.0**2)
        contrast = Contrast((_group(np.full(5, 100.0)),), examples)
        posterior = stats.beta(n + 0.5, 0.5)
        assert contrast.error == pytest.approx(100 * posterior.std(), rel=0.05)
        jeffreys = 100 - 100 * posterior.ppf(0.05)
        assert 0.6 < (100 - contrast.interval(0.9)[0]) / jeffreys < 1.4
        assert contrast.p_above(100.0) == pytest.approx(0.5)
        assert 0 < contrast.p_above(99.0) < 0.5


def test_halls_transformation_against_a_bootstrap_t() -> None:
    """The critical value of t for skewed values is that of the bootstrap's t."""
    random = np.random.default_rng(7)
    x = -random.standard_exponential(60)
    x = (x - x.mean()) / x.std(ddof=1)
    draws = x[random.integers(60, size=(40_000, 60))]
    t = draws.mean(1) / (draws.std(1, ddof=1) / np.sqrt(60))
    skewness = stats.skew(x, bias=False) / np.sqrt(60)
    for level in (0.1, 0.05, 0.01):
        critical = np.quantile(t, 1 - level)  # above what is expected of normal values
        plain = stats.t.sf(critical, 59)
        corrected = float(p_of_t(critical, 59, skewness))
        assert plain < 0.75 * level
        assert corrected == pytest.approx(level, rel=0.35)


def test_skewness_is_that_of_the_mean_over_test_examples() -> None:
    x = np.random.default_rng(8).standard_exponential(500)
    contrast = Contrast((_group(np.full(3, x.mean())),), Examples(x))
    expected = stats.skew(x) / np.sqrt(500)
    assert contrast.skewness == pytest.approx(expected, rel=0.01)
    assert contrast.mirrored.skewness == pytest.approx(-contrast.skewness)
    assert float(p_of_t(2.0, 10, 0.0)) == pytest.approx(stats.t.sf(2.0, 10))
    assert float(p_of_t(2.0, 10, -0.5)) > stats.t.sf(2.0, 10)


@pytest.mark.parametrize("n", [3, 5, 10, 40])
def test_the_widened_error_is_that_of_exponential_seeds(n: int) -> None:
    """Of seeds of which some fail, at a level as Holm's step-down asks for; Student's t would be
    wrong several times as often."""
    x = 1 - np.random.default_rng(n).standard_exponential((6000, n))
    contrasts = [Contrast((_group(values),), tail=1.0) for values in x]
    level = 0.005
    wrong = np.mean([contrast.p_above(0.0) < level for contrast in contrasts])
    assert wrong < level + 3 * np.sqrt(level / 6000)
    plain = np.mean([replace(c, tail=0.0).p_above(0.0) < level for c in contrasts])
    assert plain > 3 * level


def test_a_mirrored_quantity_has_the_other_sides_probabilities() -> None:
    random = np.random.default_rng(9)
    outcomes = 100 * _crossed(random, 5, 60)
    contrast = Contrast(
        (_group(outcomes.mean(1)),), Examples(outcomes.mean(0)), bounds=(0.0, 100.0)
    )
    for each in (contrast, replace(contrast, splits=True)):
        assert each.mirrored.p_above(-40.0) == pytest.approx(each.p_below(40.0))
        assert each.mirrored.mirrored.p_above(40.0) == pytest.approx(each.p_above(40.0))


def test_equal_values_are_judged_by_signs_unless_nothing_is_random() -> None:
    same = Contrast((_group(np.full(4, 2.0)),))
    assert [same.p_above(b) for b in (1.0, 2.0, 3.0)] == [0.5**4, 0.5, 1 - 0.5**4]
    fixed = replace(same, deterministic=True)
    assert [fixed.p_above(b) for b in (1.0, 2.0, 3.0)] == [0.0, 0.5, 1.0]


def test_split_seeds_without_bounds_decide_nothing() -> None:
    x = np.array([1.0, 1.1, 9.0, 9.1, 9.2])
    assert Contrast((_group(x),), splits=True).p_above(-100.0) == 1.0
    bounded = Contrast((_group(x),), splits=True, bounds=(-100.0, 100.0))
    assert bounded.p_above(-100.0 + 1e-9) < bounded.p_above(0.0) < 1.0


def test_one_seed_says_nothing() -> None:
    single = Contrast((_group(np.array([3.0])),))
    assert single.interval() == (-np.inf, np.inf)
    assert single.p_above(0.0) == 0.5


def test_removing_seeds_leaves_the_others() -> None:
    contrast = _two(np.arange(5.0), np.arange(5.0) ** 2)
    left = contrast.without({1, 4})
    assert [g.seeds for g in left.groups] == [(0, 2, 3), (0, 2, 3)]
    assert left.mean == pytest.approx(5 / 3 - 13 / 3)
