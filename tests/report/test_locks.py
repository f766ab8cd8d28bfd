"""Claims that were edited after results existed say so, and what changed."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from inductive.core.errors import InputError
from inductive.report.locks import ADDED, claim_hash, lock, locked_content
from inductive.studies import load
from made_up import claim, greater, within

CLAIM = claim(
    "Q",
    greater("a", "b", by="3 points"),
    within("a", "81 %", "1 point"),
    about={"boxes": "real"},
)


def _lock(path: Path, changed: dict[str, Any], judged: bool = True) -> list[str]:
    return lock(path, {"Q": locked_content(changed, {})}, ["Q"] if judged else [])["Q"]


def _edited(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy(CLAIM) | changes


def test_an_edit_is_named_until_it_is_undone(tmp_path: Path) -> None:
    path = tmp_path / "locks/toy.json"
    assert _lock(path, CLAIM) == []
    moved = _edited(comparisons=[greater("a", "b", by="5 points"), CLAIM["comparisons"][1]])
    assert _lock(path, moved) == ["comparison 1, by: 3 points -> 5 points"]
    assert _lock(path, moved) == ["comparison 1, by: 3 points -> 5 points"]
    assert _lock(path, CLAIM) == []
    versions = json.loads(path.read_text())["Q"]["versions"]
    assert [v["hash"] for v in versions] == [
        claim_hash(locked_content(each, {})) for each in (CLAIM, moved)
    ]


@pytest.mark.parametrize(
    ("changes", "edits"),
    [
        ({"stated": "More."}, ["stated: What Q says. -> More."]),
        ({"tested": "The mean."}, ["tested: nothing -> The mean."]),
        ({"about": {"boxes": "own"}}, ["about, boxes: real -> own"]),
        ({"needs": {"epochs": 5}}, ["needs, epochs: nothing -> 5"]),
        ({"replicated": "draws"}, ["replicated: seeds -> draws"]),
        ({"paired": "the noise"}, ["paired: nothing -> the noise"]),
        (
            {"comparisons": [CLAIM["comparisons"][1]]},
            [
                "a comparison: greater (more metric accuracy, more net a, less metric accuracy, "
                "less net b, by 3 points) -> nothing"
            ],
        ),
        (
            {"comparisons": [within("a", "82 %", "1 point"), CLAIM["comparisons"][0]]},
            ["comparison 1, target: 81 % -> 82 %"],
        ),
        ({"defaults": {"metric": "error"}}, None),
    ],
)
def test_everything_that_a_verdict_depends_on_is_locked(
    tmp_path: Path, changes: dict[str, Any], edits: list[str] | None
) -> None:
    path = tmp_path / "toy.json"
    _lock(path, CLAIM)
    found = _lock(path, _edited(**changes))
    if edits is None:
        assert len(found) == 3  # each selector of its comparisons
    else:
        assert sorted(map(_words, found)) == sorted(map(_words, edits))


def _words(text: str) -> list[str]:
    """The order of a selector's keys does not matter."""
    return sorted(text.replace(",", "").replace("(", "").replace(")", "").split())


def test_another_spelling_is_no_edit(tmp_path: Path) -> None:
    path = tmp_path / "toy.json"
    _lock(path, CLAIM)
    respelled = _edited(
        stated="What Q\n  says.",
        replicated="seeds",
        defaults={},
        comparisons=[
            {
                "within": {
                    "of": {"net": "a", "metric": "accuracy"},
                    "margin": "1.0 point",
                    "target": "81.0 %",
                }
            },
            {
                "greater": {
                    "less": {"net": "b", "metric": "accuracy"},
                    "more": {"net": "a", "metric": "accuracy"},
                    "by": "3 points",
                }
            },
        ],
    )
    assert _lock(path, respelled) == []


def test_a_claim_without_results_may_be_edited(tmp_path: Path) -> None:
    path = tmp_path / "toy.json"
    assert _lock(path, CLAIM, judged=False) == []
    assert not path.exists()
    edited = _edited(stated="More.")
    assert _lock(path, edited) == []
    assert _lock(path, CLAIM, judged=False) == ["stated: More. -> What Q says."]


def test_a_claim_that_is_removed_for_a_while_stays_locked(tmp_path: Path) -> None:
    path = tmp_path / "toy.json"
    _lock(path, CLAIM)
    lock(path, {"R": locked_content(CLAIM, {})}, ["R"])
    assert _lock(path, _edited(stated="More.")) == ["stated: What Q says. -> More."]


def test_a_claim_that_is_younger_than_results_says_so(tmp_path: Path) -> None:
    path = tmp_path / "toy.json"
    both = {"Q": locked_content(CLAIM, {}), "R": locked_content(CLAIM, {})}
    assert lock(path, {"Q": both["Q"]}, ["Q"]) == {"Q": []}
    assert lock(path, both, ["Q", "R"]) == {"Q": [], "R": [ADDED]}
    assert lock(path, both, ["Q"]) == {"Q": [], "R": [ADDED]}


def test_a_claim_that_was_there_and_could_not_be_judged_was_not_added(tmp_path: Path) -> None:
    path = tmp_path / "toy.json"
    both = {"Q": locked_content(CLAIM, {}), "R": locked_content(CLAIM, {})}
    lock(path, both, ["Q"])
    assert lock(path, both, ["Q", "R"]) == {"Q": [], "R": []}


def test_other_numbers_of_seeds_are_named_and_leave_the_hash(tmp_path: Path) -> None:
    path = tmp_path / "toy.json"
    few, more = (locked_content(CLAIM, {}, seeds) for seeds in ("3, 6, 12", "40"))
    assert claim_hash(few) == claim_hash(more)
    lock(path, {"Q": few}, ["Q"])
    assert lock(path, {"Q": more}, ["Q"]) == {"Q": ["seeds: 3, 6, 12 -> 40"]}


def test_published_cells_are_locked(tmp_path: Path) -> None:
    study = load("translation")
    (table,) = (c for c in study.claims if c["id"] == "T7")
    path, published = tmp_path / "translation.json", copy.deepcopy(study.published)
    before = {"T7": locked_content(table, study.published)}
    assert lock(path, before, ["T7"]) == {"T7": []}
    name = table["published_table"]["table"]
    cells = published[name]
    while isinstance(cells, dict):
        inside, cells = cells, next(iter(cells.values()))
        key = next(iter(inside))
    inside[key] = [value + 1 for value in cells] if isinstance(cells, list) else cells + 1
    (edits,) = lock(path, {"T7": locked_content(table, published)}, ["T7"]).values()
    assert edits
    assert all(", target: " in edit or ", target_sd: " in edit for edit in edits)


@pytest.mark.parametrize("damage", ["{", "[]", '{"Q": 1}', '{"Q": [{}]}', "edited"])
def test_a_damaged_file_is_named(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "toy.json"
    _lock(path, CLAIM)
    path.write_text(
        path.read_text().replace("3 points", "5 points") if damage == "edited" else damage
    )
    with pytest.raises(InputError, match=r"toy\.json"):
        _lock(path, CLAIM)
