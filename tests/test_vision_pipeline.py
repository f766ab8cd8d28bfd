"""The four image studies through the whole DAG: made once, remade in part, the same anywhere."""

import json
from pathlib import Path

import pandas as pd
import pytest

from conftest import Project

pytestmark = pytest.mark.pipeline

STUDIES = ["rotation", "galaxy", "contrastive", "segmentation"]
CLAIMS = {"rotation": "R1 R2 R3 R4 R5", "galaxy": "X1 X2 X3 X4 X5"}
CLAIMS |= {"contrastive": "C1 C2 C3 C4", "segmentation": "U1 U2"}


def _project(folder: Path) -> Project:
    project = Project(folder)
    project.write_params(project.read_params() | {"studies": STUDIES})
    return project


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = _project(tmp_path_factory.mktemp("vision") / "project")
    project.snakemake()
    return project


def test_afterwards_there_is_nothing_to_do(done: Project) -> None:
    assert done.planned() == []


@pytest.mark.parametrize("study", STUDIES)
def test_every_study_has_tables_figures_and_all_its_verdicts(done: Project, study: str) -> None:
    folder = done.folder / "results/full/studies" / study
    section = json.loads((folder / "section.json").read_text())
    assert [v["id"] for v in section["verdicts"]] == CLAIMS[study].split()
    for table in section["tables"]:
        assert len(pd.read_csv(folder / "tables" / f"{table['id']}.csv"))
        assert all(len(row) == len(table["columns"]) for row in table["rows"])
    for figure in section["figures"]:
        assert figure["alt"]
        assert figure["caption"]
        assert "<svg" in (folder / "figures" / f"{figure['id']}.svg").read_text()


def test_exact_claims_hold_on_any_data(done: Project) -> None:
    """p4 is invariant at its angles, and a common softmax is no softmax, trained well or not."""
    claims = pd.read_csv(done.folder / "results/full/report/claims.csv").set_index("id")["verdict"]
    assert claims["R4"] == "reproduced"
    assert claims["C4"] == "reproduced"


def test_a_changed_number_remakes_its_runs_only(done: Project) -> None:
    before = (done.folder / "params.yaml").read_text()
    params = done.read_params()
    params["rotation"]["variants"]["p4"]["disc"] = True
    params["galaxy"]["variants"]["dropout"] = {"dropout": 0.4}
    done.write_params(params)
    planned = [job.rsplit("-", 1)[0] for job in done.planned() if job.startswith("train")]
    assert planned == ["train cifar10-p4", "train clean-dropout"]
    (done.folder / "params.yaml").write_text(before)
    assert done.planned() == []


def test_edited_views_remake_a_study_and_not_its_runs(done: Project) -> None:
    path = done.folder / "src/inductive/studies/galaxy_views.py"
    before = path.read_text()
    path.write_text(before.replace("Recall by class", "Recall of classes"))
    assert done.planned() == ["report", "study galaxy"]
    path.write_text(before)
    assert done.planned() == []


def test_two_folders_give_the_same_numbers(done: Project, tmp_path: Path) -> None:
    other = _project(tmp_path / "other")
    other.snakemake("runs", "--cores", "1")
    theirs = other.files("results/full/runs/**/*.csv")
    assert len(theirs) == 2 * 15
    assert theirs.items() <= done.files("results/full/runs/**/*.csv").items()
    weights = "results/full/runs/**/*.safetensors"
    assert other.files(weights).items() <= done.files(weights).items()
