"""Test data do not affect training or selection: other test data give bit-identical results."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from inductive.core.run import Run
from inductive.data.generated.boxes import Boxes
from inductive.data.graph import Graph
from inductive.data.tissues import Tissues
from inductive.studies import load
from inductive.studies.shared.graph_tasks import split_of

IMAGES = ["rotation cifar10-plain", "galaxy clean-plain", "rotation cifar10-augmented"]
IMAGES += ["rotation cifar10-p4", "galaxy clean-dropout", "galaxy clean-augmented"]
IMAGES += ["contrastive temperature-0.2", "contrastive supervised"]
OTHERS = ["translation course-Net1-valid", "translation course-Net1-circular"]
OTHERS += ["translation clean-Net1-zeros1", "citation GCN-public", "citation GAT-public"]
OTHERS += ["citation MLP-public"]
OTHERS += ["oversmoothing celltypegraph-self-3", "oversmoothing celltypegraph-none-1"]
OTHERS += ["oversmoothing cora-none-2", "oversmoothing cora-gcnii-3"]
OTHERS += ["aggregation neighbourhoods-max-softmax1-eta0.0-learnt"]
OTHERS += ["aggregation cora-power1-eta0.0-learnt", "aggregation celltypegraph-power2-eta1"]

Train = Callable[..., Any]
Find = Callable[[str], Run]
MakeTask = Callable[..., Any]
MakeData = Callable[[Run], Any]


@pytest.mark.parametrize("name", IMAGES)
def test_changed_test_images_have_no_effect(
    find_run: Find,
    make_task: MakeTask,
    make_data: MakeData,
    train: Train,
    assert_same: Any,
    name: str,
) -> None:
    run = replace(find_run(name), seeds=(0,))  # another seed trains on other images
    data, module = make_data(run), load(run.study).module("task")
    first = run if run.study == "rotation" else module.Training(**run.training)
    tests = module.splits(first, data)(0)["test"]
    pixels, labels = data.pixels.copy(), data.labels.copy()
    pixels[tests], labels[tests] = 255 - pixels[tests], labels[tests[::-1]]
    clean = train(make_task(run, data), [0])
    # A stratified split depends on the classes, so the original classes are used.
    assert_same(train(make_task(run, replace(data, pixels=pixels)), [0]), clean)
    if run.study == "rotation":
        poisoned = replace(data, pixels=pixels, labels=labels)
        assert_same(train(make_task(run, poisoned), [0]), clean)


def test_no_task_has_an_image_that_every_seed_tests(
    find_run: Find, make_task: MakeTask, make_data: MakeData
) -> None:
    run = find_run("rotation cifar10-plain")
    data = make_data(run)
    assert data.is_test.any()
    assert not make_task(run).pixels[torch.from_numpy(data.is_test)].any()


@pytest.mark.parametrize("name", ["contrastive no-negatives", "contrastive temperature-0.2"])
def test_contrastive_training_does_not_use_labels(
    find_run: Find, make_task: MakeTask, train: Train, assert_same: Any, name: str
) -> None:
    run = find_run(name)
    clean = train(make_task(run), [0])
    task = make_task(run)
    task.labels = torch.zeros_like(task.labels)
    assert_same(train(task, [0]), clean)


def _poison_boxes(data: Boxes) -> Boxes:
    corners = {k: v.copy() for k, v in data.corners.items()}
    for split in ("test", "heldout"):
        corners[split][:] = corners[split][::-1, ::-1]
    return replace(data, corners=corners)


def _poison_graph(data: Graph, run: Run) -> Graph:
    labels = data.labels.copy()
    test = split_of(run.training.get("split", "public"), data, 0)["test"]
    labels[test] = np.random.default_rng(0).permutation(labels[test])
    assert (labels != data.labels).any()
    return replace(data, labels=labels)


def _poison_tissues(data: Tissues, run: Run) -> Tissues:
    """Test specimens with other features and classes."""
    features, labels = data.features.copy(), data.labels.copy()
    for i in split_of(run.training["split"], data, 0)["test"]:
        rows = slice(data.node_start[i], data.node_start[i + 1])
        features[rows], labels[rows] = -features[rows], (labels[rows] + 1) % 9
    return replace(data, features=features, labels=labels)


@pytest.mark.parametrize("name", OTHERS)
def test_changed_test_data_have_no_effect(
    find_run: Find,
    make_task: MakeTask,
    make_data: MakeData,
    train: Train,
    assert_same: Any,
    name: str,
) -> None:
    run = find_run(name)
    data = make_data(run)
    if isinstance(data, Tissues):
        poisoned: Any = _poison_tissues(data, run)
    else:
        poisoned = _poison_boxes(data) if isinstance(data, Boxes) else _poison_graph(data, run)
    clean = train(make_task(run, data), [0])
    assert_same(train(make_task(run, poisoned), [0]), clean)
