"""The training loop: all epochs of a group of seeds, resumed where a job was killed."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from inductive.training import checkpoint
from inductive.training.ensemble import Ensemble, Parameters
from inductive.training.optimizers import Optimizer
from inductive.training.progress import Progress
from inductive.training.random_streams import RandomStreams
from inductive.training.task import Task

NEVER = -1
"""The value for "no epoch". Epochs count from 0."""


class EarlyStopping(NamedTuple):
    """The early-stopping state of S seeds; every tensor is (S,), on the CPU."""

    best_loss: Tensor  # lowest validation loss so far; infinite before the first finite one
    best_epoch: Tensor  # its epoch; NEVER before
    last_epoch: Tensor  # the epoch that ended the seed's training; NEVER while it goes on
    diverged_epoch: Tensor  # the epoch whose loss was not finite, which is then the last; or NEVER
    stalled: Tensor  # epochs since the best


@dataclass
class TrainingState:
    """The results of training so far, for S seeds."""

    best: Parameters
    """Copies of the weights at the lowest validation loss so far; initially the first weights."""
    last: Parameters
    """Copies of the weights after each seed's last epoch, written when it ends."""
    stopping: EarlyStopping
    history: dict[str, list[Tensor]] = field(default_factory=dict)
    """'split/metric' -> one (S,) per finished epoch, float64, on the CPU; NaN after a seed's last
    epoch."""

    @classmethod
    def start(cls, ensemble: Ensemble) -> "TrainingState":
        """Before the first epoch."""

        def never() -> Tensor:
            return torch.full((ensemble.count,), NEVER)

        infinite = torch.full((ensemble.count,), torch.inf, dtype=torch.float64)
        stopping = EarlyStopping(infinite, never(), never(), never(), torch.zeros_like(never()))
        return cls(_copy(ensemble), _copy(ensemble), stopping)

    @property
    def epochs(self) -> int:
        """Finished epochs."""
        return len(self.history.get("train/loss", []))

    @property
    def finished(self) -> bool:
        """Whether the training of every seed has ended."""
        return bool((self.stopping.last_epoch != NEVER).all())


def fit(
    task: Task,
    seeds: list[int],
    device: torch.device,
    scratch_file: Path,
    progress: Progress,
    checkpoint_seconds: float,
) -> TrainingState:
    """Train one group of seeds to the end.

    Unfinished training is kept in `scratch_file`, at most every `checkpoint_seconds`. A job that
    was killed and resumed gives bit-identical results.
    """
    ensemble = Ensemble.initialise(task.build, seeds, device)
    optimizer = task.optimizer(ensemble.parameters)
    streams = RandomStreams(seeds, device)
    state = TrainingState.start(ensemble)
    if scratch_file.is_file():
        _restore(scratch_file, ensemble, optimizer, streams, state)
        progress.skip(state.epochs)
    saved = time.monotonic()
    label = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]}-{seeds[-1]}"
    while not state.finished:
        metrics = {f"train/{k}": v for k, v in _train(task, ensemble, optimizer, streams).items()}
        metrics |= {f"validation/{k}": v for k, v in _validate(task, ensemble).items()}
        _record_epoch(task, ensemble, state, metrics)
        summary = ", ".join(f"{k.replace('/', ' ')} {v.mean():.3f}" for k, v in metrics.items())
        progress.epoch(f"{label}, epoch {state.epochs}/{task.epochs}", summary)
        if state.finished or time.monotonic() - saved >= checkpoint_seconds:
            _save(scratch_file, ensemble, optimizer, streams, state)
            saved = time.monotonic()
    progress.skip(task.epochs - state.epochs)
    return state


