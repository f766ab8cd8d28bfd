"""The galaxy study: splits, class weights, confusion and recall."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from inductive.core.run import Run
from inductive.studies.galaxy.evaluate import evaluate
from inductive.studies.galaxy.metrics import METRICS
from inductive.studies.galaxy.task import Training, splits, task
from inductive.training.ensemble import Ensemble

CPU = torch.device("cpu")
FindRun = Callable[[str], Run]


@pytest.fixture
def find_run(make_runs: Callable[..., list[Run]]) -> FindRun:
    return lambda variant: next(r for r in make_runs("galaxy") if r.variant == variant)


def test_the_course_has_one_split_and_clean_runs_one_per_seed(
    find_run: FindRun, make_data: Callable[[Run], Any]
) -> None:
    for variant, same in (("course-plain", True), ("clean-plain", False)):
        run = find_run(variant)
        split = splits(Training(**run.training), make_data(run))
        assert np.array_equal(split(0)["test"], split(1)["test"]) == same


def test_class_weights_do_not_depend_on_the_seed_and_balance_the_classes(
    find_run: FindRun, make_data: Callable[[Run], Any]
) -> None:
    run = find_run("clean-class-weights")
    data = make_data(run)
    built = task(run, data, CPU)
    assert built.class_weights is not None
    for seed in run.seeds:
        counts = built.labels[built.indices(seed, "train")].bincount(minlength=data.num_classes)
        present = counts > 0
        total = (built.class_weights * counts)[present]
        torch.testing.assert_close(total, total[:1].expand_as(total))


def test_confusion_sums_to_the_test_images_and_recall_is_its_diagonal(
    find_run: FindRun, make_data: Callable[[Run], Any]
) -> None:
    run = find_run("clean-plain")
    data = make_data(run)
    networks = Ensemble.initialise(task(run, data, CPU).build, run.seeds, CPU)
    with torch.no_grad():
        table = evaluate(run, data, {"best": networks, "last": networks}, CPU)
    assert {row[3] for row in table.rows} == set(METRICS)
    assert all(set(row[4]) <= METRICS[row[3]].coordinates for row in table.rows)
    n, split = data.num_classes, splits(Training(**run.training), data)
    for seed in run.seeds:
        confusion, recall, accuracy = np.zeros((n, n)), np.zeros(n), np.nan
        for _, selection, part, metric, coordinates, value in table.of_seed(seed):
            if (selection, part) != ("best", "test"):
                continue
            if metric == "confusion":
                confusion[coordinates["true"], coordinates["predicted"]] = value
            elif metric == "recall":
                recall[coordinates["true"]] = value
            elif metric == "accuracy":
                accuracy = value
        counts = np.bincount(data.labels[split(seed)["test"]], minlength=n)
        assert np.array_equal(confusion.sum(1), counts)
        present = counts > 0
        np.testing.assert_allclose(
            recall[present], np.diag(confusion)[present] / counts[present], rtol=1e-6
        )
        assert np.isnan(recall[~present]).all()
        assert accuracy == pytest.approx(np.trace(confusion) / counts.sum())
