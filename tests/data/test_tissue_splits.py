"""Splits of specimens within stages, by shares or by folds."""

from collections.abc import Callable

import numpy as np
import pytest

from inductive.core.errors import InputError
from inductive.core.run import DatasetSpec, Run
from inductive.data.tissues import check_split, split_by_fold, split_by_share

# The published 84 specimens, by stage.
SIZES = {"2-III": 10, "2-IV": 7, "2-V": 10, "3-I": 9, "3-II": 10, "3-III": 10}
SIZES |= {"3-IV": 9, "3-V": 9, "3-VI": 10}
NAMES = tuple(f"{stage}/{i:03d}" for stage, n in SIZES.items() for i in range(n))


def test_splits_are_disjoint_and_by_stage() -> None:
    parts = split_by_share(NAMES, [0.6, 0.1, 0.3], 0)
    everything = np.sort(np.concatenate(list(parts.values())))
    assert everything.tolist() == list(range(84))
    for stage, n in SIZES.items():
        train = sum(NAMES[i].startswith(f"{stage}/") for i in parts["train"])
        validation = sum(NAMES[i].startswith(f"{stage}/") for i in parts["validation"])
        assert (train, validation) == (int(np.ceil(0.6 * n)), int(np.ceil(0.1 * n)))
    first = np.array([i for i, name in enumerate(NAMES) if name.startswith("2-III/")])
    np.random.RandomState(0).shuffle(first)
    assert set(first[:6]) == set(parts["train"].tolist()) & set(range(10))


def test_folds_test_every_specimen_once() -> None:
    folds = [split_by_fold(NAMES, 5, fold, 0) for fold in range(5)]
    tested = np.concatenate([f["test"] for f in folds])
    assert np.sort(tested).tolist() == list(range(84))
    for parts in folds:
        assert len(set(np.concatenate(list(parts.values())).tolist())) == 84
        assert not set(parts["test"]) & set(parts["validation"])


def test_an_empty_part_is_detected_before_any_job(resolve: Callable[..., DatasetSpec]) -> None:
    generated = {"seed": 0, "specimens": 8, "stages": 2, "cells": 60, "noise": 0.3}
    spec = resolve("celltypegraph", generated=generated)
    split = {"shares": [0.6, 0.1, 0.3], "seed": 0, "folds": 0}
    with pytest.raises(InputError, match="no specimen is left for test"):
        check_split(spec, split)
    check_split(spec, split | {"shares": [0.5, 0.2, 0.3]})
    with pytest.raises(InputError, match=r"no specimen is left for validation \(fold 3 of 5\)"):
        check_split(spec, split | {"folds": 5})


@pytest.mark.parametrize("study", ["oversmoothing", "aggregation"])
def test_a_study_checks_its_split_while_planning(
    study: str, make_runs: Callable[..., list[Run]]
) -> None:
    too_few = {"celltypegraph": {"generated": {"specimens": 8, "stages": 2}}}
    with pytest.raises(InputError, match="no specimen is left for test"):
        make_runs(study, data=too_few)


def test_shares_add_up_to_one(resolve: Callable[..., DatasetSpec]) -> None:
    with pytest.raises(InputError, match="expected to add up to 1"):
        check_split(resolve("celltypegraph"), {"shares": [0.6, 0.1, 0.2], "seed": 0, "folds": 0})