def _train(
    task: Task, ensemble: Ensemble, optimizer: Optimizer, streams: RandomStreams
) -> dict[str, Tensor]:
    """One epoch; the means over its examples, each as scored before its step's update."""
    ensemble.module.train()
    loss = correct = torch.zeros(())
    count = 0
    for step in task.steps(ensemble, streams):
        optimizer.zero_grad()
        torch.autograd.backward(step.loss.sum())
        optimizer.step()
        loss = step.loss.detach() * step.examples + (loss if count else 0)
        correct = step.correct + (correct if count else 0)
        count += step.examples
    return {"loss": loss / count, "accuracy": correct / count}


@torch.no_grad()
def _validate(task: Task, ensemble: Ensemble) -> dict[str, Tensor]:
    ensemble.module.eval()
    return task.validate(ensemble)


def _record_epoch(
    task: Task, ensemble: Ensemble, state: TrainingState, metrics: dict[str, Tensor]
) -> None:
    """Record one epoch's metrics, keep the best weights, end the training of finished seeds.

    A loss that is not finite ends a seed's training, and its epoch is never the best.
    """
    metrics = {name: values.detach().cpu().double() for name, values in metrics.items()}
    epoch, stopping = state.epochs, state.stopping
    training = stopping.last_epoch == NEVER
    loss = metrics["validation/loss"]
    diverged = training & ~(metrics["train/loss"].isfinite() & loss.isfinite())
    better = training & ~diverged & (loss < stopping.best_loss)
    stalled = torch.where(better, 0, stopping.stalled + 1)
    out_of_patience = task.patience is not None and stalled > task.patience
    ends = training & (torch.as_tensor(out_of_patience) | diverged | (epoch + 1 == task.epochs))
    for name, values in metrics.items():
        state.history.setdefault(name, []).append(torch.where(training, values, torch.nan))
    _keep(state.best, ensemble, better)
    _keep(state.last, ensemble, ends)
    state.stopping = EarlyStopping(
        best_loss=torch.where(better, loss, stopping.best_loss),
        best_epoch=torch.where(better, epoch, stopping.best_epoch),
        last_epoch=torch.where(ends, epoch, stopping.last_epoch),
        diverged_epoch=torch.where(diverged, epoch, stopping.diverged_epoch),
        stalled=stalled,
    )


def _copy(ensemble: Ensemble) -> Parameters:
    return {name: tensor.detach().clone() for name, tensor in ensemble.state.items()}


def _keep(kept: Parameters, ensemble: Ensemble, mask: Tensor) -> None:
    """Copy the weights of the seeds in `mask` (S,): a reference would change with training."""
    if mask.any():
        for name, tensor in ensemble.state.items():
            on_device = mask.to(tensor.device)
            kept[name][on_device] = tensor.detach()[on_device]


def _save(
    path: Path,
    ensemble: Ensemble,
    optimizer: Optimizer,
    streams: RandomStreams,
    state: TrainingState,
) -> None:
    tensors = {
        "current": ensemble.state,
        "best": state.best,
        "last": state.last,
        "optimizer": optimizer.state,
        "streams": streams.state(),
        "stopping": state.stopping._asdict(),
        "history": {name: torch.stack(values) for name, values in state.history.items()},
    }
    checkpoint.write(path, tensors, {})


def _restore(
    path: Path,
    ensemble: Ensemble,
    optimizer: Optimizer,
    streams: RandomStreams,
    state: TrainingState,
) -> None:
    """The inverse of `_save`, in place."""
    flat, _ = checkpoint.read(path)
    kinds = {"current": ensemble.state, "best": state.best, "last": state.last}
    with torch.no_grad():
        for kind, target in kinds.items():
            for name, tensor in checkpoint.branch(flat, kind).items():
                target[name].copy_(tensor)
    for name, tensor in checkpoint.branch(flat, "optimizer").items():
        parameter, quantity = name.rsplit("/", 1)
        optimizer.state[parameter][quantity].copy_(tensor)
    streams.restore(checkpoint.branch(flat, "streams"))
    state.stopping = EarlyStopping(**checkpoint.branch(flat, "stopping"))
    for name, values in checkpoint.branch(flat, "history").items():
        state.history[name] = list(values.unbind())
