"""The study's position encodings and their scores against the formulas."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inductive.studies.positions.encodings import standard, unpaired
from inductive.studies.positions.scores import by_distance, largest_rise, spread_on_diagonals


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 40), st.integers(3, 30))
def test_the_standard_encoding_against_its_formula_and_its_scores(half: int, n: int) -> None:
    p = 2 * half
    encoding = standard(p, n)
    for k in range(half):
        for i in (0, 1, n - 1):
            angle = i / 10000 ** (2 * k / p)
            expected = [math.sin(angle), math.cos(angle)]
            assert encoding[2 * k : 2 * k + 2, i].tolist() == pytest.approx(expected)
    scores = encoding.T @ encoding
    np.testing.assert_allclose(np.diag(scores), p / 2)
    assert spread_on_diagonals(scores) < 1e-9 * p
    # cos a cos b + sin a sin b: the score of a distance is a sum of cosines.
    expected_score = sum(math.cos(2 / 10000 ** (2 * k / p)) for k in range(half))
    assert by_distance(scores)[2] == pytest.approx(expected_score)


def test_scores_that_depend_on_more_than_the_distance_are_detected() -> None:
    encoding = unpaired(64, 32)
    assert spread_on_diagonals(encoding.T @ encoding) > 0.5


def test_the_largest_rise_is_relative_to_the_lowest_earlier_score() -> None:
    assert largest_rise(np.array([3.0, 2.0, 1.0])) == 0
    assert largest_rise(np.array([3.0, 1.0, 1.5, 0.5, 2.25])) == 1.75
