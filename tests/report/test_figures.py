"""Figures: equal text for any user settings, which are not changed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from inductive.analysis.statistics import estimate
from inductive.report import figures

WEIRD = {"font.size": 30.0, "axes.facecolor": "red", "lines.linewidth": 9.0, "svg.fonttype": "path"}
POINTS = pd.DataFrame({"at": [0, 1, 2], "mean": [1.0, 2.0, 4.0], "low": [0.5, 1, 3], "high": 5.0})


def settings() -> dict[str, object]:
    """All settings of matplotlib; reading the backend by its name would choose one."""
    own = {key: mpl.rcParams[key] for key in mpl.rcParams if key != "backend"}
    return own | {"backend": mpl.get_backend(auto_select=False)}


def drawn() -> str:
    """A figure of every kind of element, as SVG."""
    with figures.style():
        figure, axes = figures.axes(2, width=5)
        figures.band(axes[0], POINTS, "a", 0)
        figures.band(axes[0], POINTS, "b", 1, dashed=True)
        figures.heat_map(axes[1], np.array([[10.0, np.nan]]), ["row"], ["x", "y"], "map")
        figures.legend(figure, axes[:1], 2)
    return figures.to_svg(figure, "toy-all")


def test_style_does_not_change_the_user_s_settings() -> None:
    before = settings()
    drawn()
    assert settings() == before
    with pytest.raises(ZeroDivisionError), figures.style():
        _ = 1 / 0
    assert settings() == before


def test_the_user_s_settings_do_not_change_a_figure() -> None:
    plain = drawn()
    with mpl.rc_context(WEIRD):
        assert drawn() == plain
        assert mpl.rcParams["font.size"] == 30


def test_a_user_s_matplotlibrc_does_not_change_a_figure(tmp_path: Path) -> None:
    lines = [*(f"{key}: {value}" for key, value in WEIRD.items()), "backend: pdf"]
    (tmp_path / "matplotlibrc").write_text("\n".join(lines))
    program = """
import sys
sys.path.insert(0, sys.argv[1])
import test_figures as t
before = t.settings()
assert before["font.size"] == 30
assert before["backend"] == "pdf"
sys.stdout.write(t.drawn())
assert t.settings() == before
"""
    env = os.environ | {"MATPLOTLIBRC": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program, str(Path(__file__).parent)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    assert done.stdout == drawn()


def test_importing_the_report_changes_no_global_state() -> None:
    program = """
import sys
import matplotlib as mpl
before = {key: mpl.rcParams[key] for key in mpl.rcParams if key != "backend"}
import inductive.report.page
assert {key: mpl.rcParams[key] for key in mpl.rcParams if key != "backend"} == before
assert mpl.get_backend(auto_select=False) is None
assert not {"matplotlib.pyplot", "torch"} & set(sys.modules)
"""
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", program], env=env, check=True)


def test_two_figures_of_one_page_share_no_id() -> None:
    with figures.style():
        figure = Figure()
        figure.subplots().plot([1, 2])
    first, second = figures.to_svg(figure, "one"), figures.to_svg(figure, "two")
    ids = [set(re.findall(r'\bid="([^"]+)"', svg)) for svg in (first, second)]
    assert ids[0]
    assert not ids[0] & ids[1]
    for svg, own in zip((first, second), ids, strict=True):
        assert set(re.findall(r'(?:href="|url\()#([^")]+)', svg)) <= own
    assert first == figures.to_svg(figure, "one")


def test_a_figure_uses_the_page_s_text_colour_and_contains_its_width() -> None:
    svg = drawn()
    assert svg.startswith('<svg style="--inches: 5"') or 'style="--inches: 5"' in svg[:300]
    assert "currentColor" in svg
    assert figures.INK not in svg
    assert "height=" not in svg[: svg.index(">")]


def _history(values: dict[int, list[float]]) -> pd.DataFrame:
    rows = [
        {"net": "a", "seed": seed, "epoch": e + 1, "split": "train", "metric": "loss", "value": v}
        for seed, each in values.items()
        for e, v in enumerate(each)
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_curve_ends_where_the_first_seed_ends(bad: float) -> None:
    whole = {0: [3.0, 2.0, 1.0], 1: [4.0, 3.0, 1.5], 2: [5.0, 2.5, 2.0]}
    ((name, points),) = figures.curves(_history(whole), "net", "loss", "train")
    assert name == "a"
    assert points["at"].tolist() == [1, 2, 3]
    assert tuple(points.iloc[0])[1:] == estimate(np.array([3.0, 4.0, 5.0]))[:3]
    for shorter in (whole | {1: [4.0, 3.0]}, whole | {1: [4.0, 3.0, bad]}):
        ((_, cut),) = figures.curves(_history(shorter), "net", "loss", "train")
        assert cut.equals(points.iloc[:2])
