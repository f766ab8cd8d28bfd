"""The studies that train nothing: their runs, and reproducible, declared measurements."""

import math
from collections.abc import Callable

import pytest
import torch

from inductive.core.run import Run
from inductive.core.settings import SeedPlan
from inductive.studies import discover, load
from inductive.studies.shared.analytic import Measures, measured
from inductive.studies.shared.analytic_plan import part_runs, part_settings

CPU = torch.device("cpu")
STUDIES = [name for name, study in discover().items() if not (study.folder / "task.py").is_file()]


def test_one_run_per_part_with_its_settings() -> None:
    parts = {"chains": {"depth": 2}, "steps": {"n": 3}}
    seeds = SeedPlan((0, 4), (2,))
    runs = part_runs("gradients", seeds, parts, registered=["inductive.nn.padding_modes:zeros"])
    assert [run.labels for run in runs] == [{"part": "chains"}, {"part": "steps"}]
    assert [run.evaluation for run in runs] == list(parts.values())
    assert all(run.training == {} and run.dataset is None for run in runs)
    assert all(run.seeds == (0, 4) for run in runs)
    assert all(run.registered == ("inductive.nn.padding_modes:zeros",) for run in runs)
    assert part_settings(runs, "steps") == {"n": 3}


def test_one_row_per_seed_in_the_order_of_measuring() -> None:
    def measure(seed: int, factor: float) -> Measures:
        measures = Measures()
        measures.add("wide", factor * seed, width=2, depth=1)
        measures.add("narrow", seed)
        return measures

    (run,) = part_runs("gradients", SeedPlan((3, 5), (2,)), {"part": {"factor": 0.5}})
    assert measured(run, measure).rows == [
        (3, "", "", "wide", {"depth": 1, "width": 2}, 1.5),
        (5, "", "", "wide", {"depth": 1, "width": 2}, 2.5),
        (3, "", "", "narrow", {}, 3.0),
        (5, "", "", "narrow", {}, 5.0),
    ]


@pytest.mark.parametrize("study", STUDIES)
def test_measurements_are_reproducible_finite_and_declared(
    study: str, make_runs: Callable[..., list[Run]]
) -> None:
    measure = load(study).module("evaluate").measure
    metrics = load(study).module("metrics").METRICS
    seen: dict[str, set[str]] = {}
    for run in make_runs(study):
        rows = measure(run, CPU).rows
        timed = run.labels["part"] == "cost"
        assert timed or rows == measure(run, CPU).rows
        assert all(math.isfinite(row[-1]) for row in rows)
        for row in rows:
            seen.setdefault(row[3], set()).update(row[4])
    assert seen == {name: set(metric.coordinates) for name, metric in metrics.items()}


@pytest.mark.parametrize("study", STUDIES)
def test_a_seeds_values_do_not_depend_on_the_other_seeds(
    study: str, make_runs: Callable[..., list[Run]]
) -> None:
    measure = load(study).module("evaluate").measure
    together = make_runs(study, {"seeds": [0, 7]})
    alone = make_runs(study, {"seeds": [7]})
    for both, one in zip(together, alone, strict=True):
        if both.labels["part"] != "cost":
            assert measure(both, CPU).of_seed(7) == measure(one, CPU).rows
