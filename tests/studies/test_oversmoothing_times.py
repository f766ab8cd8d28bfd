"""The times of training steps: what is timed, and that they are those of the networks."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch

from inductive.core.run import Run
from inductive.studies.oversmoothing import step_times
from inductive.studies.oversmoothing.evaluate import evaluate
from inductive.studies.oversmoothing.metrics import METRICS
from inductive.studies.oversmoothing.task import Training, task
from inductive.training.ensemble import Ensemble
from inductive.training.measurements import MeasurementTable

CPU = torch.device("cpu")
EXPONENT = "exponent, milliseconds per step, in the depth"
MakeRuns = Callable[..., list[Run]]
MakeData = Callable[[Run], Any]


def runs_by_depth(make_runs: MakeRuns, depths: list[int]) -> dict[int, Run]:
    changes = {"graphs": {"cora": None, "celltypegraph": {"depths": {"none": depths, "self": []}}}}
    return {run.labels["depth"]: run for run in make_runs("oversmoothing", changes)}


def test_all_declared_metrics_are_measured(make_runs: MakeRuns, make_data: MakeData) -> None:
    seen: dict[str, set[str]] = {}
    for depth, run in runs_by_depth(make_runs, [1, 8]).items():
        data = make_data(run)
        networks = Ensemble.initialise(task(run, data, CPU).build, run.seeds, CPU)
        with torch.no_grad():
            rows = evaluate(run, data, {"last": networks}, CPU).rows
        assert (depth == 8) == (EXPONENT in {row[3] for row in rows})
        for _, _, _, metric, coordinates, value in rows:
            assert np.isfinite(value)
            seen.setdefault(metric, set()).update(coordinates)
    assert seen == {name: set(metric.coordinates) for name, metric in METRICS.items()}


def test_depths_of_a_deep_run_are_timed_in_turn_and_their_growth_is_fitted(
    make_runs: MakeRuns, make_data: MakeData, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With times that are proportional to the depth, but for the speed of the machine."""
    run = runs_by_depth(make_runs, [8])[8]
    node_task = task(run, make_data(run), CPU)
    networks = Ensemble.initialise(node_task.build, run.seeds, CPU)
    speeds = [1.0, 3.0, 2.0]

    def proportional(works: Sequence[Callable[[], None]], device: torch.device) -> np.ndarray:
        for work in works:
            work()
        assert len(works) == 3 * len(run.seeds)
        return np.array([[speed * n for _ in run.seeds for n in (8, 4, 2)] for speed in speeds])

    monkeypatch.setattr(step_times, "interleaved_milliseconds", proportional)
    table = MeasurementTable(run.seeds)
    step_times.add_times(table, Training(**run.training), node_task, networks, CPU)
    values: dict[str, list[float]] = {}
    for _, _, _, metric, _, value in table.rows:
        values.setdefault(metric, []).append(value)
    seeds = len(run.seeds)
    assert values["milliseconds per step"] == [16.0] * seeds
    assert values[EXPONENT] == pytest.approx([1] * seeds)
    assert values["timing spread"] == pytest.approx([0.5] * seeds)
