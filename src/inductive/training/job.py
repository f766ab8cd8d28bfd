"""A training job: all seeds of one run, from its plan entry to its three files."""

import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from inductive import store
from inductive.data import registry
from inductive.identity import check_identity
from inductive.plan import planned_evaluation, read_order
from inductive.run import Run
from inductive.studies import load
from inductive.training import checkpoint, machine, provenance
from inductive.training.loop import Record, fit
from inductive.training.members import Members
from inductive.training.progress import Progress
from inductive.training.tidy import COLUMNS, write_csv

SELECTIONS = ("best", "last")
"""Which epoch's weights: the lowest validation loss, or the last one trained."""


def train(run: Run, preset: str, settings: dict[str, Any], threads: int) -> None:
    """Train a run and write checkpoint.safetensors, history.csv and run.json into its folder.

    `settings` is the `training` block of the parameters. Unfinished work lies in a scratch folder
    until all three files are written.
    """
    begun = time.monotonic()
    device = machine.prepare(settings["device"], threads)
    study = load(run.study)
    task = study.task(run, registry.load(run.data), device)
    together = machine.seeds_together(settings["seeds_together"], device)
    groups = [list(run.seeds[i : i + together]) for i in range(0, len(run.seeds), together)]
    scratch = store.scratch_folder(preset, run.study, run.id)
    progress = Progress(f"{run.study} {run.variant}", task.epochs * len(groups))
    records = []
    for group in groups:
        file = scratch / f"{store.digest(group)}.safetensors"
        records.append(fit(task, group, device, file, progress, settings["checkpoint_seconds"]))
    folder = store.run_folder(preset, run.study, run.id)
    checkpoint.write(
        folder / "checkpoint.safetensors", _weights(records), {"seeds": list(run.seeds)}
    )
    columns = ["seed", "epoch", "split", "metric", "value"]
    write_csv(folder / "history.csv", columns, _history(records, run.seeds))
    facts = provenance.describe(device, threads, time.monotonic() - begun, together)
    _write_facts(run, folder, facts, "checkpoint.safetensors", "history.csv")
    shutil.rmtree(scratch, ignore_errors=True)


def _write_facts(run: Run, folder: Path, facts: dict[str, Any], *files: str) -> None:
    """run.json: what was asked for, who made it, and the checksums of what was made."""
    sums = {name: store.sha256(folder / name) for name in files}
    content = {"run": run.to_json(), "made": facts, "sha256": sums}
    store.write_json(folder / "run.json", content)


def evaluate_early(run: Run, preset: str, settings: dict[str, Any], threads: int) -> None:
    """Judge a run that this process has just trained, and lay the result aside.

    Importing torch takes longer than most evaluations, and here it is imported. Whatever goes wrong
    is left to the evaluation job, which does it all again and says so: the training was right.
    """
    order = planned_evaluation(preset, run)
    if order is None:
        return
    judged, _, _ = read_order(order)
    place = store.aside(preset, run.study, run.id, judged.evaluation_file)
    try:
        write_csv(place, COLUMNS, _judge(judged, preset, settings, threads))
    except Exception as error:  # any, as the docstring says
        sys.stderr.write(f"inductive: evaluation is left to its own job: {error}\n")


def _weights(records: list[Record]) -> dict[str, Any]:
    def joined(kind: str) -> dict[str, Tensor]:
        parts = [getattr(record, kind) for record in records]
        return {name: torch.cat([part[name].cpu() for part in parts]) for name in parts[0]}

    epochs = {k: torch.cat([getattr(r, k) for r in records]) for k in ("best_epoch", "last_epoch")}
    return {kind: joined(kind) for kind in SELECTIONS} | epochs


def _history(records: list[Record], seeds: tuple[int, ...]) -> Iterator[tuple[object, ...]]:
    """Tidy rows; epochs count from 1."""
    offset = 0
    for record in records:
        group = seeds[offset : offset + len(record.last_epoch)]
        offset += len(group)
        for i, seed in enumerate(group):
            for epoch in range(int(record.last_epoch[i]) + 1):
                for name, values in sorted(record.history.items()):
                    yield seed, epoch + 1, *name.split("/"), float(values[epoch][i])


def evaluate(run: Run, preset: str, settings: dict[str, Any], threads: int) -> None:
    """Judge a trained run: a tidy CSV of seed, selection, split, metric, axis, at, value."""
    rows = _judge(run, preset, settings, threads)
    file = store.run_folder(preset, run.study, run.id) / run.evaluation_file
    write_csv(file, COLUMNS, rows)
    store.seal(file)


def _judge(
    run: Run, preset: str, settings: dict[str, Any], threads: int
) -> list[tuple[object, ...]]:
    device = machine.prepare(settings["device"], threads)
    study = load(run.study)
    folder = store.run_folder(preset, run.study, run.id)
    check_identity(run, folder)
    data = registry.load(run.data)
    trained = restore(run, folder, data, device)
    with torch.no_grad():
        tidy = study.evaluate(run, data, trained, device)
    flat, _ = checkpoint.read(folder / "checkpoint.safetensors")
    for selection in SELECTIONS:
        epochs = flat[f"{selection}_epoch"] + 1
        tidy.add(epochs, selection, "", "epoch")
        tidy.add(epochs / run.training["epochs"], selection, "", "epoch, share of all")
    return tidy.rows


def verify(run: Run, preset: str, settings: dict[str, Any], threads: int) -> None:
    """Measure a run that trains nothing: a tidy CSV and run.json."""
    begun = time.monotonic()
    device = machine.prepare(settings["device"], threads)
    with torch.no_grad():
        tidy = load(run.study).verify(run, device)
    folder = store.run_folder(preset, run.study, run.id)
    write_csv(folder / run.evaluation_file, COLUMNS, tidy.rows)
    facts = provenance.describe(device, threads, time.monotonic() - begun, 1)
    _write_facts(run, folder, facts, run.evaluation_file)


def restore(run: Run, folder: Path, data: Any, device: torch.device) -> dict[str, Members]:
    """Selection -> the trained networks of a run, all seeds."""
    module = load(run.study).task(run, data, device).build().to(device)
    flat, _ = checkpoint.read(folder / "checkpoint.safetensors")
    trained = {}
    for selection in SELECTIONS:
        weights = checkpoint.branch(flat, selection)
        on_device = {name: weight.to(device) for name, weight in weights.items()}
        trained[selection] = Members(module, on_device, run.seeds)
    return trained
