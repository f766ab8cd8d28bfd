"""A small task with adjustable losses, and fixtures for the tests of training."""

import contextlib
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from inductive.core.run import Run
from inductive.studies import load
from inductive.training import loop
from inductive.training.ensemble import Ensemble, Parameters
from inductive.training.loop import TrainingState, fit
from inductive.training.optimizers import Optimizer, make_adam
from inductive.training.progress import Progress
from inductive.training.random_streams import RandomStreams
from inductive.training.task import Step, Task

CPU = torch.device("cpu")
STEPS = 2  # per epoch of the toy task


class ToyTask:
    """A linear map fitted to noise; two steps per epoch.

    `training` and `validation` replace the loss of a seed in an epoch (both counted from 0):
    {(seed, epoch): value}. The epoch follows from the optimiser's state, which a resume restores.
    """

    def __init__(
        self,
        epochs: int = 4,
        patience: int | None = None,
        *,
        training: dict[tuple[int, int], float] | None = None,
        validation: dict[tuple[int, int], float] | None = None,
        build: Callable[[], torch.nn.Module] = lambda: torch.nn.Linear(3, 1),
    ) -> None:
        self.epochs, self.patience, self.build = epochs, patience, build
        self.training, self.validation = training or {}, validation or {}

    def optimizer(self, parameters: Parameters) -> Optimizer:
        self._optimizer = make_adam(parameters, learning_rate=0.05, weight_decay={})
        return self._optimizer

    def epoch(self) -> int:
        state = next(iter(self._optimizer.state.values()))
        return int(state["step"]) // STEPS

    def steps(self, ensemble: Ensemble, streams: RandomStreams) -> Iterator[Step]:
        factors = [self.training.get((seed, self.epoch()), 1.0) for seed in ensemble.seeds]
        for _ in range(STEPS):
            x = streams.uniform(8, 3)
            loss = (ensemble(x, stacked=True) - 1).square().mean((1, 2)) * torch.tensor(factors)
            yield Step(loss, torch.zeros(ensemble.count), 8)

    def validate(self, ensemble: Ensemble) -> dict[str, torch.Tensor]:
        x = torch.linspace(0, 1, 15).view(5, 3)
        losses = (ensemble(x) - 1).square().mean((1, 2)).tolist()
        at = self.epoch() - 1
        each = zip(ensemble.seeds, losses, strict=True)
        return {"loss": torch.tensor([float(self.validation.get((s, at), v)) for s, v in each])}


def _assert_same(a: TrainingState, b: TrainingState) -> None:
    """Bit-identical states."""
    for kind in ("best", "last"):
        kept, other = getattr(a, kind), getattr(b, kind)
        assert kept.keys() == other.keys()
        for name, tensor in kept.items():
            torch.testing.assert_close(tensor, other[name], rtol=0, atol=0, equal_nan=True)
    assert a.history.keys() == b.history.keys()
    for name, values in a.history.items():
        torch.testing.assert_close(values, b.history[name], rtol=0, atol=0, equal_nan=True)
    for name, values in a.stopping._asdict().items():
        assert torch.equal(values, getattr(b.stopping, name)), name


@pytest.fixture
def assert_same() -> Callable[[TrainingState, TrainingState], None]:
    return _assert_same


@pytest.fixture
def toy_task() -> type[ToyTask]:
    return ToyTask


CHANGES: dict[str, dict[str, Any]] = {
    "citation": {"splits": ["public", "random"]},
    "segmentation": {"variants": {"border-weighted": {"elastic": 2.0}}},
}


@pytest.fixture
def find_run(make_runs: Callable[..., list[Run]]) -> Callable[[str], Run]:
    """A run by '<study> <variant>', on small settings."""

    def find(name: str) -> Run:
        study, variant = name.split()
        runs = {run.variant: run for run in make_runs(study, CHANGES.get(study))}
        return runs[variant]

    return find


@pytest.fixture
def make_task(make_data: Callable[[Run], Any]) -> Callable[..., Task]:
    """`make_task(run, data=None)`: the task of a run's study on the CPU."""

    def make(run: Run, data: Any = None) -> Task:
        module = load(run.study).module("task")
        made: Task = module.task(run, make_data(run) if data is None else data, CPU)
        return made

    return make


@pytest.fixture
def train(tmp_path: Path) -> Callable[..., TrainingState]:
    """`train(task, seeds, scratch=None, seconds=1e9)`: fit on the CPU, by default from scratch."""
    count = itertools.count()

    def run(
        task: Task, seeds: list[int], scratch: Path | None = None, seconds: float = 1e9
    ) -> TrainingState:
        file = scratch or tmp_path / f"scratch-{next(count)}"
        return fit(task, seeds, CPU, file, Progress("", task.epochs), seconds)

    return run


@pytest.fixture
def train_with_kills(
    train: Callable[..., TrainingState], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Task, list[int]], tuple[TrainingState, int]]:
    """Like `train`, but killed after every epoch and started again; also the number of kills."""

    class KilledError(Exception):
        pass

    save = loop._save

    def save_and_raise(*arguments: Any) -> None:
        save(*arguments)
        raise KilledError

    def run(task: Task, seeds: list[int]) -> tuple[TrainingState, int]:
        with monkeypatch.context() as patch:
            patch.setattr(loop, "_save", save_and_raise)
            for kills in range(task.epochs + 1):
                with contextlib.suppress(KilledError):
                    return train(task, seeds, tmp_path / "killed", seconds=0), kills
        pytest.fail("more kills than epochs: a resume lost an epoch")

    return run
