"""The page and the tables of all studies."""

import csv
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from conftest import ROOT
from inductive.analysis import betting, contrast, fragility, spending, study_seeds
from inductive.analysis.judge import judge
from inductive.analysis.power import POWER
from inductive.analysis.results import Results
from inductive.analysis.verdicts import MIN_SEEDS
from inductive.core.errors import InputError
from inductive.core.files import write_json
from inductive.report import page as pages
from inductive.report.page import render
from inductive.report.section import write_section
from inductive.report.verdict_files import COMPARISONS, LOOKS, PER_SEED, write_verdicts
from toy_results import make_results

PROSE = {"title": "A toy", "question": "Does it?", "protocol": "As small as can be."}
CLAIMS: list[dict[str, Any]] = [
    {
        "id": "Q1",
        "type": "effect",
        "source": {"document": "S2", "title": "A book", "date": "2024", "section": "p. 3"},
        "stated": "It is at 83 %,\n  within 20.",
        "tested": "The mean.",
        "about": {"boxes": "generated"},
        "defaults": {"metric": "accuracy", "split": "test"},
        "comparisons": [
            {"within": {"of": {"net": "NA"}, "target": "83 %", "margin": "20 points"}},
            {"within": {"of": {"net": ""}, "target": "80 %", "margin": "5 points"}},
        ],
    },
    {
        "id": "Q2",
        "type": "identity",
        "source": "a book",
        "stated": "Maps are small.",
        "replicated": "cases",
        "comparisons": [
            {
                "never_above": {
                    "of": {"metric": "map size", "layer": "any"},
                    "bound": 5,
                    "tolerance": 0,
                }
            }
        ],
    },
    {
        "id": "Q3",
        "type": "effect",
        "source": "a book",
        "stated": "A huge one is right.",
        "comparisons": [
            {
                "within": {
                    "of": {"metric": "accuracy", "net": "huge"},
                    "target": "100 %",
                    "margin": "1 point",
                }
            }
        ],
    },
]


@pytest.fixture
def results(tmp_path: Path) -> Results:
    made = make_results(tmp_path)
    folder = made.paths.study("toy")
    write_section(folder, PROSE, made, lambda _: [], lambda _: [])
    _judge(made, CLAIMS)
    return made


def _judge(results: Results, claims: list[dict[str, Any]]) -> None:
    folder, lock = results.paths.study("toy"), results.paths.lock("toy")
    write_verdicts(folder, judge(claims, results), results.published, lock)


def _page(results: Results) -> str:
    render(results.paths, ["toy"], {"toy.seeds": ["10", "3"]})
    text = (results.paths.report / "index.html").read_text()
    return " ".join(text.split())


def test_the_page_shows_sections_verdicts_and_what_diverged(results: Results) -> None:
    page = _page(results)
    for text in (
        "A toy",
        "1 of 6 trained networks diverged",
        "1 parameter differs",
        "3 of them above it",
        "boxes",
        "arm64 CPU, x86_64 CPU",
        'id="claim-Q1"',
        "80 %, 3 seeds (1 value not finite)",
    ):
        assert text in page


def test_identities_are_counted_apart_and_error_rates_are_named(results: Results) -> None:
    page = _page(results)
    assert "Claims about networks and measurements:" in page
    assert 'Identities: <span class="verdict contradicted">1 contradicted</span>' in page
    assert "at or below 5 %" in page
    assert "Here 1 study is judged so" in page
    assert "the expected number of studies with a wrong verdict is at most 0.05." in page
    assert "Seeds on demand" not in page


def test_the_method_on_the_page_is_that_of_the_code(results: Results) -> None:
    page = _page(results)
    assert "<summary>How a verdict is computed</summary>" in page
    assert contrast.widening(8, 1.0) == pytest.approx(1 + 4.9 * 8 ** (-2 / 3))
    assert "1 + 4.9 <i>τ</i> <i>n</i><sup>−2/3</sup>" in page
    assert f"at most {contrast.MOST_CORRECTED:g} times Student's" in page
    assert f"over {betting.BETS} stakes" in page
    assert f"divided by {study_seeds.EXPONENTIAL:g}, the skewness of exponential values" in page
    assert f"at least {MIN_SEEDS} seeds" in page
    assert f"with {100 * POWER:g} % probability" in page
    assert f"up to {fragility.MOST} seeds" in page
    assert spending.levels((3, 6, 12)) == pytest.approx([0.0125, 0.0125, 0.025])
    assert "1.25, 1.25 and 2.5 %" in page
    assert "over seeds only" in page


