"""Seeds on demand: looks at a study until its comparisons are decided, in the DAG and alone."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import Project

# An analytic study of three variants: `low` and `even` have the same mean, `high` has another.
TOY = {
    "__init__.py": "TITLE = QUESTION = PROTOCOL = 'A toy.'",
    "settings.py": """
from inductive.core import settings

class Settings(settings.Settings):
    seeds: settings.Seeds
    means: dict[settings.Name, float]
""",
    "plan.py": """
from inductive.core.run import Run
from inductive.data.registry import Datasets
from .settings import Settings

def runs(settings: Settings, datasets: Datasets) -> list[Run]:
    seeds = settings.seeds
    return [
        Run("toy", name, {"name": name}, {}, {"mean": mean}, seeds.seeds, None, looks=seeds.looks)
        for name, mean in settings.means.items()
    ]
""",
    "metrics.py": """
from inductive.core.metric import number

METRICS = {"value": number()}
""",
    "evaluate.py": """
import torch
from inductive.core.run import Run
from inductive.core.seeding import numpy_generator
from inductive.training.measurements import MeasurementTable

def measure(run: Run, device: torch.device) -> MeasurementTable:
    table = MeasurementTable(run.seeds)
    noise = [numpy_generator(run.variant, seed).normal() for seed in run.seeds]
    table.add([run.evaluation["mean"] + each for each in noise], "value")
    return table
""",
    "report.py": """
from inductive.analysis.results import Results, plus_minus
from inductive.report import figures as plotting
from inductive.report.elements import Figure, Table

def tables(results: Results) -> list[Table]:
    data = results.measurements
    rows = [[n, plus_minus(results.estimate("value", name=n))] for n in results.labels("name")]
    return [Table("values", "Values", "Mean and interval.", ["name", "value"], rows, data)]

def figures(results: Results) -> list[Figure]:
    drawing, (ax,) = plotting.axes()
    ax.plot(results.measurements["value"])
    return [Figure("values", "Values", "All values.", "All values.", drawing)]
""",
    "claims.yaml": """
- id: L1
  type: effect
  source: a toy
  stated: The high variant has a higher value than the low one.
  defaults: {metric: value}
  comparisons:
    - greater: {more: {name: high}, less: {name: low}}
- id: L2
  type: effect
  source: a toy
  stated: The even variant has a higher value than the low one.
  defaults: {metric: value}
  comparisons:
    - greater: {more: {name: even}, less: {name: low}}
