"""Power, needed seeds and equivalence against statsmodels and against the judge's own decisions."""

import numpy as np
import pytest
from statsmodels.stats.power import TTestIndPower, TTestPower
from statsmodels.stats.weightstats import ttost_paired

from inductive.analysis import power
from inductive.analysis.contrast import Contrast, Examples, Group
from inductive.analysis.fragility import decision
from inductive.analysis.verdicts import INCONCLUSIVE

UP = (0.0, np.inf)


def _values(n: int, mean: float, sd: float) -> np.ndarray:
    """`n` values with exactly this mean and standard deviation and without skewness."""
    x = np.linspace(-1, 1, n)
    return mean + sd * x / x.std(ddof=1)


def _contrast(*groups: np.ndarray, **parts: object) -> Contrast:
    made = [Group(f"g{i}", tuple(range(len(x))), x) for i, x in enumerate(groups)]
    return Contrast(tuple(made), **parts)  # type: ignore[arg-type]


@pytest.mark.parametrize("effect", [0.1, 0.3, 0.5])
def test_power_of_many_seeds_is_that_of_statsmodels(effect: float) -> None:
    """With many seeds the correction for skewness is negligible. Three points are three standard
    errors of the simulated power."""
    n = 80
    single = _contrast(_values(n, effect, 1.0))
    expected = TTestPower().power(effect, n, 0.05)
    assert power.power(single, UP, effect, 0.05, n) == pytest.approx(expected, abs=0.035)
    two = _contrast(_values(n, effect, 1.0), _values(n, 0, 1.0))
    expected = TTestIndPower().power(effect, n, 0.05)
    assert power.power(two, UP, effect, 0.05, n) == pytest.approx(expected, abs=0.035)


def test_power_is_the_share_of_decisions() -> None:
    """Planned with the spreads of a contrast, achieved by decisions on new values; one test set's
    sampling error is there as well."""
    random = np.random.default_rng(0)
    sd, items, n, mean, level = 2.0, 400, 8, 5.0, 0.01
    spread = 40.0  # of the test examples
    examples = Examples(_values(items, 0, spread))
    planned = power.power(
        _contrast(_values(n, mean, sd), _values(n, 0, sd), examples=examples), UP, mean, level, n
    )
    decided = []
    for _ in range(1500):
        shift = spread / np.sqrt(items) * random.standard_normal()
        a = mean + shift + sd * random.standard_normal(n)
        b = sd * random.standard_normal(n)
        per_item = Examples(random.normal(0, spread, items))
        contrast = _contrast(a, -b, examples=per_item)
        decided.append(decision(contrast, UP, level) != INCONCLUSIVE)
    assert planned == pytest.approx(np.mean(decided), abs=0.05)
    assert 0.3 < planned < 0.95


def test_power_of_a_margin() -> None:
    """In the middle of a wide region a mean is confirmed; at its edge only in 2.5 of 100 cases,
    rejected in 2.5 more."""
    contrast = _contrast(_values(10, 0, 1.0))
    assert power.power(contrast, (-3.0, 3.0), 0.0, 0.05, 10) > 0.95
    assert power.power(contrast, (-3.0, 3.0), 3.0, 0.05, 10) < 0.065
    assert power.power(contrast, (-3.0, 3.0), 8.0, 0.05, 10) > 0.95


def test_the_detectable_effect_has_the_planned_power() -> None:
    contrast = _contrast(_values(12, 0, 1.0), _values(12, 0, 2.0))
    effect = power.detectable(contrast, UP, 0.05)
    assert power.power(contrast, UP, effect, 0.05, 12) == pytest.approx(power.POWER, abs=0.01)
    margin = power.detectable(contrast, (-9.0, 9.0), 0.05)
    reached = power.power(contrast, (-margin, margin), 0.0, 0.05, 12)
    assert reached == pytest.approx(power.POWER, abs=0.01)


def test_needed_seeds_against_statsmodels() -> None:
    contrast = _contrast(_values(20, 0.4, 1.0))
    expected = TTestPower().solve_power(0.4, alpha=0.05, power=power.POWER)
    needed = power.needed(contrast, UP, 0.05)
    assert needed.examples is None
    assert needed.seeds == pytest.approx(expected, rel=0.1)


def test_where_the_test_examples_stand_in_the_way_more_of_these_are_needed() -> None:
    """Variance of the mean that 80 % power allows: (distance / 2.80) squared, by z."""
    examples = Examples(_values(100, 0, 40.0))
    contrast = _contrast(_values(5, 2.0, 0.5), examples=examples)
    needed = power.needed(contrast, UP, 0.05)
    assert needed.seeds == 5  # there are enough of these
    assert needed.examples == pytest.approx(2 * 40.0**2 * (2.8016 / 2.0) ** 2, rel=0.02)
    at_the_bound = _contrast(_values(5, 0.0, 0.5), examples=examples)
    assert power.needed(at_the_bound, UP, 0.05) == power.Needed(None, None)


def test_equivalence_is_the_smallest_margin_of_two_one_sided_tests() -> None:
    x = np.random.default_rng(1).normal(0.3, 1, 9)
    margin = power.equivalence(_contrast(x))
    p, _, _ = ttost_paired(x, np.zeros(9), -margin, margin)
    assert p == pytest.approx(0.05)
