"""What the Snakefile uses: the plan of the parameters in force, and the files of its jobs."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inductive.core.errors import InputError
from inductive.core.layout import Layout
from inductive.core.parameters import from_command_line
from inductive.core.run import Run
from inductive.pipeline.parameters import load
from inductive.pipeline.plan import Plan


def prepare(overrides: Mapping[str, Any]) -> "Jobs":
    """The jobs of params.yaml, its preset and the values of `snakemake --config`.

    All errors that can be detected in advance are reported here, before any job starts: one line
    and exit code 1. Jobs then run with this Python interpreter and this package, whatever shell
    started Snakemake.
    """
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    try:
        plan = Plan(load(Path(), from_command_line(overrides)), Layout(Path()))
        plan.write()
    except (InputError, OSError) as error:
        sys.exit(f"inductive: {error}")
    if plan.paths.earlier.is_dir():
        sys.stderr.write(
            f"inductive: {plan.paths.folder} holds results of an earlier version, which are kept "
            f"and not read; `inductive prune --preset {plan.params.preset}` lists them\n"
        )
    return Jobs(plan)


class Jobs:
    """The files of every job of a plan; methods with `wildcards` are Snakemake input functions."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.paths, self.preset = plan, plan.paths, plan.params.preset
        self.studies = list(plan.runs)
        self._runs = {(run.study, run.id): run for runs in plan.runs.values() for run in runs}

    def _run(self, wildcards: Any) -> Run:
        return self._runs[wildcards.study, wildcards.run]

    @property
    def datasets(self) -> list[str]:
        """The card of every data set."""
        return [str(self.plan.layout.card(spec)) for spec in self.plan.datasets.values()]

    @property
    def evaluations(self) -> list[str]:
        """The measurements of every run."""
        return [self._measurements(run) for run in self._runs.values()]

    @property
    def trained(self) -> list[str]:
        """The run.json of every run that is trained."""
        return [
            str(self.paths.trained(run) / "run.json") for run in self._runs.values() if run.dataset
        ]

    @property
    def sections(self) -> list[str]:
        """The tables and figures of every study."""
        return [str(self.paths.study(study) / "section.json") for study in self.studies]

    @property
    def verdicts(self) -> list[str]:
        """The verdicts of every study."""
        return [str(self.paths.study(study) / "verdicts.json") for study in self.studies]

    def _measurements(self, run: Run) -> str:
        return str(self.paths.evaluation(run) / "measurements.csv")

    def dataset_of(self, wildcards: Any) -> str:
        """The data set that a run is trained on."""
        return str(self.plan.layout.card(self._run(wildcards).data))

    def inputs_of_evaluation(self, wildcards: Any) -> list[str]:
        """The data and the weights of a run; none of an analytic run."""
        run = self._run(wildcards)
        if run.dataset is None:
            return []
        folder = self.paths.trained(run)
        files = [folder / "checkpoint.safetensors", folder / "run.json"]
        return [self.dataset_of(wildcards), *map(str, files)]

    def results_of(self, wildcards: Any) -> list[str]:
        """The measurements and training curves of a study."""
        runs = self.plan.runs[wildcards.study]
        histories = [str(self.paths.trained(run) / "history.csv") for run in runs if run.dataset]
        return [self._measurements(run) for run in runs] + histories
