"""What a set of parameters asks for: every run of every study, written where the jobs read it."""

from collections import Counter
from pathlib import Path
from typing import Any

from inductive import store
from inductive.code import PACKAGE, fingerprint, remember
from inductive.config import PARAMS, flatten, read_yaml
from inductive.data.spec import DatasetSpec
from inductive.errors import InputError
from inductive.run import Run
from inductive.studies import STUDIES, load

DATA_PLAN = store.RESULTS / ".scratch/data.json"
"""Every dataset that was planned so far, by its folder. One file for all presets: were its name
another one for each, Snakemake would make a dataset again that a second preset asks for."""


class Plan:
    """All runs of the parameters in force, by study. Imports no torch."""

    def __init__(self, params: dict[str, Any]) -> None:
        self.params = params
        self.preset: str = params["preset"]
        names = STUDIES if params["studies"] == "all" else params["studies"]
        self.runs: dict[str, list[Run]] = {name: load(name).runs(params) for name in names}
        self.differences = differences(params)
        for name, runs in self.runs.items():
            twice = [run_id for run_id, n in Counter(run.id for run in runs).items() if n > 1]
            if twice:
                raise InputError(f"{name}: two variants are the same run: {twice[0]}")

    @property
    def datasets(self) -> dict[str, DatasetSpec]:
        """Folder -> spec, each once."""
        specs = [run.dataset for runs in self.runs.values() for run in runs if run.dataset]
        return {str(spec.folder): spec for spec in specs}

    def write(self) -> None:
        """Write the plan files; one that has not changed is left alone, with its age.

        They are inputs of the steps whose outputs have fixed names (tables, figures, report), so
        that those are made again when what they show is no longer what is asked for.
        """
        cards = [spec.card for spec in self.datasets.values()]
        store.settle(store.RESULTS / self.preset, DATA_PLAN, *cards)
        data = {folder: vars(spec) for folder, spec in self.datasets.items()}
        known = store.read_json(DATA_PLAN) if DATA_PLAN.is_file() else {}
        store.write_if_changed(DATA_PLAN, known | data)
        for runs in self.runs.values():
            for run in runs:
                order = {"preset": self.preset, "training": self.params["training"]}
                whole = run.to_json() | {"id": run.id}
                store.write_if_changed(train_order(self.preset, run), order | {"run": whole})
                if run.dataset:
                    store.write_if_changed(evaluate_order(self.preset, run), order | {"run": whole})
        for study, runs in self.runs.items():
            views = [f"inductive.studies.{study}_views", "inductive.report.study"]
            content = {
                "preset": self.preset,
                "params": self.params[study],
                "code": fingerprint(views, files=(PACKAGE / "claims").glob("*.yaml")),
                "runs": [run.to_json() for run in runs],
            }
            section = store.study_folder(self.preset, study) / "section.json"
            store.write_if_changed(study_plan(self.preset, study), content, section)
        templates = (PACKAGE / "report" / "templates").iterdir()
        code = fingerprint(["inductive.report.page"], files=templates)
        content = {
            "preset": self.preset,
            "studies": list(self.runs),
            "code": code,
            "differences": self.differences,
        }
        page = store.report_folder(self.preset) / "index.html"
        store.write_if_changed(report_plan(self.preset), content, page)
        remember()


def study_plan(preset: str, study: str) -> Path:
    """Which runs a study consists of, with every number of each."""
    return store.study_folder(preset, study) / "plan.json"


def report_plan(preset: str) -> Path:
    """Which studies the report holds."""
    return store.report_folder(preset) / "plan.json"


def train_order(preset: str, run: Run) -> Path:
    """What a training job (or a verifying one) reads. Named by the run, so never rewritten."""
    return store.RESULTS / preset / "orders" / run.study / f"{run.id}.json"


def evaluate_order(preset: str, run: Run) -> Path:
    """What an evaluation job reads, named by the run and its way of judging."""
    name = f"{run.id}-{Path(run.evaluation_file).stem}.json"
    return store.RESULTS / preset / "orders" / run.study / name


def planned_evaluation(preset: str, run: Run) -> Path | None:
    """The order to evaluate a run that was written last, if there is one."""
    found = train_order(preset, run).parent.glob(f"{run.id}-evaluation-*.json")
    return max(found, key=lambda path: path.stat().st_mtime_ns, default=None)


def differences(params: dict[str, Any]) -> dict[str, list[str]]:
    """Key -> its value in params.yaml and the one in force, where they differ."""
    base, here = flatten(read_yaml(PARAMS)), flatten(params)
    keys = [key for key in here if base.get(key) != here[key] and key != "preset"]
    return {key: [str(base.get(key, "-")), str(here[key])] for key in keys}


def read_order(path: Path) -> tuple[Run, str, dict[str, Any]]:
    """The run, the preset and the `training` block of an order."""
    content = store.read_json(path)
    return Run.from_json(content["run"]), content["preset"], content["training"]


def read_runs(plan: Path) -> list[Run]:
    """The runs of a study's plan file."""
    return [Run.from_json(entry) for entry in store.read_json(plan)["runs"]]