@pytest.mark.parametrize(
    ("name", "columns"), [("comparisons", COMPARISONS), ("looks", LOOKS), ("per_seed", PER_SEED)]
)
def test_every_column_is_defined(name: str, columns: tuple[str, ...]) -> None:
    text = (ROOT / "results/README.md").read_text()
    section = text.split(f"**{name}.csv**")[1].split("\n**")[0]
    cells = [row.split("|")[1] for row in section.splitlines() if row.startswith("| ")]
    defined = [column.strip() for cell in cells for column in cell.split(",")]
    assert sorted(set(columns) - {"claim", "comparison"}) == sorted(
        set(defined) - {"column", "---"}
    )


def test_what_seeds_on_demand_saved(results: Results) -> None:
    path = results.paths.study("toy") / "section.json"
    write_json(path, json.loads(path.read_text()) | {"networks": 6, "networks_at_most": 1200})
    page = _page(results)
    assert "Seeds on demand: 6 networks were trained instead of the 1,200" in page
    assert "6 of at most 1200 networks trained" in page


def test_the_tables_of_all_studies(results: Results) -> None:
    _page(results)
    report, study = results.paths.report, results.paths.study("toy")
    with open(report / "claims.csv") as stream:
        claims = list(csv.DictReader(stream))
    assert [(c["id"], c["study"], c["verdict"]) for c in claims] == [
        ("Q1", "toy", "inconclusive"),
        ("Q2", "toy", "contradicted"),
        ("Q3", "toy", "not run"),
    ]
    assert all(len(c["hash"]) == 8 for c in claims)
    names = {"comparisons": "verdicts", "looks": "looks", "per_seed": "per_seed"}
    for joined, name in names.items():
        lines = (report / f"{joined}.csv").read_text().splitlines()
        own = (study / f"{name}.csv").read_text().splitlines()
        assert lines == [f"study,{own[0]}", *(f"toy,{line}" for line in own[1:])]
    metrics = json.loads((report / "metrics.json").read_text())
    assert metrics["claims"] == {
        "reproduced": 0,
        "contradicted": 1,
        "inconclusive": 1,
        "other_data": 0,
        "not_run": 1,
    }


@pytest.mark.parametrize("name", ["verdicts.csv", "looks.csv", "per_seed.csv", "verdicts.json"])
def test_a_missing_or_empty_file_of_verdicts_is_named(results: Results, name: str) -> None:
    path = results.paths.study("toy") / name
    path.write_text("")
    with pytest.raises(InputError, match=name):
        _page(results)
    path.unlink()
    with pytest.raises(InputError, match=name):
        _page(results)


def test_an_edit_after_results_existed_is_on_the_page(results: Results) -> None:
    assert "Edited after results existed" not in _page(results)
    _judge(results, [CLAIMS[0] | {"stated": "It is <b>higher</b>."}, *CLAIMS[1:]])
    page = _page(results)
    assert "Edited after results existed:" in page
    assert "stated: It is at 83 %, within 20. -&gt; It is &lt;b&gt;higher&lt;/b&gt;." in page
    claims = pd.read_csv(results.paths.report / "claims.csv").set_index("id")
    assert claims["edited"].notna().tolist() == [True, False, False]
    _judge(results, CLAIMS)
    assert "Edited after results existed" not in _page(results)


def test_the_measured_error_rates_are_shown_where_they_exist(
    results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = {"text": "Simulated <x>.", "columns": ["row", "wrong"], "rows": [["normal", "2.1 %"]]}
    monkeypatch.setattr(pages, "_calibration", lambda: table)
    page = _page(results)
    assert "Simulated &lt;x&gt;." in page
    assert '<th scope="row" class="prose">normal</th><td>2.1 %</td>' in page
    monkeypatch.setattr(pages, "_calibration", lambda: None)
    assert "How often is this judge wrong" not in _page(results)
