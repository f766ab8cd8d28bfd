"""The files of a study and of the page, from small results."""

import csv
import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from inductive.analysis.judge import judge
from inductive.analysis.results import Results
from inductive.analysis.verdicts import Comparison, Verdict
from inductive.report import figures as plotting
from inductive.report.elements import Figure, Table
from inductive.report.page import render
from inductive.report.section import write_section, write_verdicts
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
            {"within": {"of": {"net": "NA"}, "target": 83, "margin": 20}},
            {"within": {"of": {"net": ""}, "target": 80, "margin": 5}},
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
                    "target": 100,
                    "margin": 1,
                }
            }
        ],
    },
]


def _tables(results: Results) -> list[Table]:
    e = results.accuracy(net="NA")
    assert e is not None
    data = pd.DataFrame({"net": ["NA", "bad"], "mean": [e.mean, np.nan], "n": [e.n, 0]})
    return [Table("accuracy", "Accuracy", "In %.", ["net", "test"], [["NA", "83.0"]], data)]


def _figures(results: Results) -> list[Figure]:
    assert mpl.rcParams["svg.fonttype"] == "none"
    drawing, (ax,) = plotting.axes()
    plotting.band(ax, results.sweep("shift", net="NA"), "NA", 0)
    return [Figure("shift", "By shift", "Lower.", "A falling curve.", drawing)]


@pytest.fixture
def results(tmp_path: Path) -> Results:
    made = make_results(tmp_path)
    folder = made.paths.study("toy")
    write_section(folder, PROSE, made, _tables, _figures)
    write_verdicts(folder, judge(CLAIMS, made))
    return made


def _json(path: Path) -> Any:
    return json.loads(path.read_text())


def test_section_contains_everything_except_the_verdicts(results: Results) -> None:
    section = _json(results.paths.study("toy") / "section.json")
    assert {key: section[key] for key in PROSE} == PROSE
    assert section["study"] == "toy"
    assert section["datasets"] == [{"name": "boxes", "kind": "generated"}]
    assert (section["seeds"], section["runs"]) == ([3], 3)
    assert (section["networks"], section["diverged"]) == (6, 1)
    assert section["made"] == {
        "device": ["arm64 CPU", "x86_64 CPU"],
        "commit": ["abc", "abd"],
        "torch": ["2.14"],
        "wall_minutes": 3.1,
        "peak_memory_mib": 200,
    }
    assert "verdicts" not in section


def test_tables_and_figures_are_files(results: Results) -> None:
    folder = results.paths.study("toy")
    assert (folder / "tables/accuracy.csv").read_text() == "net,mean,n\nNA,83,3\nbad,,0\n"
    assert (folder / "figures/shift.svg").read_text().startswith("<svg ")


def test_a_changed_drawing_changes_the_section(results: Results, tmp_path: Path) -> None:
    def other(of: Results) -> list[Figure]:
        (figure,) = _figures(of)
        figure.drawing.axes[0].set_title("changed")
        return [figure]

    folder = results.paths.study("toy")
    before = _json(folder / "section.json")
    write_section(folder, PROSE, results, _tables, _figures)
    assert _json(folder / "section.json") == before
    write_section(folder, PROSE, results, _tables, other)
    assert _json(folder / "section.json")["drawn"] != before["drawn"]


def test_verdicts_are_a_row_per_comparison_and_a_summary_per_claim(results: Results) -> None:
    folder = results.paths.study("toy")
    with open(folder / "verdicts.csv") as stream:
        rows = list(csv.DictReader(stream))
    assert [(r["claim"], r["verdict"], r["n"], r["not_finite"]) for r in rows] == [
        ("Q1", "reproduced", "3", "0"),
        ("Q1", "inconclusive", "2", "1"),
        ("Q2", "contradicted", "0", "0"),
        ("Q3", "not run", "0", "0"),
    ]
    assert [r["effect"] for r in rows] == ["83", "80", "1.5", ""]
    assert [float(rows[0][key]) for key in ("low", "high")] == pytest.approx(
        [76.43, 89.57], abs=0.01
    )
    q1, q2, q3 = _json(folder / "verdicts.json")
    assert q1["stated"] == "It is at 83 %, within 20."
    assert (q1["source"], q1["tested"]) == ("A book, 2024, p. 3", "The mean.")
    assert q1["effect"] == "80.00 % [-47.06, 207.06], n = 2 (1 more not finite)"
    assert q2["effect"].startswith("6 cases, largest error ")
    assert "3 of them above it" in q2["effect"]
    assert [row["p"] for row in rows if row["claim"] == "Q2"] == [""]
    assert (q3["effect"], q3["comparison"], q3["verdict"]) == ("", "", "not run")


def test_small_effects_are_powers_of_ten(tmp_path: Path) -> None:
    values = np.array([0.001, 0.002, 0.003])
    comparison = Comparison("a > b", values, (0.0, np.inf), unit="s", paired=True)
    claim = {"id": "Q", "type": "effect", "source": "s", "stated": "t"}
    verdict = Verdict(claim, "inconclusive", "r", (), (comparison,))
    write_verdicts(tmp_path, [verdict])
    (summary,) = _json(tmp_path / "verdicts.json")
    assert summary["effect"] == "2e-03 s [-5e-04, 4e-03], n = 3"
    with open(tmp_path / "verdicts.csv") as stream:
        assert float(next(csv.DictReader(stream))["d"]) == pytest.approx(2.0)


def test_the_page_shows_sections_verdicts_and_what_diverged(results: Results) -> None:
    render(results.paths, ["toy"], {"toy.seeds": ["10", "3"]})
    folder = results.paths.report
    page = (folder / "index.html").read_text()
    for text in (
        "A toy",
        "1 of 6 trained networks diverged",
        "1 parameter differs",
        "3 of them above it",
        "boxes",
        "arm64 CPU, x86_64 CPU",
        'id="claim-Q1"',
        "<svg aria-hidden",
    ):
        assert text in page
    with open(folder / "claims.csv") as stream:
        claims = list(csv.DictReader(stream))
    assert [(c["id"], c["study"], c["verdict"]) for c in claims] == [
        ("Q1", "toy", "inconclusive"),
        ("Q2", "toy", "contradicted"),
        ("Q3", "toy", "not run"),
    ]
    metrics = _json(folder / "metrics.json")
    assert metrics["claims"] == {
        "reproduced": 0,
        "contradicted": 1,
        "inconclusive": 1,
        "other_data": 0,
        "not_run": 1,
    }
    assert metrics["toy"]["accuracy"]["bad"] is None
