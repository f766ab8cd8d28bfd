"""Early stopping, best and last weights, separately for each seed."""

from typing import Any

import torch


def test_patience_best_and_last_are_separate_for_each_seed(toy_task: Any, train: Any) -> None:
    """With patience 2, training ends after the third epoch without a lower loss."""
    losses = [[3, 2, 1, 1, 1, 1] + [0.0] * 6, [12.0 - e for e in range(12)]]
    validation = {(s, e): value for s in (0, 1) for e, value in enumerate(losses[s])}
    task = toy_task(12, 2, validation=validation)
    state = train(task, [0, 1])
    assert state.stopping.best_epoch.tolist() == [2, 11]
    assert state.stopping.last_epoch.tolist() == [5, 11]
    assert state.stopping.diverged_epoch.tolist() == [-1, -1]
    curve = torch.stack(state.history["validation/loss"])
    assert curve[:, 0].isnan().tolist() == [False] * 6 + [True] * 6
    alone = train(task, [0])
    for kind in ("best", "last"):
        for name, weights in getattr(alone, kind).items():
            torch.testing.assert_close(getattr(state, kind)[name][0], weights[0])


def test_best_weights_are_copies(toy_task: Any, train: Any) -> None:
    """The weights of the best epoch equal those of a training that stops there."""
    validation = {(3, e): value for e, value in enumerate([3.0, 1.0, 2.0, 1.0])}
    long = train(toy_task(4, validation=validation), [3])
    assert long.stopping.best_epoch.tolist() == [1]  # the first of equal ones
    short = train(toy_task(2, validation=validation), [3])
    assert torch.equal(long.best["weight"], short.last["weight"])
    assert not torch.equal(long.best["weight"], long.last["weight"])


def test_a_resume_after_every_epoch_is_exact(
    toy_task: Any, train: Any, train_with_kills: Any, assert_same: Any
) -> None:
    falling = {(1, epoch): 8.0 - epoch for epoch in range(8)}
    task = toy_task(8, 1, validation={(0, 1): 9.0, (0, 2): 9.0} | falling)
    whole = train(task, [0, 1])
    assert whole.stopping.last_epoch.tolist() == [2, 7]
    resumed, kills = train_with_kills(task, [0, 1])
    assert kills == 8
    assert_same(resumed, whole)
