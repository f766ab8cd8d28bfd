"""A small study's results, written as the jobs write them: two trained runs and an analytic one."""

from pathlib import Path
from typing import Any

import numpy as np

from inductive.analysis.results import Results
from inductive.core.files import checksums, write_json
from inductive.core.integrity import EVALUATED, TRAINED
from inductive.core.layout import Layout
from inductive.core.metric import TRAINED as TRAINED_METRICS
from inductive.core.metric import number, share
from inductive.core.run import DatasetSpec, Run
from inductive.training.csv_file import write_csv
from inductive.training.measurements import MeasurementTable, write_artefacts, write_measurements

SEEDS = (0, 1, 2)
METRICS = {
    "accuracy": share("shift", "noise"),
    "map size": number("layer"),
    **TRAINED_METRICS,
}
SPEC = DatasetSpec("boxes", "generated", {"seed": 1}, "ab" * 32)
RUNS = [
    Run("toy", "NA", {"net": "NA", "depth": 2}, {"epochs": 2}, {}, SEEDS, SPEC),
    Run("toy", "none", {"net": "", "depth": 10}, {"epochs": 3}, {}, SEEDS, SPEC),
    Run("toy", "sizes", {"net": "sizes", "depth": 0}, {}, {"layers": 2}, SEEDS, None),
]
ACCURACY = {
    ("NA", ""): [0.81, 0.82, 0.86],
    ("NA", "shift"): [0.5, 0.6, 0.7],
    ("", ""): [0.9, np.nan, 0.7],
}


def make_results(root: Path, metrics: Any = None) -> Results:
    """The results of the study in a new folder."""
    results = Results("toy", RUNS, Layout(root).preset("quick"), metrics or METRICS, {"n": 10})
    _write_trained(results, RUNS[0], _first())
    _write_trained(results, RUNS[1], _second())
    _write_evaluation(results, RUNS[2], _sizes())
    return results


def _first() -> MeasurementTable:
    table = MeasurementTable(SEEDS)
    table.add(ACCURACY["NA", ""], "accuracy", selection="best", split="test")
    table.add(ACCURACY["NA", "shift"], "accuracy", selection="best", split="test", shift=0)
    table.add([0.1, 0.2, 0.3], "accuracy", selection="best", split="test", shift=8)
    table.add([0.0] * 3, "accuracy", selection="best", split="test", shift=8, noise=0.3)
    table.keep("scores", np.arange(6).reshape(2, 3))
    table.keep("scores", np.full(2, 7.0), seed=1)
    table.note("classes", ["red", "green"])
    table.note("text", "Once", seed=0)
    return table


def _second() -> MeasurementTable:
    """Seed 1 diverged; its accuracy is not a number."""
    table = MeasurementTable(SEEDS)
    table.add(ACCURACY["", ""], "accuracy", selection="best", split="test")
    table.rows.append((1, "", "", "diverged in epoch", {}, 2.0))
    return table


def _sizes() -> MeasurementTable:
    table = MeasurementTable(SEEDS)
    for layer in (1, 2):
        table.add_constant(8 / layer, "map size", layer=layer)
    return table


def part(seconds: float, **facts: Any) -> dict[str, Any]:
    """The provenance of one part of a run."""
    made = {"seeds": [0], "device": "x86_64 CPU", "commit": "abc", "versions": {"torch": "2.14"}}
    return made | {"wall_seconds": seconds, "peak_memory_mib": 100} | facts


def _write_trained(results: Results, run: Run, table: MeasurementTable) -> None:
    folder = results.paths.trained(run)
    folder.mkdir(parents=True)
    (folder / "checkpoint.safetensors").write_bytes(b"weights")
    rows = [
        (seed, epoch, "train", "loss", float("nan") if (seed, epoch) == (1, 2) else 1 / epoch)
        for seed in run.seeds
        for epoch in (1, 2)
    ]
    write_csv(folder / "history.csv", ["seed", "epoch", "split", "metric", "value"], rows)
    parts = [part(30.0), part(60.0, seeds=[1, 2], commit="abd", peak_memory_mib=200)]
    sums = checksums(folder, TRAINED)
    content = {"run": run.to_json(), "seeds": list(run.seeds), "made": parts, "sha256": sums}
    write_json(folder / "run.json", content)
    _write_evaluation(results, run, table)


def _write_evaluation(results: Results, run: Run, table: MeasurementTable) -> None:
    folder = results.paths.evaluation(run)
    folder.mkdir(parents=True)
    write_measurements(folder / "measurements.csv", table, run.seeds)
    write_artefacts(folder / "artefacts.safetensors", table)
    made = [part(6.0, device="arm64 CPU")]
    content = {"run": run.id, "evaluation": run.evaluation_id, "made": made}
    write_json(folder / "evaluation.json", content | {"sha256": checksums(folder, EVALUATED)})
