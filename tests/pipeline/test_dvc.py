"""DVC with Snakemake: recorded results match the parameters, also in a clone."""

import json
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from conftest import Project
from inductive.core.layout import Layout
from inductive.core.run import Run

pytestmark = pytest.mark.pipeline


def _git(folder: Path, *command: str) -> None:
    identity = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
    subprocess.run(["git", *identity, *command], cwd=folder, check=True, capture_output=True)


def _accuracy(project: Project) -> float:
    table = pd.read_csv(project.folder / "results/full/studies/citation/tables/accuracy.csv")
    return float(table[(table["model"] == "GCN") & (table["selection"] == "best")]["mean"].iloc[0])


def _set_hidden(project: Project, hidden: int) -> None:
    params = project.read_params()
    params["citation"]["models"]["GCN"]["hidden"] = hidden
    project.write_params(params)


def _hidden(project: Project) -> set[int]:
    """The hidden sizes in the report's plan and in the provenance of its runs."""
    plan = json.loads(
        (project.folder / "results/full/studies/citation/section-plan.json").read_text()
    )
    planned = next(run for run in plan["runs"] if run["variant"] == "GCN-public")
    run = Run.from_json(planned)
    made = Layout(project.folder).preset("full").trained(run) / "run.json"
    return {run.training["hidden"], json.loads(made.read_text())["run"]["training"]["hidden"]}


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A repository with all results, committed and pushed to a remote in a folder."""
    folder = tmp_path_factory.mktemp("dvc")
    project = Project(folder / "origin")
    params = project.read_params()
    params["translation"]["course"]["paddings"].pop("circular")
    params["translation"]["clean"]["nets"] = ["Net1"]
    project.write_params(params)
    _git(project.folder, "init", "-q", "-b", "main")
    shutil.rmtree(project.folder / ".dvc/cache", ignore_errors=True)
    _git(project.folder, "add", "-A")
    _git(project.folder, "commit", "-qm", "small")
    project.run("dvc", "remote", "add", "-d", "store", str(folder / "store"))
    project.run("dvc", "repro")
    _git(project.folder, "add", "-A")
    _git(project.folder, "commit", "-qm", "made")
    project.run("dvc", "push")
    return project


def test_status_is_clean_after_repro(origin: Project) -> None:
    assert "up to date" in origin.run("dvc", "status")
    assert "didn't change" in origin.run("dvc", "repro")


def test_metrics_and_plots(origin: Project) -> None:
    shown = json.loads(origin.run("dvc", "metrics", "show", "--json"))
    metrics = shown[""]["data"]["results/full/report/metrics.json"]["data"]
    assert metrics["citation"]["accuracy"]["GCN public best"] == pytest.approx(
        _accuracy(origin), abs=0.01
    )
    origin.run("dvc", "plots", "show", "-o", "plots")
    assert "<svg" in (origin.folder / "plots/index.html").read_text() or (
        "vega" in (origin.folder / "plots/index.html").read_text()
    )
    shutil.rmtree(origin.folder / "plots")


def test_clone_pull_change_repro(origin: Project, tmp_path: Path) -> None:
    """The results of a new setting appear, and old results are not reported for it."""
    clone = Project.__new__(Project)
    clone.folder = tmp_path / "clone"
    _git(tmp_path, "clone", "-q", str(origin.folder), str(clone.folder))
    clone.run("dvc", "pull")
    assert _accuracy(clone) == _accuracy(origin)
    trained = set(clone.files("results/full/runs/**/checkpoint.safetensors"))
    before = clone.files("results/full/runs/**/*.csv")
    assert _hidden(clone) == {16}
    _set_hidden(clone, 3)
    clone.run("dvc", "repro")
    assert _hidden(clone) == {3}
    new = set(clone.files("results/full/runs/**/checkpoint.safetensors")) - trained
    assert [Path(name).parts[-3].rsplit("-", 1)[0] for name in new] == ["GCN-public"]
    after = clone.files("results/full/runs/**/*.csv")
    assert before.items() <= after.items()
    assert "up to date" in clone.run("dvc", "status")
    changed = json.loads(clone.run("dvc", "metrics", "diff", "--json"))
    assert any("GCN" in key for file in changed.values() for key in file)
    _git(clone.folder, "commit", "-qam", "three hidden units")
    clone.run("dvc", "plots", "diff", "HEAD~1", "HEAD", "-o", "plots")
    page = (clone.folder / "plots/index.html").read_text()
    assert "HEAD~1" in page

    # Garbage collection keeps only the results that the workspace uses.
    made = clone.files("results/full/**/*.csv")
    size = _cached(clone)
    clone.run("dvc", "gc", "--workspace", "--force")
    assert 0 < _cached(clone) < size
    shutil.rmtree(clone.folder / "results/full")
    clone.run("dvc", "checkout")
    assert clone.files("results/full/**/*.csv") == made


def _cached(project: Project) -> int:
    return sum(1 for path in (project.folder / ".dvc/cache").rglob("*") if path.is_file())


def test_experiments_record_their_own_parameters(origin: Project) -> None:
    """In the workspace and in a temporary copy, which has no Snakemake metadata."""
    for options, hidden in [([], 5), (["--temp"], 6)]:
        name = f"hidden-{hidden}"
        setting = f"citation.models.GCN.hidden={hidden}"
        origin.run("dvc", "exp", "run", *options, "-n", name, "-S", setting)
        origin.run("dvc", "exp", "apply", name)
        assert _hidden(origin) == {hidden}
    shown = origin.run("dvc", "exp", "show", "--csv", "--drop", "^(?!.*hidden|Experiment).*$")
    for hidden in (5, 6):
        line = next(line for line in shown.splitlines() if f"hidden-{hidden}" in line)
        assert f",{hidden}" in line
    _git(origin.folder, "checkout", "-q", "--", ".")
    origin.run("dvc", "checkout")
    assert _hidden(origin) == {16}