""",
}
CONFIG = ("--config", "preset=toy.yaml")
STUDY = "results/toy/studies/toy"


def _toy(folder: Path, seeds: Any = None) -> Project:
    project = Project(folder)
    study = project.folder / "mine/toy"
    study.mkdir(parents=True)
    for name, text in TOY.items():
        (study / name).write_text(text)
    _ask_for(project, seeds or {"first": 3, "most": 12})
    return project


def _ask_for(project: Project, seeds: Any) -> None:
    block = {"seeds": seeds, "means": {"low": 0.0, "even": 0.0, "high": 1000.0}}
    overlay = {"studies_path": ["mine"], "studies": ["toy"], "toy": block}
    (project.folder / "toy.yaml").write_text(yaml.safe_dump(overlay))


def _sets(project: Project) -> dict[str, list[str]]:
    """Variant -> the names of its sets of seeds on the disk."""
    runs = sorted((project.folder / "results/toy/runs/toy").iterdir())
    return {r.name.rsplit("-", 1)[0]: sorted(p.name for p in r.iterdir()) for r in runs}


def _results(project: Project, preset: str = "toy") -> dict[str, bytes]:
    """Runs, looks, verdicts and tables, except who made the runs when."""
    files = project.files(f"results/{preset}/runs/**/*.*")
    for name in [n for n in files if n.endswith(".json")]:
        content = json.loads(files[name])
        del content["made"]
        files[name] = json.dumps(content, sort_keys=True).encode()
    studies = f"results/{preset}/studies/**"
    return files | project.files(f"{studies}/looks/*") | project.files(f"{studies}/*.csv")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = _toy(tmp_path_factory.mktemp("looks") / "project")
    project.snakemake(*CONFIG)
    return project


@pytest.fixture
def done(finished: Project, tmp_path: Path) -> Project:
    """A copy of the finished project, which a test may change."""
    copy = Project.__new__(Project)
    copy.folder = tmp_path / "copy"
    shutil.copytree(finished.folder, copy.folder, symlinks=True)
    return copy


@pytest.mark.pipeline
def test_only_runs_of_undecided_comparisons_get_more_seeds(finished: Project) -> None:
    names = ["seeds-0-2", "seeds-0-5", "seeds-0-11"]
    assert _sets(finished) == {"low": sorted(names), "even": sorted(names), "high": names[:1]}
    looks = [json.loads(text) for text in finished.files(f"{STUDY}/looks/*").values()]
    assert [(look["look"], look["undecided"], look["done"]) for look in looks] == [
        (1, ["L2"], False),
        (2, ["L2"], False),
    ]
    section = json.loads((finished.folder / STUDY / "section.json").read_text())
    assert section["seeds"] == [3, 12]
    verdicts = json.loads((finished.folder / STUDY / "verdicts.json").read_text())
    assert [verdict["verdict"] for verdict in verdicts] == ["reproduced", "inconclusive"]
    assert finished.planned(*CONFIG) == []


@pytest.mark.pipeline
def test_before_the_first_look_only_its_jobs_are_listed(tmp_path: Path) -> None:
    planned = _toy(tmp_path / "project").planned(*CONFIG)
    evaluated = [job.rsplit("-", 1)[0] for job in planned if job.startswith("evaluate")]
    assert evaluated == ["evaluate even", "evaluate high", "evaluate low"]
    others = [job for job in planned if not job.startswith("evaluate")]
    assert others == ["look toy", "report", "section toy", "verdicts toy"]


@pytest.mark.pipeline
def test_the_results_have_the_final_seeds(finished: Project) -> None:
    script = (
        "import inductive; rows = inductive.load_results('results/toy').measurements('toy'); "
        "print(rows.groupby('name')['seed'].count().to_dict())"
    )
    printed = finished.run(sys.executable, "-c", script)
    assert printed.splitlines()[-1] == "{'even': 12, 'high': 3, 'low': 12}"


@pytest.mark.pipeline
@pytest.mark.parametrize(
    "lost",
    [
        "studies/toy/looks/1.json",
        "studies/toy/looks/2.json",
        "studies/toy/looks",
        "runs/toy/low-*/seeds-0-2",
        "runs/toy/even-*/seeds-0-5",
        "runs/toy/high-*",
        "studies/toy/section.json",
    ],
)
def test_what_is_lost_is_made_again(done: Project, finished: Project, lost: str) -> None:
    (path,) = done.folder.glob(f"results/toy/{lost}")
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    assert done.planned(*CONFIG) != []
    done.snakemake(*CONFIG)
    assert _results(done) == _results(finished)
    assert done.planned(*CONFIG) == []


@pytest.mark.pipeline
def test_a_claim_that_is_withdrawn_needs_no_more_seeds(done: Project) -> None:
    claims = done.folder / "mine/toy/claims.yaml"
    before = claims.read_text()
    claims.write_text(before[: before.index("- id: L2")])
    done.snakemake(*CONFIG)
    look = json.loads((done.folder / STUDY / "looks/1.json").read_text())
    assert (look["undecided"], look["done"]) == ([], True)
    assert json.loads((done.folder / STUDY / "section.json").read_text())["seeds"] == [3]
    assert done.planned(*CONFIG) == []
    unused = done.inductive("prune", "--preset", "toy.yaml", "--delete")
    assert unused.count("removed") == 4
    assert all(sets == ["seeds-0-2"] for sets in _sets(done).values())
    assert done.planned(*CONFIG) == []
    claims.write_text(before)
    done.snakemake(*CONFIG)
    assert len(_sets(done)["low"]) == 3
    assert done.inductive("prune", "--preset", "toy.yaml") == ""


@pytest.mark.pipeline
def test_more_seeds_continue_the_looks(done: Project, tmp_path: Path) -> None:
    """Also a plain count after looks, which uses their seeds."""
    _ask_for(done, {"first": 3, "most": 24})
    done.snakemake(*CONFIG)
    (facts,) = done.files("results/toy/runs/toy/low-*/seeds-0-23/*/*.json").values()
    made = [part["seeds"] for part in json.loads(facts)["made"]]
    assert made == [[0, 1, 2], [3, 4, 5], [*range(6, 12)], [*range(12, 24)]]
    other = _toy(tmp_path / "other", {"first": 3, "most": 24})
    other.snakemake(*CONFIG)
    assert _results(other) == _results(done)
    _ask_for(done, 12)
    done.snakemake(*CONFIG)
    assert json.loads((done.folder / STUDY / "section.json").read_text())["seeds"] == [12]
    assert done.planned(*CONFIG) == []


@pytest.mark.pipeline
@pytest.mark.parametrize("text", ["", '{"look": 1}', "{}"])
def test_a_damaged_look_is_named_and_made_again(
    done: Project, finished: Project, text: str
) -> None:
    path = done.folder / STUDY / "looks/1.json"
    path.write_text(text)
    for step in ("section", "verdicts"):
        message = done.inductive(step, f"{STUDY}/{step}-plan.json", ok=False)
        assert message.startswith(f"inductive: {STUDY}/looks/1.json: ")
        assert len(message.splitlines()) == 1
    message = done.snakemake(*CONFIG)
    assert f"inductive: not used, made again: {STUDY}/looks/1.json: " in message
    assert "Traceback" not in message
    assert _results(done) == _results(finished)
    assert done.planned(*CONFIG) == []


@pytest.mark.pipeline
def test_a_look_that_does_not_exist_is_one_line(done: Project) -> None:
    text = done.inductive("look", f"{STUDY}/verdicts-plan.json", "--look", "3", ok=False)
    assert text.splitlines() == [
        f"inductive: {STUDY}/verdicts-plan.json: no look 3; it has 2 before the last one"
    ]


@pytest.mark.pipeline
def test_looks_that_snakemake_does_not_remember(done: Project, finished: Project) -> None:
    """As in a clone, or in an experiment of DVC: without metadata, the plans tell what is old."""
    shutil.rmtree(done.folder / ".snakemake/metadata")
    _ask_for(done, {"first": 4, "most": 8})
    done.snakemake(*CONFIG)
    assert json.loads((done.folder / STUDY / "section.json").read_text())["seeds"] == [4, 8]
    shutil.rmtree(done.folder / ".snakemake/metadata")
    _ask_for(done, {"first": 3, "most": 12})
    done.snakemake(*CONFIG)
    verdicts = f"{STUDY}/verdicts.csv"
    assert done.files(verdicts) == finished.files(verdicts)
    assert done.planned(*CONFIG) == []


@pytest.mark.pipeline
def test_a_kill_between_two_looks(make_project: Callable[[str], Project]) -> None:
    """SIGKILL as soon as the first look is there; the rest gives the same bytes."""
    projects = [make_project(name) for name in ("undisturbed", "killed")]
    for project in projects:
        params = project.read_params() | {"studies": ["citation"]}
        params["citation"]["seeds"] = {"first": 3, "most": 12}
        project.write_params(params)
    undisturbed, killed = projects
    undisturbed.snakemake()
    look = killed.folder / "results/full/studies/citation/looks/1.json"
    process = subprocess.Popen(
        [sys.executable, "-m", "snakemake", "--cores", "2"],
        cwd=killed.folder,
        env=os.environ | {"PYTHONPATH": str(killed.folder / "src")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while not look.is_file():
        assert process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not json.loads(look.read_text())["done"]
    assert not (killed.folder / "results/full/studies/citation/verdicts.json").exists()
    killed.snakemake("--unlock")
    killed.snakemake()
    assert _results(killed, "full") == _results(undisturbed, "full")
    assert killed.planned() == []
