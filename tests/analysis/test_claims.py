"""Claims are checked before any job: an error is one line with study, claim, value, allowed."""

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inductive.analysis.claims import check_claims
from inductive.analysis.comparisons import expand
from inductive.core.errors import InputError
from inductive.core.metric import TRAINED, number, share
from inductive.core.run import Run
from inductive.data.settings import DataSettings
from inductive.studies import Study, discover

METRICS = {
    "accuracy": share("shift"),
    "loss": number(),
    "bits": number(unit="bits"),
    "angle": number(unit="°"),
    "map size": number("layer", unit="px"),
    **TRAINED,
}
RUNS = [
    Run("toy", net, {"net": net, "depth": 2}, {"epochs": 3}, {"shifts": [0]}, (0, 1), None)
    for net in ("small", "large")
]
PUBLISHED = {"cells": {"small": {2: [90.0, 1.0]}, "large": {2: [95.0, 1.0]}}}
CLAIM: dict[str, Any] = {
    "id": "Q1",
    "type": "effect",
    "source": {"document": "S2", "section": "1"},
    "stated": "Larger is better.",
    "tested": "By accuracy; a point is ours.",
    "about": {"cora": "real"},
    "replicated": "seeds",
    "paired": "the same split",
    "practical": "0.5 points",
    "needs": {"epochs": 3, "shifts": [0]},
    "defaults": {"metric": "accuracy", "split": "test"},
    "comparisons": [
        {"greater": {"more": {"net": "large"}, "less": {"net": "small"}, "by": "1 point"}},
        {
            "within": {"of": {"shift": "largest"}, "target": "50 %", "margin": "5 points"},
            "each": {"net": "all", "depth": [2, 4]},
        },
    ],
}
TABLE = {
    "table": "cells",
    "levels": ["net", "depth"],
    "entries": [{"key": 0, "sd": 1, "n": 10, "of": {"selection": "best"}}],
    "margin": "3 points",
}


def _check(*claims: Any, published: Any = PUBLISHED) -> None:
    check_claims("toy", claims, METRICS, RUNS, published, ("cora", "mnist"))


def _error(*claims: Any) -> str:
    with pytest.raises(InputError) as error:
        _check(*claims)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_complete_claim_passes() -> None:
    _check(CLAIM, CLAIM | {"id": "Q2", "comparisons": [], "published_table": TABLE})


def test_a_label_value_that_is_not_run_is_no_error() -> None:
    comparison = {"greater": {"more": {"net": "huge"}, "less": {"net": "small"}}}
    _check(CLAIM | {"comparisons": [comparison]})


