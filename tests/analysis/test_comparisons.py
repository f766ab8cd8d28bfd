"""The cases of a claim: numbers with units, what they say in words, published tables."""

from typing import Any

import pytest

from inductive.analysis.comparisons import Case, expand

CLAIM = {"id": "X", "type": "effect", "source": "s", "stated": "t"}


def _expand(claim: dict[str, Any], published: dict[str, Any] | None = None) -> list[Case]:
    return list(expand(CLAIM | claim, published or {}, lambda column: []))


ACCURACY = {"metric": "accuracy"}
OTHER = ACCURACY | {"model": "b"}
WORDS = [
    ({"greater": {"more": ACCURACY, "less": OTHER}}, "accuracy > accuracy, b"),
    (
        {"greater": {"more": ACCURACY, "less": OTHER, "by": "3 points"}},
        "accuracy > accuracy, b + 3 points",
    ),
    (
        {"not_below": {"more": ACCURACY, "less": OTHER, "margin": "1 point"}},
        "accuracy not 1 point below accuracy, b",
    ),
    (
        {"not_below": {"more": ACCURACY, "less": OTHER, "margin": "0 points"}},
        "accuracy not below accuracy, b",
    ),
    (
        {"within": {"of": ACCURACY, "target": "81.5 %", "margin": "1 point"}},
        "accuracy = 81.5 % ± 1 point",
    ),
    (
        {"within": {"of": ACCURACY, "minus": OTHER, "target": "0 points", "margin": "2 points"}},
        "accuracy - accuracy, b = 0 points ± 2 points",
    ),
    (
        {"never_above": {"of": ACCURACY, "bound": "50%", "tolerance": "0 points"}},
        "accuracy never above 50 %",
    ),
    (
        {"never_above": {"of": {"metric": "size"}, "bound": 1.0e-6, "tolerance": 0}},
        "size never above 1e-06",
    ),
]


@pytest.mark.parametrize(("comparison", "words"), WORDS)
def test_descriptions_show_numbers_with_their_units(comparison: dict[str, Any], words: str) -> None:
    (case,) = _expand({"comparisons": [comparison]})
    assert case.description == words
    assert all(isinstance(value, float) for value in case.numbers.values())


def test_numbers_are_those_of_the_text() -> None:
    of = {"of": ACCURACY, "margin": "1.5 points", "target_n": 100, "target_sd": "6e-1 points"}
    (case,) = _expand({"comparisons": [{"within": of | {"target": "-2.5 %"}}]})
    expected = {"margin": 1.5, "target": -2.5, "target_sd": 0.6, "target_n": 100.0}
    assert case.numbers == expected
    assert case.units == {"margin": "points", "target": "%", "target_sd": "points", "target_n": ""}


def test_every_cell_of_a_published_table_is_compared_with_its_own_deviation() -> None:
    cells = {"small": {"a": [90.0, 1.5, 80.0]}, "large": {"a": [95.0, 0.5, 70.0]}}
    table = {
        "table": "cells",
        "levels": ["model", "kind"],
        "entries": [
            {"key": 0, "sd": 1, "n": 10, "of": {"split": "test"}},
            {"key": 2, "of": {"split": "train"}},
        ],
        "margin": "3 points",
    }
    claim = {"defaults": ACCURACY, "published_table": table}
    cases = _expand(claim, {"cells": cells})
    found = [(c.selectors["of"]["model"], c.selectors["of"]["split"], c.numbers) for c in cases]
    own = {"target_n": 10.0, "margin": 3.0}
    assert found == [
        ("small", "test", own | {"target": 90.0, "target_sd": 1.5}),
        ("small", "train", {"target": 80.0, "margin": 3.0}),
        ("large", "test", own | {"target": 95.0, "target_sd": 0.5}),
        ("large", "train", {"target": 70.0, "margin": 3.0}),
    ]
    assert cases[0].description == "small, a, split test = 90 % ± 3 points"


def test_what_seeds_have_in_common_and_what_matters_are_known_of_every_case() -> None:
    claim = {"comparisons": [WORDS[0][0]], "paired": "the same noise", "practical": "0.5 points"}
    (case,) = _expand(claim)
    assert (case.paired, case.practical) == ("the same noise", 0.5)
    (case,) = _expand({"comparisons": [WORDS[0][0]]})
    assert (case.paired, case.practical) == ("", None)
