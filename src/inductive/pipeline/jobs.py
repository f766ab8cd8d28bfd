"""The steps of one run that the rules call: train and evaluate. Each reads a specification."""

import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from inductive.core.errors import InputError
from inductive.core.files import checksums, digest, write_json
from inductive.core.integrity import EVALUATED, TRAINED, check_evaluation, check_trained
from inductive.core.layout import Layout, PresetLayout
from inductive.core.run import Run
from inductive.data import registry
from inductive.pipeline.parameters import extend_by
from inductive.pipeline.plan import JobSpec
from inductive.studies import Study, load
from inductive.training import machine, provenance
from inductive.training.ensemble import Ensemble
from inductive.training.loop import fit
from inductive.training.measurements import (
    MeasurementTable,
    read_measurements,
    write_artefacts,
    write_measurements,
)
from inductive.training.progress import Progress
from inductive.training.result import SELECTIONS, TrainedSeeds


class RunJob:
    """Training and evaluating one run, in the project whose root is the current folder."""

    def __init__(self, spec: JobSpec, threads: int, root: Path = Path()) -> None:
        self.run, self.training, self.threads = spec.run, spec.training, threads
        self.layout = Layout(root)
        self.paths: PresetLayout = self.layout.preset(spec.preset)
        self.study: Study = load(spec.run.study)
        self.device = machine.prepare(self.training["device"], threads)

    @classmethod
    def read(cls, path: Path, seeds: str | None, threads: int) -> "RunJob":
        """The job of a specification that the plan has written, for one of its sets of seeds or,
        without a name, for all seeds."""
        spec = JobSpec.read(path, seeds)
        extend_by(spec.studies_path, str(path))
        return cls(spec, threads)

    def train(self) -> None:
        """Train the seeds that no folder of this run holds, and write all seeds of the run.

        Writes checkpoint.safetensors, history.csv and run.json. Unfinished training is kept in the
        scratch folder until all three are written.
        """
        parts, made = [], []
        for kept, facts in self._kept():
            parts.append(kept)
            made += facts
        missing = self._missing([part.seeds for part in parts])
        if missing:
            begun = time.monotonic()
            together = machine.seeds_together(self.training["seeds_together"], self.device)
            parts.append(self._fit(missing, together))
            described = self._provenance(missing, begun)
            made.append(described | {"seeds_together": together})
        folder = self.paths.trained(self.run)
        TrainedSeeds.concat(parts, self.run.seeds).write(folder)
        content = {"run": self.run.to_json(), "seeds": list(self.run.seeds), "made": made}
        write_json(folder / "run.json", content | {"sha256": checksums(folder, TRAINED)})
        shutil.rmtree(self.paths.unfinished(self.run), ignore_errors=True)

    def _kept(self) -> Iterator[tuple[TrainedSeeds, list[dict[str, Any]]]]:
        """Seeds of this run that were trained for other sets, each once, with their provenance."""
        taken: set[int] = set()
        for folder in sorted(self.paths.run(self.run).glob("seeds-*")):
            if folder == self.paths.trained(self.run) or not (folder / "run.json").is_file():
                continue
            try:
                facts = check_trained(self.run, folder)
                trained = TrainedSeeds.read(folder)
            except InputError as error:
                sys.stderr.write(f"inductive: not used, trained again: {error}\n")
                continue
            useful = [s for s in trained.seeds if s in self.run.seeds and s not in taken]
            if useful:
                taken.update(useful)
                yield trained.select(tuple(useful)), _parts_of(facts["made"], useful)

    def _missing(self, parts: list[tuple[int, ...]]) -> tuple[int, ...]:
        present = {seed for part in parts for seed in part}
        return tuple(seed for seed in self.run.seeds if seed not in present)

    def _fit(self, seeds: tuple[int, ...], together: int) -> TrainedSeeds:
        task = self.study.module("task").task(
            replace(self.run, seeds=seeds), registry.load(self.run.data, self.layout), self.device
        )
        groups = [list(seeds[i : i + together]) for i in range(0, len(seeds), together)]
        progress = Progress(f"{self.run.study} {self.run.variant}", task.epochs * len(groups))
        unfinished, states = self.paths.unfinished(self.run), []
        for group in groups:
            file = unfinished / f"{digest(group)}.safetensors"
            seconds = self.training["checkpoint_seconds"]
            states.append(fit(task, group, self.device, file, progress, seconds))
        return TrainedSeeds.from_states(states, seeds)

    def _provenance(self, seeds: tuple[int, ...], begun: float) -> dict[str, Any]:
        described = provenance.describe(self.device, self.threads, time.monotonic() - begun)
        return {"seeds": list(seeds)} | described

    def evaluate(self) -> None:
        """Measure the run: measurements.csv, artefacts.safetensors and evaluation.json."""
        self._evaluate(self.paths.evaluation(self.run))

    def evaluate_early(self) -> None:
        """Measure a run that this process has just trained; its evaluation job takes the result.

        Importing torch takes longer than most evaluations, and here it is imported already. After
        an error the evaluation job repeats the evaluation and reports the error: the training has
        succeeded.
        """
        try:
            self._evaluate(self.paths.cached_evaluation(self.run))
        except Exception as error:  # of any kind, see the docstring
            sys.stderr.write(f"inductive: evaluation is left to its own job: {error}\n")

    def _evaluate(self, folder: Path) -> None:
        begun = time.monotonic()
        table, made = MeasurementTable(self.run.seeds), list[dict[str, Any]]()
        done: list[tuple[int, ...]] = []
        for kept, facts in self._measured():
            table.extend(kept)
            made += facts
            done.append(kept.seeds)
        missing = self._missing(done)
        if missing:
            part = replace(self.run, seeds=missing, example_seed=min(self.run.seeds))
            table.extend(self._measure(part))
            made.append(self._provenance(missing, begun))
        write_measurements(folder / "measurements.csv", table, self.run.seeds)
        write_artefacts(folder / "artefacts.safetensors", table)
        content = {"run": self.run.id, "evaluation": self.run.evaluation_id, "made": made}
        write_json(folder / "evaluation.json", content | {"sha256": checksums(folder, EVALUATED)})

    def _measured(self) -> Iterator[tuple[MeasurementTable, list[dict[str, Any]]]]:
        """Seeds of this run that were measured with this evaluation for other sets, each once.

        Without the smallest seed of either set, unless both have the same: examples for figures are
        kept for the smallest seed alone.
        """
        taken: set[int] = set()
        own = self.paths.evaluation(self.run)
        for folder in sorted(self.paths.run(self.run).glob(f"seeds-*/{self.run.evaluation_id}")):
            if folder == own or not (folder / "evaluation.json").is_file():
                continue
            try:
                facts = check_evaluation(self.run, folder)
                table = read_measurements(folder)
            except InputError as error:
                sys.stderr.write(f"inductive: not used, measured again: {error}\n")
                continue
            examples = {min(table.seeds), self.run.example}
            excluded = taken | (examples if len(examples) > 1 else set())
            useful = [s for s in table.seeds if s in self.run.seeds and s not in excluded]
            if useful:
                taken.update(useful)
                yield table.select(tuple(useful)), _parts_of(facts["made"], useful)

    def _measure(self, run: Run) -> MeasurementTable:
        module = self.study.module("evaluate")
        if run.dataset is None:
            with torch.no_grad():
                table: MeasurementTable = module.measure(run, self.device)
            self._check_declared(table)
            return table
        folder = self.paths.trained(self.run)
        check_trained(self.run, folder)
        data, weights = registry.load(run.data, self.layout), TrainedSeeds.read(folder)
        weights = weights.select(run.seeds)
        trained = restore(run, weights, data, self.device)
        with torch.no_grad():
            table = module.evaluate(run, data, trained, self.device)
        _add_epochs(table, weights, run.training["epochs"])
        self._check_declared(table)
        return table

    def _check_declared(self, table: MeasurementTable) -> None:
        """Raise InputError for a metric or a coordinate that the study's metrics.py lacks."""
        metrics = self.study.metrics
        for _, _, _, metric, coordinates, _ in table.rows:
            declared = metrics.get(metric)
            if declared is None or not coordinates.keys() <= declared.coordinates:
                what = f"metric '{metric}'" + (
                    f" with {', '.join(coordinates)}" * bool(coordinates)
                )
                raise InputError(f"{self.study.folder / 'metrics.py'}: does not declare {what}")