GREATER, WITHIN = ("comparisons", 0, "greater"), ("comparisons", 1)
ABSENT = object()
WRONG = [
    (("defaults", "metric"), "acuracy", "unknown metric 'acuracy'; did you mean 'accuracy'?"),
    (("defaults", "metric"), ABSENT, "greater.more: the key 'metric' is missing"),
    (("source",), ABSENT, "the key 'source' is missing"),
    (("source",), 3, "source: expected a text, or document and section, found 3"),
    (("source", "documnt"), "S2", "unknown key 'documnt'; did you mean 'document'?"),
    (("type",), "efect", "type: unknown value 'efect'; did you mean 'effect'?"),
    (("replicated",), "seed", "replicated: unknown value 'seed'; did you mean 'seeds'?"),
    (("about", "coar"), "real", "about: unknown data set 'coar'; did you mean 'cora'?"),
    (("about", "cora"), "true", "about.cora: unknown kind 'true'"),
    (("about",), "cora", "about: expected data set: kind, found 'cora'"),
    (("tested",), 3, "tested: expected text, found 3"),
    (("comparison",), [], "unknown key 'comparison'; did you mean 'comparisons'?"),
    (("comparisons",), [], "the key 'comparisons' is missing or empty"),
    (("comparisons", 0), {"greatr": {}}, "unknown comparison 'greatr'; did you mean 'greater'?"),
    (("comparisons", 0), {"each": {}}, "expected one of greater, not_below"),
    ((*GREATER, "less"), ABSENT, "greater: the key 'less' is missing"),
    ((*GREATER, "bi"), 1, "greater: unknown key 'bi'; did you mean 'by'?"),
    ((*GREATER, "by"), "much", "greater.by: expected a number with its unit, found 'much'"),
    ((*GREATER, "by"), 2, "greater.by: 2 has no unit; write '2 points'"),
    ((*GREATER, "by"), "1", "greater.by: 1 has no unit; write '1 point'"),
    ((*GREATER, "by"), "1 pont", "greater.by: unknown unit 'pont'; did you mean 'point'?"),
    (
        (*GREATER, "by"),
        "1 %",
        "unknown unit '%' (allowed: point, points); differences of shares are in points",
    ),
    ((*GREATER, "by"), "1 bits", "greater.by: unknown unit 'bits'"),
    ((*GREATER, "by"), float("inf"), "greater.by: expected a number with its unit"),
    ((*WITHIN, "within", "target"), "50 points", "within.target: unknown unit 'points' (allowed:"),
    (
        (*WITHIN, "within", "target_sd"),
        "2 points",
        "target_sd and target_n are only given together",
    ),
    (("practical",), 1, "practical: 1 has no unit; write '1 point'"),
    (("practical",), "0 points", "practical: 0 points is not above 0"),
    (("practical",), "1 bits", "practical: unknown unit 'bits'"),
    (("paired",), True, "paired: expected text, found True"),
    ((*GREATER, "more"), "large", "greater.more: expected a selector, found 'large'"),
    ((*GREATER, "more_minus"), {}, "more_minus and less_minus are only given together"),
    ((*GREATER, "more", "nett"), "x", "unknown column 'nett'; did you mean 'net'?"),
    ((*GREATER, "more", "layer"), 1, "unknown column 'layer'"),
    ((*GREATER, "more", True), "x", "unknown column 'True'"),
    ((*GREATER, "more", "net"), ["large"], "net: expected one value, found ['large']"),
    ((*GREATER, "more", "shift"), "most", "expected a number, any, largest or smallest, found"),
    ((*GREATER, "less", "metric"), "loss", "'accuracy' and 'loss' have different units"),
    ((*WITHIN, "each", "net"), "every", "each.net: expected a list or all, found 'every'"),
    ((*WITHIN, "each", "nett"), "all", "unknown column 'nett'"),
    (("needs", "epoch"), 3, "needs: unknown number of a run 'epoch'; did you mean 'epochs'?"),
    (("published_table",), TABLE | {"table": "x"}, "unknown table of published.yaml 'x'"),
    (("published_table",), TABLE | {"levels": ["net"]}, "is not nested by ['net']"),
    (("published_table",), TABLE | {"levels": ["net", "width"]}, "unknown column 'width'"),
    (("published_table",), TABLE | {"margin": 3}, "within.margin: 3 has no unit"),
    (("published_table",), TABLE | {"margin": "x"}, "published_table.margin: expected a number"),
    (("published_table",), TABLE | {"entries": [{"key": 0, "of": {}, "n": 10}]}, "sd and n are"),
    (
        ("published_table",),
        TABLE | {"entries": [{"key": 0, "of": {}, "sd": 1, "n": 0.5}]},
        "within.target_n: expected a whole number, at least 2, found 0.5",
    ),
    (("published_table",), TABLE | {"entries": [{}]}, "entries: the key 'key' is missing"),
]


@pytest.mark.parametrize(("path", "value", "message"), WRONG)
def test_claims_that_cannot_be_judged_are_refused(
    path: tuple[Any, ...], value: Any, message: str
) -> None:
    claim: Any = copy.deepcopy(CLAIM)
    node = claim
    for key in path[:-1]:
        node = node[key]
    if value is ABSENT:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    error = _error(claim)
    assert error.startswith("toy/claims.yaml: Q1: ")
    assert message in error


COMPARED = [  # metric, body of a `within`
    ("accuracy", {"target": "90 %", "margin": "1 point"}),
    ("accuracy", {"target": "2 points", "margin": "1.5 points", "minus": {"net": "large"}}),
    ("accuracy", {"target": "9e1%", "margin": "1points", "target_sd": "2 points", "target_n": 10}),
    ("bits", {"target": "1 bit", "margin": "0.3 bits"}),
    ("angle", {"target": "90 degrees", "margin": "1 degree"}),
    ("map size", {"target": "4 px", "margin": "0.5 px"}),
    ("loss", {"target": "1e-3", "margin": 1}),
]


def _of(metric: str, body: dict[str, Any]) -> dict[str, Any]:
    where = {"layer": 1} if metric == "map size" else {}
    of = {"metric": metric, "net": "small"} | where
    body = body | ({"minus": of | body["minus"]} if "minus" in body else {})
    claim = {key: value for key, value in CLAIM.items() if key not in ("practical", "defaults")}
    return claim | {"comparisons": [{"within": {"of": of} | body}]}


