"""Trained seeds on disk: joining, reading and writing without a changed byte."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from inductive.core.errors import InputError
from inductive.training.result import TrainedSeeds

FILES = ("checkpoint.safetensors", "history.csv")
TWENTY = list(range(20))


@pytest.fixture
def trained(toy_task: Any, train: Any) -> Any:
    """`trained(seeds)`: as a job trains them on a CPU, one after another; seed 3 diverges."""

    def of(seeds: list[int]) -> TrainedSeeds:
        task = toy_task(2, validation={(3, 1): math.nan})
        return TrainedSeeds.from_states([train(task, [seed]) for seed in seeds], seeds)

    return of


def written(result: TrainedSeeds, folder: Path) -> list[bytes]:
    result.write(folder)
    return [(folder / name).read_bytes() for name in FILES]


def test_ten_and_ten_more_seeds_equal_twenty(trained: Any, tmp_path: Path) -> None:
    """Also where the groups interleave, and come from disk or from memory."""
    expected = written(trained(TWENTY), tmp_path / "twenty")
    for name, first in {"halves": TWENTY[:10], "even": TWENTY[::2]}.items():
        trained(first).write(tmp_path / name)
        read = TrainedSeeds.read(tmp_path / name)
        more = trained([seed for seed in TWENTY if seed not in first])
        for parts in ([read, more], [more, read]):
            joined = TrainedSeeds.concat(parts, TWENTY)
            assert written(joined, tmp_path / f"{name} joined") == expected


def test_groups_of_several_seeds(toy_task: Any, train: Any, tmp_path: Path) -> None:
    groups = [[0, 1, 2], [3, 4]]
    states = [train(toy_task(2), group) for group in groups]
    whole = TrainedSeeds.from_states(states, [0, 1, 2, 3, 4])
    parts = [TrainedSeeds.from_states([s], g) for s, g in zip(states, groups, strict=True)]
    joined = TrainedSeeds.concat(parts[::-1], whole.seeds)
    assert written(joined, tmp_path / "joined") == written(whole, tmp_path / "whole")


def test_a_selection_equals_the_training_of_its_seeds_alone(trained: Any, tmp_path: Path) -> None:
    expected = written(trained([4, 3]), tmp_path / "alone")
    assert written(trained([2, 3, 4]).select([4, 3]), tmp_path / "selected") == expected


def test_the_first_part_with_a_seed_is_used(trained: Any, tmp_path: Path) -> None:
    first, second = trained([0, 1]), trained([1, 2])
    changed = replace(second, best={name: w + 1 for name, w in second.best.items()})
    joined = TrainedSeeds.concat([first, changed], [2, 1, 0])
    assert joined.seeds == (2, 1, 0)
    assert torch.equal(joined.best["weight"][1], first.best["weight"][1])
    assert torch.equal(joined.best["weight"][0], changed.best["weight"][1])
    assert len(joined.history) == 3 * len(first.history) / 2


def test_a_seed_that_is_not_trained_is_named(trained: Any) -> None:
    with pytest.raises(InputError, match="seeds 2, 5 are not trained"):
        TrainedSeeds.concat([trained([0, 1])], [0, 2, 5])


def test_values_are_read_and_written_without_a_change(trained: Any, tmp_path: Path) -> None:
    result = trained([0])
    values = [math.nan, math.inf, -math.inf, -0.0, 1e-320, 5e-324, 1 / 3, 123456.5, 1234567.0, 1e22]
    history = [(0, i + 1, "train", "loss", value) for i, value in enumerate(values)]
    first = written(replace(result, history=history), tmp_path / "first")
    assert written(TrainedSeeds.read(tmp_path / "first"), tmp_path / "second") == first


def test_rows_are_ordered_by_seed_epoch_split_and_metric(trained: Any, tmp_path: Path) -> None:
    trained([5, 2]).write(tmp_path)
    header, *lines = (tmp_path / "history.csv").read_text().splitlines()
    assert header == "seed,epoch,split,metric,value"
    assert [line.rsplit(",", 1)[0] for line in lines] == [
        f"{seed},{epoch},{name}"
        for seed in (5, 2)
        for epoch in (1, 2)
        for name in ("train,accuracy", "train,loss", "validation,loss")
    ]


@pytest.mark.parametrize("missing", FILES)
def test_a_missing_file_is_named(trained: Any, tmp_path: Path, missing: str) -> None:
    trained([0]).write(tmp_path)
    (tmp_path / missing).unlink()
    with pytest.raises(InputError, match=f"{missing}: no such file"):
        TrainedSeeds.read(tmp_path)


def test_a_damaged_checkpoint_is_named(trained: Any, tmp_path: Path) -> None:
    trained([0]).write(tmp_path)
    (tmp_path / FILES[0]).write_bytes(b"half of a file")
    with pytest.raises(InputError, match="not a readable checkpoint"):
        TrainedSeeds.read(tmp_path)
