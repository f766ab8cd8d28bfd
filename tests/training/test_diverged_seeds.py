"""A loss that is not finite ends the training of its seed only."""

import math
from pathlib import Path
from typing import Any

import pytest
import torch

from inductive.training import checkpoint
from inductive.training.ensemble import Ensemble
from inductive.training.loop import NEVER
from inductive.training.result import TrainedSeeds

CPU = torch.device("cpu")
EPOCHS = 5
KINDS = [("training", math.nan), ("validation", math.nan), ("validation", math.inf)]


@pytest.fixture(params=KINDS, ids=lambda kind: f"{kind[0]}-{kind[1]}")
def diverging(request: pytest.FixtureRequest, toy_task: Any) -> Any:
    """`diverging(epoch)`: a task in which seed 7's loss is not finite from an epoch on."""
    kind, value = request.param
    return lambda epoch: toy_task(EPOCHS, **{kind: {(7, e): value for e in range(epoch, EPOCHS)}})


@pytest.mark.parametrize("epoch", [0, 2])
def test_training_ends_at_the_divergence_and_records_it(
    diverging: Any, train: Any, tmp_path: Path, epoch: int
) -> None:
    state = train(diverging(epoch), [7, 1])
    stopping = state.stopping
    assert stopping.diverged_epoch.tolist() == [epoch, NEVER]
    assert stopping.last_epoch.tolist() == [epoch, EPOCHS - 1]
    assert stopping.best_epoch.tolist() == [epoch - 1, EPOCHS - 1]
    assert all(weights.isfinite().all() for weights in state.best.values())
    rows = [row for row in TrainedSeeds.from_states([state], [7, 1]).history if row[0] == 7]
    assert [row[1] for row in rows] == [e + 1 for e in range(epoch + 1) for _ in range(3)]
    losses = [row[-1] for row in rows if row[3] == "loss"]
    assert all(map(math.isfinite, losses[:-2]))
    assert not all(map(math.isfinite, losses[-2:]))


def test_without_a_finite_epoch_the_best_weights_are_the_initial_ones(
    diverging: Any, train: Any
) -> None:
    task = diverging(0)
    state = train(task, [7, 1])
    assert state.stopping.best_epoch[0] == NEVER == -1
    for name, weights in Ensemble.initialise(task.build, [7], CPU).parameters.items():
        assert torch.equal(state.best[name][:1], weights)


@pytest.mark.parametrize("epoch", [0, 2])
def test_other_seeds_are_not_affected(
    diverging: Any, toy_task: Any, train: Any, epoch: int
) -> None:
    with_it, without = train(diverging(epoch), [7, 1]), train(toy_task(EPOCHS), [7, 1])
    alone = train(toy_task(EPOCHS), [1])
    for kind in ("best", "last"):
        for name, weights in getattr(with_it, kind).items():
            assert torch.equal(weights[1], getattr(without, kind)[name][1])
            torch.testing.assert_close(weights[1], getattr(alone, kind)[name][0])
    for name, values in with_it.history.items():
        assert torch.equal(torch.stack(values)[:, 1], torch.stack(without.history[name])[:, 1])


def test_the_best_weights_are_those_before_the_divergence(
    diverging: Any, toy_task: Any, train: Any
) -> None:
    diverged, shorter = train(diverging(2), [7]), train(toy_task(2), [7])
    for name, weights in diverged.best.items():
        assert torch.equal(weights, shorter.best[name])


def test_a_resume_is_exact(
    diverging: Any, train: Any, train_with_kills: Any, assert_same: Any
) -> None:
    task = diverging(2)
    resumed, kills = train_with_kills(task, [7, 1])
    assert kills == EPOCHS
    assert_same(resumed, train(task, [7, 1]))


def test_training_ends_where_every_seed_has_diverged(diverging: Any, train: Any) -> None:
    state = train(diverging(2), [7])
    assert state.finished
    assert state.epochs == 3


def test_an_epoch_with_one_loss_that_is_not_finite_is_never_the_best(
    toy_task: Any, train: Any
) -> None:
    """Training and validation loss must both be finite."""
    state = train(toy_task(training={(0, 1): math.inf}, validation={(0, 1): 0.0}), [0])
    assert state.stopping.best_epoch.tolist() == [0]
    assert state.stopping.diverged_epoch.tolist() == [1]


def test_divergence_is_in_the_files(diverging: Any, train: Any, tmp_path: Path) -> None:
    TrainedSeeds.from_states([train(diverging(2), [7, 1])], [7, 1]).write(tmp_path)
    flat, _ = checkpoint.read(tmp_path / "checkpoint.safetensors")
    assert flat["diverged_epoch"].tolist() == [2, NEVER]
    assert flat["best_epoch"].tolist() == [1, EPOCHS - 1]
    lines = (tmp_path / "history.csv").read_text().splitlines()
    assert [line for line in lines if line.endswith((",nan", ",inf"))]
    assert TrainedSeeds.read(tmp_path).diverged_epoch.tolist() == [2, NEVER]
