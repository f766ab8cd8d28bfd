"""The training loop: all epochs of a group of seeds, resumed where a killed one left off."""

import time
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from inductive.training import checkpoint
from inductive.training.members import Members, Parameters
from inductive.training.optimizers import Optimizer
from inductive.training.progress import Progress
from inductive.training.randomness import Draws
from inductive.training.task import Task

NEVER = -1


@dataclass
class Record:
    """What training has shown so far. Every tensor has one entry a member, on the CPU."""

    best: Parameters
    """Copies of the weights with the lowest validation loss so far."""
    last: Parameters
    """Copies of the weights of each member's last epoch; written when it ends."""
    best_loss: Tensor
    best_epoch: Tensor
    last_epoch: Tensor
    """NEVER while a member is still training."""
    stalled: Tensor
    """Epochs since the best."""
    history: dict[str, list[Tensor]] = field(default_factory=dict)
    """'split/metric' -> one (S,) a finished epoch, NaN after a member's last."""

    @classmethod
    def start(cls, members: Members) -> "Record":
        def never() -> Tensor:
            return torch.full((members.count,), NEVER)

        infinite = torch.full((members.count,), torch.inf, dtype=torch.float64)
        return cls(_copy(members), _copy(members), infinite, never(), never(), never() * 0)

    @property
    def epochs(self) -> int:
        """Finished epochs."""
        return len(self.history.get("train/loss", []))

    @property
    def finished(self) -> bool:
        return bool((self.last_epoch != NEVER).all())


def _copy(members: Members) -> Parameters:
    return {name: p.detach().clone() for name, p in members.parameters.items()}


def _keep(kept: Parameters, members: Members, which: Tensor) -> None:
    """Copy the weights of the members in the mask `which`: a reference would follow training."""
    if which.any():
        for name, parameter in members.parameters.items():
            chosen = which.to(parameter.device)
            kept[name][chosen] = parameter.detach()[chosen]


def fit(
    task: Task,
    seeds: list[int],
    device: torch.device,
    scratch: Path,
    progress: Progress,
    checkpoint_seconds: float,
) -> Record:
    """Train one group of seeds to the end.

    `scratch` is the file that unfinished work is kept in. A run that was killed and resumed ends
    with the same bits as one that was not.
    """
    members = Members.initialise(task.build, seeds, device)
    optimizer = task.optimizer(members.parameters)
    draws = Draws(seeds, device)
    record = Record.start(members)
    if scratch.is_file():
        _restore(scratch, members, optimizer, draws, record)
        progress.skip(record.epochs)
    saved = time.monotonic()
    where = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]}-{seeds[-1]}"
    while not record.finished:
        trained = _train_epoch(task, members, optimizer, draws)
        with torch.no_grad():
            validated = task.validate(members)
        metrics = {f"train/{k}": v for k, v in trained.items()}
        metrics |= {f"validation/{k}": v for k, v in validated.items()}
        _judge(task, members, record, {k: v.detach().cpu().double() for k, v in metrics.items()})
        summary = ", ".join(f"{k.replace('/', ' ')} {v.mean():.3f}" for k, v in metrics.items())
        progress.epoch(f"{where}, epoch {record.epochs}/{task.epochs}", summary)
        if record.finished or time.monotonic() - saved >= checkpoint_seconds:
            _save(scratch, members, optimizer, draws, record)
            saved = time.monotonic()
    progress.skip(task.epochs - record.epochs)
    return record


def _train_epoch(
    task: Task, members: Members, optimizer: Optimizer, draws: Draws
) -> dict[str, Tensor]:
    """One epoch. The means over its steps, as they were met while training."""
    loss = correct = torch.zeros(())
    count = 0
    for step in task.steps(members, draws):
        optimizer.zero_grad()
        step.loss.sum().backward()
        optimizer.step()
        loss = step.loss.detach() * step.examples + (loss if count else 0)
        correct = step.correct + (correct if count else 0)
        count += step.examples
    return {"loss": loss / count, "accuracy": correct / count}


def _judge(task: Task, members: Members, record: Record, metrics: dict[str, Tensor]) -> None:
    """Enter an epoch's metrics, keep the best weights, end the members that are done."""
    epoch = record.epochs
    training = record.last_epoch == NEVER
    loss = metrics["validation/loss"]
    better = training & ((loss < record.best_loss) | (record.best_epoch == NEVER))
    _keep(record.best, members, better)
    record.best_loss = torch.where(better, loss, record.best_loss)
    record.best_epoch = torch.where(better, epoch, record.best_epoch)
    record.stalled = torch.where(better, 0, record.stalled + 1)
    for name, values in metrics.items():
        record.history.setdefault(name, []).append(torch.where(training, values, torch.nan))
    impatient = task.patience is not None and record.stalled > task.patience
    ends = training & (torch.as_tensor(impatient) | (epoch + 1 == task.epochs))
    _keep(record.last, members, ends)
    record.last_epoch = torch.where(ends, epoch, record.last_epoch)


_BOOKS = ("best_loss", "best_epoch", "last_epoch", "stalled")


def _save(path: Path, members: Members, optimizer: Optimizer, draws: Draws, record: Record) -> None:
    tensors = {
        "parameters": members.parameters,
        "best": record.best,
        "last": record.last,
        "optimizer": optimizer.state,
        "draws": draws.state(),
        "books": {name: getattr(record, name) for name in _BOOKS},
        "history": {name: torch.stack(values) for name, values in record.history.items()},
    }
    checkpoint.write(path, tensors, {})


def _restore(
    path: Path, members: Members, optimizer: Optimizer, draws: Draws, record: Record
) -> None:
    flat, _ = checkpoint.read(path)
    with torch.no_grad():
        for kind, target in [
            ("parameters", members.parameters),
            ("best", record.best),
            ("last", record.last),
        ]:
            for name, tensor in checkpoint.branch(flat, kind).items():
                target[name].copy_(tensor)
    for name, tensor in checkpoint.branch(flat, "optimizer").items():
        parameter, quantity = name.rsplit("/", 1)
        optimizer.state[parameter][quantity].copy_(tensor)
    draws.restore(checkpoint.branch(flat, "draws"))
    for name, tensor in checkpoint.branch(flat, "books").items():
        setattr(record, name, tensor)
    for name, values in checkpoint.branch(flat, "history").items():
        record.history[name] = list(values.unbind())