@pytest.mark.parametrize(("metric", "body"), COMPARED)
def test_a_number_has_the_unit_of_its_metric(metric: str, body: dict[str, Any]) -> None:
    _check(_of(metric, body))


@pytest.mark.parametrize("number_of", ["target", "margin"])
@pytest.mark.parametrize(("metric", "body"), COMPARED)
def test_another_unit_or_none_is_refused(metric: str, body: dict[str, Any], number_of: str) -> None:
    """A number in grams, and one without its unit or with one that its metric does not have."""
    assert f"within.{number_of}: " in _error(_of(metric, body | {number_of: "1 gram"}))
    other = "1 point" if metric == "loss" else 1
    message = "the metric has no unit" if metric == "loss" else "1 has no unit; write '1 "
    assert message in _error(_of(metric, body | {number_of: other}))


@pytest.mark.parametrize(("metric", "unit"), [("bits", "bits"), ("accuracy", "%")])
def test_a_bound_is_a_level_and_a_tolerance_a_difference(metric: str, unit: str) -> None:
    def claim(bound: Any, tolerance: Any) -> dict[str, Any]:
        body = {"of": {"metric": metric}, "bound": bound, "tolerance": tolerance}
        plain = {key: value for key, value in CLAIM.items() if key != "defaults"}
        return plain | {"comparisons": [{"never_above": body}]}

    tolerance = "0.1 points" if unit == "%" else f"0.1 {unit}"
    _check(claim(f"1 {unit}", tolerance))
    _check(claim({"metric": metric, "net": "small"}, tolerance))
    assert "never_above.bound: 1 has no unit" in _error(claim(1, tolerance))
    assert "never_above.tolerance: 0 has no unit" in _error(claim(f"1 {unit}", 0))


def test_a_practical_difference_has_the_unit_of_every_comparison() -> None:
    loss = {"greater": {"more": {"metric": "loss", "net": "small"}, "less": {"metric": "loss"}}}
    both = CLAIM | {"comparisons": [*CLAIM["comparisons"], loss]}
    assert "practical: '0.5 points': the metric has no unit" in _error(both)


def test_ids_are_unique() -> None:
    assert _error(CLAIM, CLAIM) == "toy/claims.yaml: Q1: the id appears twice in this file"


def test_an_id_has_no_spaces() -> None:
    assert "id: expected letters, digits" in _error(CLAIM | {"id": "Q 1"})


def test_every_claim_is_a_mapping() -> None:
    assert "claim 2: expected a mapping, found 'Q2'" in _error(CLAIM, "Q2")


@pytest.mark.parametrize("study", sorted(discover()))
def test_the_claims_of_every_study_are_well_formed(
    study: str, make_runs: Callable[..., list[Run]]
) -> None:
    known = discover()[study]
    runs = make_runs(study)
    data = DataSettings.model_fields
    check_claims(study, known.claims, known.metrics, runs, known.published, data)

    def values_of(column: str) -> list[Any]:
        return list(dict.fromkeys(run.labels[column] for run in runs))

    for claim in known.claims:
        assert list(expand(claim, known.published, values_of)), claim["id"]


def test_ids_are_unique_over_all_studies() -> None:
    ids = [claim["id"] for study in discover().values() for claim in study.claims]
    assert len(ids) == len(set(ids))


def test_every_claim_names_a_document_that_is_known() -> None:
    for study in discover().values():
        for claim in study.claims:
            assert claim["source"]["title"], claim["id"]
            assert claim["tested"], claim["id"]
            assert claim["replicated"], claim["id"]


def test_readers_see_no_key_of_a_document() -> None:
    key = re.compile(r"\bS[0-4]\b")
    for name, study in discover().items():
        texts = [c.get(k, "") for c in study.claims for k in ("stated", "tested", "paired")]
        assert not [text for text in (*texts, *study.metrics) if key.search(text)], name


def test_an_unknown_document_is_refused(tmp_path: Path) -> None:
    text = "- {id: X, type: effect, source: {document: S9}, stated: a}"
    (tmp_path / "claims.yaml").write_text(text)
    with pytest.raises(InputError, match=r"X: source: unknown document 'S9'"):
        Study("x", tmp_path).claims  # noqa: B018
