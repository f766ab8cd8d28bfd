"""Numbers with units: what they state, and what is none."""

from typing import Any

import pytest

from inductive.analysis.quantity import Quantity, level_unit, parse_quantity, unit_words


@pytest.mark.parametrize(
    ("written", "value", "unit"),
    [
        (3, 3, ""),
        (0.25, 0.25, ""),
        ("-3", -3, ""),
        ("1e-6", 1e-6, ""),
        ("3 points", 3, "points"),
        ("81.5 %", 81.5, "%"),
        ("81.5%", 81.5, "%"),
        (" +.5  bits ", 0.5, "bits"),
        ("1.5e2 ms", 150, "ms"),
    ],
)
def test_a_number_and_its_unit(written: Any, value: float, unit: str) -> None:
    assert parse_quantity(written) == (value, unit)


@pytest.mark.parametrize(
    "written", [True, None, [], {}, "", "points", "% 3", "nan", float("nan"), float("inf"), "1e999"]
)
def test_what_is_no_quantity(written: Any) -> None:
    assert parse_quantity(written) is None


def test_a_quantity_is_written_as_it_is_read() -> None:
    for text in ("3 points", "81.5 %", "-0.3 bits", "2"):
        quantity = parse_quantity(text)
        assert quantity is not None
        assert str(quantity) == text
    assert str(Quantity(1e-6)) == "1e-06"


def test_levels_and_differences_have_different_units_where_they_are_shares() -> None:
    for unit in ("%", "bits", "px", "ms", "°", "images"):
        for word in unit_words(unit, difference=True):
            assert level_unit(word) in unit_words(unit, difference=False)
    assert unit_words("", difference=True) == unit_words("", difference=False) == ()
