"""The skewness of a study's seeds, pooled over its networks."""

import numpy as np
import pytest

from inductive.analysis.contrast import Contrast, Group
from inductive.analysis.study_seeds import Scatter, scatter_of


def _study(values: np.ndarray, **facts: bool) -> list[Contrast]:
    """A comparison of two networks for every two rows."""
    seeds = tuple(range(values.shape[1]))
    return [
        Contrast((Group("a", seeds, a), Group("b", seeds, -b, -1.0)), **facts)
        for a, b in zip(values[::2], values[1::2], strict=True)
    ]


def test_many_networks_show_what_a_few_seeds_of_one_do_not() -> None:
    random = np.random.default_rng(0)
    exponential, normal = random.standard_exponential((100, 5)), random.standard_normal((100, 5))
    assert scatter_of(_study(exponential)).tail > 0.7
    assert scatter_of(_study(-exponential)).tail == scatter_of(_study(exponential)).tail
    assert scatter_of(_study(normal)).tail < 0.2
    assert scatter_of(_study(normal[:2])).tail > scatter_of(_study(normal)).tail


def test_units_do_not_matter_and_a_network_counts_once() -> None:
    values = np.random.default_rng(1).standard_exponential((8, 4))
    once = _study(values)
    assert scatter_of([*once, *once]) == scatter_of(once)
    assert scatter_of(_study(1000 * values)).tail == pytest.approx(scatter_of(once).tail)


def test_of_a_study_that_shows_nothing_the_worst_is_assumed() -> None:
    assert scatter_of([]) == Scatter(1.0, False)
    assert scatter_of(_study(np.zeros((2, 2)))) == Scatter(1.0, False)  # two seeds have no skewness
    assert scatter_of(_study(np.zeros((4, 5)))) == Scatter(0.0, False)  # and no spread
    assert scatter_of(_study(np.zeros((4, 5)), splits=True)).splits
