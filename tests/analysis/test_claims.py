"""Claims are checked before any job: an error is one line with study, claim, value, allowed."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inductive.analysis.claims import check_claims
from inductive.analysis.comparisons import expand
from inductive.core.errors import InputError
from inductive.core.metric import TRAINED, number, share
from inductive.core.run import Run
from inductive.studies import Study, discover

METRICS = {
    "accuracy": share("shift"),
    "loss": number(),
    "map size": number("layer"),
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
    "needs": {"epochs": 3, "shifts": [0]},
    "defaults": {"metric": "accuracy", "split": "test"},
    "comparisons": [
        {"greater": {"more": {"net": "large"}, "less": {"net": "small"}, "margin": -1}},
        {
            "within": {"of": {"shift": "largest"}, "target": 50, "margin": 5},
            "each": {"net": "all", "depth": [2, 4]},
        },
    ],
}
TABLE = {
    "table": "cells",
    "levels": ["net", "depth"],
    "entries": [{"key": 0, "of": {"selection": "best"}}],
    "margin": 3,
}


def _check(*claims: Any, published: Any = PUBLISHED) -> None:
    check_claims("toy", claims, METRICS, RUNS, published)


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
    (("about", "cora"), "true", "about.cora: unknown kind 'true'"),
    (("about",), "cora", "about: expected data set: kind, found 'cora'"),
    (("tested",), 3, "tested: expected text, found 3"),
    (("comparison",), [], "unknown key 'comparison'; did you mean 'comparisons'?"),
    (("comparisons",), [], "the key 'comparisons' is missing or empty"),
    (("comparisons", 0), {"greatr": {}}, "unknown comparison 'greatr'; did you mean 'greater'?"),
    (("comparisons", 0), {"each": {}}, "expected one of greater, not_below"),
    ((*GREATER, "less"), ABSENT, "greater: the key 'less' is missing"),
    ((*GREATER, "margn"), 1, "greater: unknown key 'margn'; did you mean 'margin'?"),
    ((*GREATER, "margin"), "1", "greater.margin: expected a number, found '1'"),
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


def test_ids_are_unique() -> None:
    assert _error(CLAIM, CLAIM) == "toy/claims.yaml: Q1: the id appears twice"


def test_every_claim_is_a_mapping() -> None:
    assert "claim 2: expected a mapping, found 'Q2'" in _error(CLAIM, "Q2")


@pytest.mark.parametrize("study", sorted(discover()))
def test_the_claims_of_every_study_are_well_formed(
    study: str, make_runs: Callable[..., list[Run]]
) -> None:
    known = discover()[study]
    runs = make_runs(study)
    check_claims(study, known.claims, known.metrics, runs, known.published)

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


def test_an_unknown_document_is_refused(tmp_path: Path) -> None:
    text = "- {id: X, type: effect, source: {document: S9}, stated: a}"
    (tmp_path / "claims.yaml").write_text(text)
    with pytest.raises(InputError, match=r"X: source: unknown document 'S9'"):
        Study("x", tmp_path).claims  # noqa: B018
