"""Distortions against a loop, and sets of almost orthogonal vectors against Rankin's bound."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inductive.studies.geometry.evaluate import (
    almost_orthogonal,
    distortion,
    least_dimension,
    span_coordinates,
    squared_distances,
)

SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(2, 12), st.floats(0.1, 0.95))
def test_almost_orthogonal_sets_are_reproducible_and_within_the_bounds(
    seed: int, n: int, delta: float
) -> None:
    count = almost_orthogonal(np.random.default_rng(seed), n, delta, 50, 40)
    again = almost_orthogonal(np.random.default_rng(seed), n, delta, 50, 40)
    assert 1 <= count == again <= 40
    # Rankin's bound: with products of at most δ < 1/n there are no more than 2n such lines.
    if delta < 1 / n:
        assert count <= 2 * n


def test_distortion_against_a_loop_and_of_isometries() -> None:
    rng = np.random.default_rng(0)
    points, matrix = rng.normal(size=(9, 5)), rng.normal(size=(5, 3))
    projected = points @ matrix
    worst = max(
        abs(((projected[i] - projected[j]) ** 2).sum() / ((points[i] - points[j]) ** 2).sum() - 1)
        for i in range(9)
        for j in range(i)
    )
    assert distortion(points, projected) == pytest.approx(worst)
    turned = points @ np.linalg.qr(rng.normal(size=(5, 5)))[0]
    assert distortion(points, turned) < 1e-12
    assert least_dimension(300, 0.5) == math.ceil(32 * math.log(300))


def test_coordinates_in_the_span_keep_all_distances() -> None:
    points = np.random.default_rng(0).normal(size=(6, 20))
    reduced = span_coordinates(points)
    assert reduced.shape == (6, 6)
    np.testing.assert_allclose(squared_distances(reduced), squared_distances(points))
