"""How the networks of the citation study are trained."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch

from inductive.core.run import Run
from inductive.data.graph import Graph
from inductive.nn.graph_tensors import sparse_graph_tensors
from inductive.studies.citation.networks import MODELS
from inductive.studies.citation.splits import RandomSplit, public_split, random_split
from inductive.studies.shared.node_task import NodeTraining
from inductive.studies.shared.whole_graph import WholeGraphTask
from inductive.training.ensemble import Parameters


@dataclass(frozen=True, kw_only=True)
class Training(NodeTraining):
    """Every setting that determines the weights."""

    model: str
    """A key of MODELS."""
    hidden: int
    """Width of the hidden layer (of one head, for a GAT)."""
    heads: int | None = None
    """Of a GAT's first layer."""
    output_heads: int | None = None
    """Of its second layer."""
    split: str
    """`public` or `random`."""
    random_split: dict[str, Any] | None = None
    """The fields of `RandomSplit`, for a random split."""

    @property
    def sizes(self) -> dict[str, int]:
        """The options of the network that it has a value for."""
        options = {"hidden": self.hidden, "heads": self.heads, "output_heads": self.output_heads}
        return {name: size for name, size in options.items() if size is not None}


def split_nodes(graph: Graph, training: Training, seed: int) -> dict[str, np.ndarray]:
    """train, validation and test -> nodes: the public split, or the seed's random one."""
    if training.random_split is None:
        return public_split(graph)
    return random_split(graph, RandomSplit(**training.random_split), seed)


def task(run: Run, data: Graph, device: torch.device) -> WholeGraphTask:
    """On the public split the task does not have the classes of test nodes.

    Random splits are drawn by class, from all of them; of these the task keeps the classes of the
    training and validation nodes.
    """
    training = Training(**run.training)
    if training.split == "public":
        data = data.without_labels(data.test)
    network = MODELS[training.model]

    def decay(parameters: Parameters) -> dict[str, float]:
        return dict.fromkeys(network.decayed or tuple(parameters), training.weight_decay)

    return WholeGraphTask(
        training,
        data,
        sparse_graph_tensors(data.features, data.edges, device),
        partial(network, **training.sizes),
        decay,
        lambda seed: split_nodes(data, training, seed),
    )
