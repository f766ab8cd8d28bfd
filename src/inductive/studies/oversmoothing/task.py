"""How the networks of the oversmoothing study are trained."""

from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

from inductive.core.run import Run
from inductive.data.graph import Graph
from inductive.data.tissues import Tissues
from inductive.nn.graph_tensors import GraphTensors, sparse_graph_tensors
from inductive.studies.oversmoothing.networks import GCNII, DeepGCN
from inductive.studies.shared.graph_tasks import GraphTraining, node_task
from inductive.studies.shared.many_graphs import ManyGraphsTask
from inductive.studies.shared.whole_graph import WholeGraphTask
from inductive.training.ensemble import Parameters


@dataclass(frozen=True, kw_only=True)
class Training(GraphTraining):
    """Every setting that determines the weights."""

    remedy: str
    """A key of `networks.STACKS`, or `gcnii`."""
    depth: int
    """Number of graph convolutions."""
    hidden: int
    """Width of the hidden layers."""
    drop_input: bool
    """Whether dropout is applied to the input features too."""
    gain: float = 1.0
    """Factor of the initial weights, for all remedies but `gcnii`."""
    initial: float = 0.0
    """GCNII's α."""
    strength: float = 0.0
    """GCNII's θ."""
    mixed_weight_decay: float | None = None
    """Weight decay of GCNII's hidden matrices, in place of `weight_decay`."""


def build_network(training: Training, num_features: int, num_classes: int) -> nn.Module:
    """The network of a run."""
    if training.remedy == "gcnii":
        return GCNII(
            num_features,
            num_classes,
            hidden=training.hidden,
            depth=training.depth,
            initial=training.initial,
            strength=training.strength,
            drop_input=training.drop_input,
        )
    return DeepGCN(
        num_features,
        num_classes,
        hidden=training.hidden,
        depth=training.depth,
        remedy=training.remedy,
        gain=training.gain,
        drop_input=training.drop_input,
    )


def task(run: Run, data: Graph | Tissues, device: torch.device) -> WholeGraphTask | ManyGraphsTask:
    """The task does not have the classes of test nodes or specimens."""
    training = Training(**run.training)

    def decay(parameters: Parameters) -> dict[str, float]:
        mixed = training.mixed_weight_decay
        if mixed is None:
            mixed = training.weight_decay
        return {
            name: mixed if name.startswith("mixed.") else training.weight_decay
            for name in parameters
        }

    def tensors(graph: Graph) -> GraphTensors:
        return sparse_graph_tensors(graph.features, graph.edges, device)

    return node_task(training, data, device, partial(build_network, training), decay, tensors)
