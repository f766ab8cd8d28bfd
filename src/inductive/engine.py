"""What the Snakefile asks for: the plan of the parameters in force, and the files of its jobs."""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from inductive import store
from inductive.config import from_command_line, resolve
from inductive.errors import InputError
from inductive.plan import Plan
from inductive.run import Run


def prepare(overrides: Mapping[str, Any]) -> "Jobs":
    """The jobs of params.yaml, its preset and what `snakemake --config` brought.

    Everything that can be known to be wrong is known here, before any job starts: it ends the
    program with one line and exit code 1. Jobs then run this very Python and this very package,
    whatever shell started Snakemake.
    """
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parents[1])
    try:
        plan = Plan(resolve(overrides=from_command_line(overrides)))
        plan.write()
    except (InputError, OSError) as error:
        sys.exit(f"inductive: {error}")
    return Jobs(plan)


class Jobs:
    """The files of every job of a plan; methods with `wildcards` are Snakemake input functions."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.preset, self.studies = plan, plan.preset, list(plan.runs)
        self._runs = {(run.study, run.id): run for runs in plan.runs.values() for run in runs}

    def _evaluation(self, run: Run) -> str:
        return str(store.run_folder(self.preset, run.study, run.id) / run.evaluation_file)

    @property
    def datasets(self) -> list[str]:
        """The card of every dataset."""
        return [str(spec.card) for spec in self.plan.datasets.values()]

    @property
    def evaluations(self) -> list[str]:
        """The evaluation of every run."""
        return [self._evaluation(run) for run in self._runs.values()]

    @property
    def facts(self) -> list[str]:
        """The run.json of every run."""
        folders = [store.run_folder(self.preset, run.study, run.id) for run in self._runs.values()]
        return [str(folder / "run.json") for folder in folders]

    @property
    def sections(self) -> list[str]:
        """The section of every study."""
        return [
            str(store.study_folder(self.preset, study) / "section.json") for study in self.studies
        ]

    @property
    def untrained(self) -> str:
        """A pattern of the runs that train nothing; without one, of no run at all."""
        ids = [re.escape(run.id) for run in self._runs.values() if run.dataset is None]
        return "|".join(ids) or "-"

    @property
    def trained(self) -> str:
        """A pattern of all other runs."""
        return f"(?!({self.untrained})/)[^/]+"

    def dataset_of(self, wildcards: Any) -> str:
        """The dataset that a run is trained on."""
        return str(self._runs[wildcards.study, wildcards.run].data.card)

    def results_of(self, wildcards: Any) -> list[str]:
        """The evaluations and training curves of a study."""
        runs = self.plan.runs[wildcards.study]
        folders = [store.run_folder(self.preset, run.study, run.id) for run in runs]
        histories = [
            str(folder / "history.csv")
            for run, folder in zip(runs, folders, strict=True)
            if run.dataset
        ]
        return [self._evaluation(run) for run in runs] + histories
