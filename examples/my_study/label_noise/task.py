"""The training. Unlike a change of a text or a figure, a change of this module retrains."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from inductive.core.run import Run
from inductive.core.seeding import numpy_generator
from inductive.data.graph import Graph
from inductive.nn.graph_convolution import GraphConvolution, first_input, input_mask_shape
from inductive.nn.graph_tensors import GraphTensors, sparse_graph_tensors
from inductive.studies.shared.node_task import NodeTraining
from inductive.studies.shared.whole_graph import WholeGraphTask


@dataclass(frozen=True, kw_only=True)
class Training(NodeTraining):
    """Every setting that determines the weights."""

    noise: float
    """Share of training labels that are wrong."""
    neighbours: bool
    """Whether features are averaged over neighbours."""


class OneLayer(nn.Module):
    """softmax(Â X W + b), where Â averages over a node and its neighbours."""

    def __init__(self, num_features: int, num_classes: int) -> None:
        super().__init__()
        self.layer = GraphConvolution(num_features, num_classes)

    def mask_shapes(self, graph: GraphTensors) -> dict[str, tuple[int, ...]]:
        return {"input": input_mask_shape(graph)}

    def forward(self, graph: GraphTensors, masks: dict[str, Tensor] | None = None) -> Tensor:
        scores: Tensor = self.layer(first_input(graph, masks and masks["input"]), graph)
        return scores  # (N, classes)


class LabelNoise(WholeGraphTask):
    """Each seed has its own wrong labels."""

    training: Training

    def supervision(self, seed: int, part: str) -> tuple[Tensor, Tensor]:
        """Nodes of a part and their classes, both (n,)."""
        nodes, labels = super().supervision(seed, part)
        if part == "train":
            rng, classes = numpy_generator("label noise", seed), self.shape[1]
            rank, offset = rng.permutation(len(labels)), rng.integers(1, classes, len(labels))
            offset[rank >= round(self.training.noise * len(labels))] = 0
            labels = (labels + torch.from_numpy(offset).to(labels.device)) % classes
        return nodes, labels


def tensors(training: Training, data: Graph, device: torch.device) -> GraphTensors:
    """The graph; without edges a network uses only a node's own features."""
    edges = data.edges if training.neighbours else data.edges[:, :0]
    return sparse_graph_tensors(data.features, edges, device)


def task(run: Run, data: Graph, device: torch.device) -> LabelNoise:
    """The task does not have the classes of test nodes."""
    training = Training(**run.training)
    data = data.without_labels(data.test)
    return LabelNoise(
        training,
        data,
        tensors(training, data, device),
        model=OneLayer,
        decay=lambda parameters: dict.fromkeys(parameters, training.weight_decay),
        parts=lambda seed: {"train": data.train, "validation": data.validation},
    )
