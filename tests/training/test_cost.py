"""Measured times: their order, their spread, and the sizes to which an exponent is fitted."""

import time

import numpy as np
import pytest
from scipy.stats import iqr

from inductive.training.cost import (
    ROUNDS,
    SHORTEST,
    exponent,
    growing,
    interleaved_milliseconds,
    timing_spread,
)


def _compute(milliseconds: float) -> None:
    """Keep the processor busy; sleeping would take no time of it."""
    until = time.process_time() + milliseconds / 1000
    while time.process_time() < until:
        pass


def test_every_round_times_every_work_once_in_turn() -> None:
    calls = []

    def work(name: str, milliseconds: float) -> None:
        calls.append(name)
        _compute(milliseconds)

    longer = 12 * SHORTEST
    times = interleaved_milliseconds(
        [lambda: work("a", longer), lambda: work("b", 2 * longer)], rounds=3
    )
    assert calls == ["a", "b"] * 4  # the first ones untimed
    assert times.shape == (3, 2)
    assert (times[:, 0] >= longer).all()
    assert (times[:, 1] >= 2 * longer).all()


def test_a_short_work_is_repeated_and_its_time_is_that_of_one_run() -> None:
    count = 0

    def work() -> None:
        nonlocal count
        count += 1
        _compute(0.2)

    times = interleaved_milliseconds([work])
    assert times.shape == (ROUNDS, 1)
    assert count > 2 * ROUNDS
    assert np.median(times) < SHORTEST


def test_time_in_which_others_have_the_processor_does_not_count() -> None:
    times = interleaved_milliseconds([lambda: (time.sleep(0.05), _compute(5.0))])
    assert (times < 50).all()


def test_the_spread_is_the_worst_interquartile_range_relative_to_the_median() -> None:
    times = np.random.default_rng(0).gamma(5, size=(9, 4))
    expected = max(iqr(column) / np.median(column) for column in times.T)
    assert timing_spread(times) == pytest.approx(expected)
    assert timing_spread(1000 * times) == pytest.approx(expected)
    assert timing_spread(np.full((5, 3), 7.0)) == 0


def test_an_exponent_is_that_of_a_power() -> None:
    sizes = [1, 2, 5, 20]
    assert exponent(sizes, [3 * n**1.7 for n in sizes]) == pytest.approx(1.7)


@pytest.mark.parametrize(
    ("times", "least", "first"),
    [
        ([1, 2, 4, 8, 16, 32], 2, 3),  # proportional to the size: the larger half
        ([8, 9, 10, 16, 32, 64], 2, 4),  # a large constant: from four times the smallest on
        ([8, 8, 9, 10, 12, 16], 2, 4),  # never four times: the two largest
        ([8, 8, 9, 10, 12, 16], 3, 3),
        ([1, 100], 2, 0),
        ([1, 100], 3, 0),
        ([5], 2, 0),
    ],
)
def test_an_exponent_is_fitted_where_constant_costs_do_not_matter(
    times: list[float], least: int, first: int
) -> None:
    assert times[growing(times, least)] == times[first:]


def test_the_fitted_exponent_is_that_of_the_growth_despite_a_constant_cost() -> None:
    sizes = [2**i for i in range(12)]
    times = [100 + n for n in sizes]
    fitted = growing(times)
    assert exponent(sizes, times) < 0.4
    assert exponent(sizes[fitted], times[fitted]) == pytest.approx(1, abs=0.2)
