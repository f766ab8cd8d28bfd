"""What the Snakefile uses: the plan of the parameters in force, and the files of its jobs."""

import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from inductive.core.errors import InputError
from inductive.core.layout import Layout
from inductive.core.parameters import from_command_line
from inductive.core.run import Run
from inductive.pipeline.looks import Look, number_of_looks, states
from inductive.pipeline.parameters import load
from inductive.pipeline.plan import Plan


def prepare(overrides: Mapping[str, Any], checkpoints: Any) -> "Jobs":
    """The jobs of params.yaml, its preset and the values of `snakemake --config`.

    `checkpoints` are those of the Snakefile, of which `look` is one.

    All errors that can be detected in advance are reported here, before any job starts: one line
    and exit code 1. Jobs then run with this Python interpreter and this package, whatever shell
    started Snakemake.
    """
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    try:
        plan = Plan(load(Path(), from_command_line(overrides)), Layout(Path()))
        plan.write()
        _remove_damaged_looks(plan)
    except (InputError, OSError) as error:
        sys.exit(f"inductive: {error}")
    if plan.paths.earlier.is_dir():
        sys.stderr.write(
            f"inductive: {plan.paths.folder} holds results of an earlier version, which are kept "
            f"and not read; `inductive prune --preset {plan.params.preset}` lists them\n"
        )
    return Jobs(plan, checkpoints)


def _remove_damaged_looks(plan: Plan) -> None:
    """Remove looks that cannot be read: they are made again from the same results."""
    for study, runs in plan.runs.items():
        for number in range(1, number_of_looks(runs)):
            path = plan.paths.look(study, number)
            try:
                if path.is_file():
                    Look.read(path)
            except InputError as error:
                sys.stderr.write(f"inductive: not used, made again: {error}\n")
                path.unlink()


class Jobs:
    """The files of every job of a plan; methods with `wildcards` are Snakemake input functions.

    Which seeds a study needs is known after its looks. An input function that needs a look which
    is not made yet (or not with these parameters) raises Snakemake's exception for that; Snakemake
    then makes the look, and calls the function again.
    """

    def __init__(self, plan: Plan, checkpoints: Any) -> None:
        self.plan, self.paths, self.preset = plan, plan.paths, plan.params.preset
        self.checkpoints = checkpoints
        self.studies = list(plan.runs)
        self._runs = {(run.study, run.id): run for runs in plan.runs.values() for run in runs}

    def _run(self, wildcards: Any) -> Run:
        return self._runs[wildcards.study, wildcards.run]

    @property
    def datasets(self) -> list[str]:
        """The card of every data set."""
        return [str(self.plan.layout.card(spec)) for spec in self.plan.datasets.values()]

    @property
    def reached(self) -> list[Callable[[Any], list[str]]]:
        """One input function per study: its looks, and the results of all of them."""
        return [partial(self._reached, study) for study in self.studies]

    @property
    def sections(self) -> list[str]:
        """The tables and figures of every study."""
        return [str(self.paths.study(study) / "section.json") for study in self.studies]

    @property
    def verdicts(self) -> list[str]:
        """The verdicts of every study, and their numbers."""
        names = ("verdicts.json", "verdicts.csv", "looks.csv", "per_seed.csv")
        return [str(self.paths.study(study) / name) for study in self.studies for name in names]

    def dataset_of(self, wildcards: Any) -> str:
        """The data set that a run is trained on."""
        return str(self.plan.layout.card(self._run(wildcards).data))

    def inputs_of_evaluation(self, wildcards: Any) -> list[str]:
        """The data and the weights of a run; none of an analytic run."""
        run = self._run(wildcards)
        if run.dataset is None:
            return []
        folder = self.paths.run(run) / f"seeds-{wildcards.seeds}"
        files = [folder / "checkpoint.safetensors", folder / "run.json"]
        return [self.dataset_of(wildcards), *map(str, files)]

    def looks_of(self, wildcards: Any) -> list[str]:
        """The looks of a study that were taken before this one, or, without one, all of them."""
        return self._progress(wildcards.study, _look_number(wildcards))[1]

    def results_of(self, wildcards: Any) -> list[str]:
        """The measurements and training curves of a study: at a look, or with its final seeds."""
        runs = self._progress(wildcards.study, _look_number(wildcards))[0][-1]
        histories = [str(self.paths.trained(run) / "history.csv") for run in runs if run.dataset]
        return [self._measurements(run) for run in runs] + histories

    def _measurements(self, run: Run) -> str:
        return str(self.paths.evaluation(run) / "measurements.csv")

    def _reached(self, study: str, wildcards: Any) -> list[str]:
        reached, looks = self._progress(study)
        runs = [run for each in reached for run in each]
        trained = [str(self.paths.trained(run) / "run.json") for run in runs if run.dataset]
        return list(dict.fromkeys([*map(self._measurements, runs), *trained, *looks]))

    def _progress(self, study: str, look: int | None = None) -> tuple[list[list[Run]], list[str]]:
        """The runs at each look, up to this one or the last, and the files of the looks before."""
        files = []

        def read(number: int) -> Look:
            made = self.checkpoints.look.get(preset=self.preset, study=study, look=str(number))
            files.append(str(made.output[0]))
            return Look.read(Path(files[-1]))

        return list(islice(states(self.plan.runs[study], read), look)), files


def _look_number(wildcards: Any) -> int | None:
    return int(wildcards.look) if hasattr(wildcards, "look") else None
