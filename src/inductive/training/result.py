"""The result of training: best and last weights and the history of some seeds, on disk."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from inductive.core.errors import InputError
from inductive.training import checkpoint
from inductive.training.csv_file import write_csv
from inductive.training.ensemble import Ensemble, Parameters
from inductive.training.loop import TrainingState

SELECTIONS = ("best", "last")
"""Which epoch's weights: those at the lowest validation loss, or those after the last epoch."""
CHECKPOINT = "checkpoint.safetensors"
HISTORY = "history.csv"
COLUMNS = ("seed", "epoch", "split", "metric", "value")
"""Of the history, where epochs count from 1."""
HistoryRow = tuple[int, int, str, str, float]


@dataclass(frozen=True)
class TrainedSeeds:
    """The finished training of S seeds. Tensors are (S, ...), on the CPU; epochs count from 0."""

    seeds: tuple[int, ...]
    best: Parameters
    last: Parameters
    best_epoch: Tensor
    """NEVER (-1) where no epoch had a finite loss: `best` is the initial weights then."""
    last_epoch: Tensor
    diverged_epoch: Tensor
    """The epoch whose loss was not finite, which ended training; NEVER (-1) for other seeds."""
    history: list[HistoryRow]
    """Seed by seed in the order of `seeds`, each by epoch, then by split and metric."""

    @classmethod
    def from_states(cls, states: Sequence[TrainingState], seeds: Sequence[int]) -> "TrainedSeeds":
        """From finished training of consecutive groups of `seeds`."""
        assert all(state.finished for state in states)
        epochs = [state.stopping for state in states]
        history, remaining = list[HistoryRow](), iter(seeds)
        for state in states:
            for i in range(len(state.stopping.last_epoch)):
                history += _history(state, i, next(remaining))
        return cls(
            tuple(seeds),
            best=_join([state.best for state in states]),
            last=_join([state.last for state in states]),
            best_epoch=torch.cat([e.best_epoch for e in epochs]),
            last_epoch=torch.cat([e.last_epoch for e in epochs]),
            diverged_epoch=torch.cat([e.diverged_epoch for e in epochs]),
            history=history,
        )

    def select(self, seeds: Sequence[int]) -> "TrainedSeeds":
        """Some of the seeds, in the order given."""
        indices = [self.seeds.index(seed) for seed in seeds]
        rows: dict[int, list[HistoryRow]] = {seed: [] for seed in self.seeds}
        for row in self.history:
            rows[row[0]].append(row)
        return TrainedSeeds(
            tuple(seeds),
            best={name: tensor[indices] for name, tensor in self.best.items()},
            last={name: tensor[indices] for name, tensor in self.last.items()},
            best_epoch=self.best_epoch[indices],
            last_epoch=self.last_epoch[indices],
            diverged_epoch=self.diverged_epoch[indices],
            history=[row for seed in seeds for row in rows[seed]],
        )

    @classmethod
    def concat(cls, parts: Sequence["TrainedSeeds"], seeds: Sequence[int]) -> "TrainedSeeds":
        """`seeds` in the order given, each from the first of `parts` that has it.

        Raises InputError where no part has a seed.
        """
        missing, chosen = set(seeds), list[TrainedSeeds]()
        for part in parts:
            own = [seed for seed in part.seeds if seed in missing]
            missing -= set(own)
            if own:
                chosen.append(part.select(own))
        if missing:
            raise InputError(f"seeds {', '.join(map(str, sorted(missing)))} are not trained")
        joined = cls(
            tuple(seed for part in chosen for seed in part.seeds),
            best=_join([part.best for part in chosen]),
            last=_join([part.last for part in chosen]),
            best_epoch=torch.cat([part.best_epoch for part in chosen]),
            last_epoch=torch.cat([part.last_epoch for part in chosen]),
            diverged_epoch=torch.cat([part.diverged_epoch for part in chosen]),
            history=[row for part in chosen for row in part.history],
        )
        return joined.select(seeds)

    def ensembles(
        self, build: Callable[[], nn.Module], device: torch.device
    ) -> dict[str, Ensemble]:
        """Selection -> the trained networks on `device`, in evaluation mode."""
        module = build().to(device)
        ensembles = {}
        for selection, state in zip(SELECTIONS, (self.best, self.last), strict=True):
            on_device = {name: tensor.to(device) for name, tensor in state.items()}
            ensembles[selection] = Ensemble.from_state(module, on_device, self.seeds)
        return ensembles

    def write(self, folder: Path) -> None:
        """Write checkpoint.safetensors and history.csv; equal content gives equal bytes."""
        tensors = {
            "best": self.best,
            "last": self.last,
            "best_epoch": self.best_epoch,
            "last_epoch": self.last_epoch,
            "diverged_epoch": self.diverged_epoch,
        }
        checkpoint.write(folder / CHECKPOINT, tensors, {"seeds": list(self.seeds)})
        write_csv(folder / HISTORY, COLUMNS, self.history)

    @classmethod
    def read(cls, folder: Path) -> "TrainedSeeds":
        """The inverse of `write`; the values of the history have six significant digits.

        Raises InputError where a file is missing or not readable.
        """
        flat, facts = checkpoint.read(folder / CHECKPOINT)
        return cls(
            tuple(facts["seeds"]),
            best=checkpoint.branch(flat, "best"),
            last=checkpoint.branch(flat, "last"),
            best_epoch=flat["best_epoch"],
            last_epoch=flat["last_epoch"],
            diverged_epoch=flat["diverged_epoch"],
            history=_read_history(folder / HISTORY),
        )


def _join(parts: Sequence[Parameters]) -> Parameters:
    """Parts (S_1, ...), (S_2, ...), ... of every tensor -> (S_1 + S_2 + ..., ...), on the CPU."""
    return {name: torch.cat([part[name].cpu() for part in parts]) for name in parts[0]}


def _history(state: TrainingState, i: int, seed: int) -> list[HistoryRow]:
    """The rows of the i-th seed of a group, up to and including its last epoch."""
    rows = list[HistoryRow]()
    for epoch in range(int(state.stopping.last_epoch[i]) + 1):
        for name, values in sorted(state.history.items()):
            split, metric = name.split("/", 1)
            rows.append((seed, epoch + 1, split, metric, float(values[epoch][i])))
    return rows


def _read_history(path: Path) -> list[HistoryRow]:
    try:
        with open(path, encoding="utf-8", newline="") as stream:
            _, *rows = csv.reader(stream)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    return [
        (int(seed), int(epoch), split, metric, float(value))
        for seed, epoch, split, metric, value in rows
    ]
