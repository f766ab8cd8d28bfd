"""The test for bounded outcomes: against a plain loop, and its validity by simulation."""

import itertools

import numpy as np
import pytest

from inductive.analysis import betting


def _plain(values: np.ndarray, bound: float, low: float, high: float) -> float:
    capital = []
    m = (bound - low) / (high - low)
    for k in range(1, betting.BETS + 1):
        stake = 0.99 * k / betting.BETS / max(m, 1 / betting.BETS)
        money = 1.0
        for value in values:
            money *= 1 + stake * ((value - low) / (high - low) - m)
        capital.append(money)
    return min(1.0, 1 / float(np.mean(capital)))


def test_p_is_that_of_a_plain_loop() -> None:
    random = np.random.default_rng(0)
    for n, bound in itertools.product((1, 4, 30), (-90.0, -5.0, 20.0, 80.0)):
        values = random.uniform(-100, 100, n)
        expected = _plain(values, bound, -100, 100)
        assert betting.p_above(values, bound, -100, 100) == pytest.approx(expected)
        shuffled = random.permutation(values)
        assert betting.p_above(shuffled, bound, -100, 100) == pytest.approx(expected)


@pytest.mark.parametrize("rare", [0.02, 0.2, 0.5, 0.9])
def test_it_is_valid_however_rare_the_other_group_is(rare: float) -> None:
    """Values of 0 and 1 whose mean is the bound: of all distributions the least favourable ones."""
    random = np.random.default_rng(1)
    for n in (3, 10, 100):
        values = (random.random((3000, n)) >= rare).astype(float)
        p = np.array([betting.p_above(x, 1 - rare, 0.0, 1.0) for x in values])
        for level in (0.05, 0.01):
            assert (p < level).mean() <= level + 3 * np.sqrt(level / 3000)


def test_the_exact_size_for_two_outcomes() -> None:
    """The expected capital is at most 1, summed over all outcomes of five values."""
    for m in (0.1, 0.5, 0.95):
        total = 0.0
        for outcome in itertools.product((0.0, 1.0), repeat=5):
            ones = sum(outcome)
            probability = m**ones * (1 - m) ** (5 - ones)
            p = betting.p_above(np.array(outcome), m, 0.0, 1.0)
            # 1 / p is the capital, but for capitals below 1, whose p is 1.
            total += probability * (1 / p if p < 1 else 0.0)
        assert total <= 1 + 1e-9


def test_it_decides_with_enough_seeds_and_knows_its_bounds() -> None:
    values = np.tile([90.0, 90.0, 90.0, 70.0], 10)
    assert betting.p_above(values, 40.0, 0.0, 100.0) < 1e-4
    assert betting.p_above(values, 95.0, 0.0, 100.0) == 1.0
    assert betting.p_above(values, 100.0, 0.0, 100.0) == 1.0
    assert betting.p_above(values, -0.1, 0.0, 100.0) == 0.0
    with pytest.raises(ValueError, match=r"outside \[0, 80\]"):
        betting.p_above(values, 50.0, 0.0, 80.0)
