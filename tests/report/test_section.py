"""The tables and figures of a study, from small results."""

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from inductive.analysis.results import Results
from inductive.report import figures as plotting
from inductive.report.elements import Figure, Table
from inductive.report.section import write_section
from toy_results import make_results

PROSE = {"title": "A toy", "question": "Does it?", "protocol": "As small as can be."}


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
    return made


def _json(path: Path) -> Any:
    return json.loads(path.read_text())


def test_section_contains_everything_except_the_verdicts(results: Results) -> None:
    section = _json(results.paths.study("toy") / "section.json")
    assert {key: section[key] for key in PROSE} == PROSE
    assert section["study"] == "toy"
    assert section["datasets"] == [{"name": "boxes", "kind": "generated"}]
    assert (section["seeds"], section["runs"]) == ([3], 3)
    assert (section["networks"], section["networks_at_most"], section["diverged"]) == (6, 6, 1)
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