def _parts_of(made: list[dict[str, Any]], seeds: list[int]) -> list[dict[str, Any]]:
    """The provenance of these seeds; each part names only those of them that it made."""
    parts = []
    for part in made:
        own = [seed for seed in part["seeds"] if seed in seeds]
        if own:
            parts.append(part | {"seeds": own})
    return parts


def _add_epochs(table: MeasurementTable, weights: TrainedSeeds, most: int) -> None:
    """Which epoch's weights were measured, and which seeds diverged; epochs count from 1."""
    for selection in SELECTIONS:
        epochs = getattr(weights, f"{selection}_epoch") + 1
        table.add(epochs, "epoch", selection=selection)
        table.add(epochs / most, "share of epochs", selection=selection)
    for seed, epoch in zip(weights.seeds, weights.diverged_epoch.tolist(), strict=True):
        if epoch >= 0:
            table.rows.append((seed, "", "", "diverged in epoch", {}, float(epoch + 1)))


def restore(
    run: Run, weights: TrainedSeeds, data: Any, device: torch.device
) -> dict[str, Ensemble]:
    """Selection -> the trained networks of a run, all seeds of `weights`."""
    task = load(run.study).module("task").task(replace(run, seeds=weights.seeds), data, device)
    return weights.ensembles(task.build, device)
