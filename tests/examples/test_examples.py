"""The notebook, and the study outside the package, as a user runs them."""

import re
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient

from conftest import ROOT, Project

pytestmark = pytest.mark.pipeline


def test_the_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(tmp_path / "project")
    project.write_params(project.read_params() | {"studies": ["translation", "rotation"]})
    project.snakemake()
    monkeypatch.setenv("INDUCTIVE_RESULTS", str(project.folder / "results/full"))
    monkeypatch.setenv("PYTHONPATH", str(project.folder / "src"))
    notebook = nbformat.read(ROOT / "examples/atlas.ipynb", as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)  # kept without outputs
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute(cwd=str(tmp_path))
    outputs = {cell["id"]: cell.get("outputs", []) for cell in notebook.cells}
    texts = [str(o["data"]["text/plain"]) for os in outputs.values() for o in os if "data" in o]
    difference = next(text for text in texts if re.fullmatch(r"tensor\([\d.e-]+\)", text))
    assert float(difference[7:-1]) < 1e-4  # p4 is invariant to quarter turns
    assert any("image/png" in o.get("data", {}) for os in outputs.values() for o in os)


def test_a_study_outside_the_package(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    (project.folder / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    preset = "preset=examples/my_study/my_study.yaml"
    project.snakemake("--config", preset)
    folder = project.folder / "results/my_study"
    table = pd.read_csv(folder / "studies/label_noise/tables/accuracy.csv")
    assert set(table["model"]) == {"words", "neighbours"}
    assert pd.read_csv(folder / "report/claims.csv")["id"].tolist() == ["N1"]
    assert "label noise" in (folder / "report/index.html").read_text().lower()
    assert project.planned("--config", preset) == []
    # Its own code is in its identity, like that of the studies in the package.
    task = project.folder / "examples/my_study/label_noise/task.py"
    task.write_text(task.read_text() + "\n_EDITED = 1\n")
    trained = [job for job in project.planned("--config", preset) if job.startswith("train ")]
    assert len(trained) == 6


@pytest.mark.parametrize("part", ["plan.py", "metrics.py"])
def test_a_study_with_a_missing_module_is_named(tmp_path: Path, part: str) -> None:
    project = Project(tmp_path / "project")
    (project.folder / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    (project.folder / "examples/my_study/label_noise" / part).unlink()
    text = project.inductive("plan", "--preset", "examples/my_study/my_study.yaml", ok=False)
    assert f"a study without {part}" in text
    assert "Traceback" not in text


def test_two_studies_of_one_name_are_refused(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    (project.folder / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    own = project.folder / "examples/my_study"
    (own / "label_noise").rename(own / "citation")
    text = project.inductive("plan", "--preset", "examples/my_study/my_study.yaml", ok=False)
    assert "a study of the name 'citation' is in" in text
    assert "Traceback" not in text
