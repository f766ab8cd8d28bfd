"""What all benchmarks share: planned runs, their data, and this project's training."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import torch

from inductive.core.layout import Layout
from inductive.core.run import Run
from inductive.data import registry
from inductive.pipeline.parameters import load as load_parameters
from inductive.pipeline.plan import Plan
from inductive.studies import load as load_study
from inductive.training.loop import fit
from inductive.training.progress import Progress

CPU = torch.device("cpu")
ROOT = Path(__file__).resolve().parents[1]
LAYOUT = Layout(ROOT)
SEED = 0


class Pair(NamedTuple):
    """A stock recipe and this project's code, which do the same work."""

    stock: Callable[[], None]
    ours: Callable[[], None]


def planned_runs(study: str, overrides: Mapping[str, Any]) -> dict[str, Run]:
    """Variant -> run of a study, for one seed, with `overrides` on top of params.yaml."""
    plan = Plan(load_parameters(ROOT, {"studies": [study], **overrides}), LAYOUT)
    return {run.variant: replace(run, seeds=(SEED,)) for run in plan.runs[study]}


def load_data(run: Run) -> Any:
    """The data of a run, made first where they are not on this disk."""
    if not LAYOUT.card(run.data).is_file():
        registry.make(run.data, LAYOUT)
    return registry.load(run.data, LAYOUT)


def make_task(run: Run, data: Any) -> Any:
    """How the run is trained on the CPU."""
    return load_study(run.study).module("task").task(run, data, CPU)


def train(run: Run, data: Any, epochs: int) -> None:
    """One seed through the project's own loop, checkpoints included."""
    task = make_task(run, data)
    task.epochs = epochs
    with tempfile.TemporaryDirectory() as folder:
        progress = Progress("", epochs, every=1e9)
        fit(task, [SEED], CPU, Path(folder) / "unfinished", progress, checkpoint_seconds=15.0)
