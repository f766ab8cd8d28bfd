"""The task of a study that trains on single graphs and on tissues."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from inductive.core.seeding import numpy_generator
from inductive.data.graph import Graph
from inductive.data.tissues import Tissues, parts_of
from inductive.nn.graph_tensors import GraphTensors
from inductive.studies.shared.many_graphs import ManyGraphsTask
from inductive.studies.shared.node_task import Decay, Model, NodeTraining
from inductive.studies.shared.whole_graph import WholeGraphTask

Split = str | dict[str, Any]
"""Of the nodes of one graph: `public` (its published split) or `thirds` (drawn from the seed). Of
specimens: a mapping with `shares`, `seed` and `folds`."""


@dataclass(frozen=True, kw_only=True)
class GraphTraining(NodeTraining):
    """The training settings of a study whose data are one graph or tissues."""

    split: Split = "public"


def split_of(split: Split, data: Graph | Tissues, seed: int) -> dict[str, np.ndarray]:
    """train, validation and test -> nodes of one graph, or specimens.

    With folds, seed i tests on fold i modulo the number of folds.
    """
    if isinstance(data, Tissues):
        assert isinstance(split, dict)
        return parts_of(data.names, split, seed)
    if split == "thirds":
        order = numpy_generator("thirds", seed).permutation(len(data.labels))
        parts = [np.sort(part) for part in np.array_split(order, 3)]
        return dict(zip(("train", "validation", "test"), parts, strict=True))
    return {"train": data.train, "validation": data.validation, "test": data.test}


def node_task(
    training: GraphTraining,
    data: Graph | Tissues,
    device: torch.device,
    model: Model,
    decay: Decay,
    tensors: Callable[[Graph], GraphTensors],
) -> WholeGraphTask | ManyGraphsTask:
    """A node classification task that holds no class of a test node or specimen."""
    if isinstance(data, Tissues):
        assert isinstance(training.split, dict)

        def parts(seed: int) -> dict[str, np.ndarray]:
            return {k: v for k, v in split_of(training.split, data, seed).items() if k != "test"}

        folds = training.split["folds"]
        return ManyGraphsTask(training, data, device, model, decay, parts, folds)
    # With thirds the test nodes depend on the seed; the task reads only the classes of the others.
    known = data if training.split == "thirds" else data.without_labels(data.test)

    def nodes(seed: int) -> dict[str, np.ndarray]:
        return split_of(training.split, known, seed)

    return WholeGraphTask(training, known, tensors(known), model, decay, nodes)
