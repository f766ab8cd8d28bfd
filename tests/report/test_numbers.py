"""Numbers have two significant digits of their error."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inductive.report.numbers import about, at_least, counted, exact_number, rounded, two_digits


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (81.5349, 0.6149, "81.53"),
        (81.5349, 6.149, "81.5"),
        (81.5349, 61.49, "82"),
        (1234.0, 614.9, "1230"),
        (0.5, 0.0996, "0.50"),
        (-0.001, 0.61, "0.00"),
        (-1.5, 0.5, "-1.50"),
        (2e-9, 1.2e-9, "2.0e-09"),
        (0.1 + 0.2, 0.0, "0.3"),
        (3.0, np.inf, "3.0"),
        (np.nan, 1.0, "—"),
        (np.inf, 1.0, "—"),
    ],
)
def test_a_value_is_as_precise_as_its_error(value: float, error: float, text: str) -> None:
    assert rounded(value, error) == text


@given(st.floats(-1e6, 1e6), st.floats(1e-12, 1e6))
def test_rounding_changes_a_value_by_less_than_its_error_shows(value: float, error: float) -> None:
    """By at most half of the second significant digit of the error."""
    assert abs(float(rounded(value, error)) - value) <= 0.05 * error * (1 + 1e-6) + 1e-15 * abs(
        value
    )


@pytest.mark.parametrize("unit", ["%", "points"])
def test_shares_are_not_rounded_to_tens(unit: str) -> None:
    assert rounded(63.4, 160.0, unit) == "63"
    assert (rounded(63.4, 160.0), rounded(63.4, 160.0, "bits")) == ("60", "60")
    assert rounded(63.44, 1.6, unit) == "63.4"
    assert at_least(123.4, unit) == "124"


def test_a_number_without_error_has_three_digits() -> None:
    values = (2.0, -0.02433, 45.0, 264.0, 12345.6, 0.0, 99.96)
    texts = ["2.00", "-0.0243", "45.0", "264", "12346", "0", "100"]
    assert [exact_number(value) for value in values] == texts


@given(st.floats(1e-9, 1e9))
def test_a_bound_is_rounded_up(value: float) -> None:
    assert value * (1 - 1e-9) <= float(at_least(value)) <= 1.1 * value * (1 + 1e-9)


def test_counts() -> None:
    assert (counted(1, "seed"), counted(1200, "seed")) == ("1 seed", "1,200 seeds")
    assert (about(24, "seed"), about(1234, "seed")) == ("24 seeds", "about 1,200 seeds")
    assert two_digits(0.01234) == "0.012"
