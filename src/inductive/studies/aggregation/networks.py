"""Networks that differ in their aggregator."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inductive.nn.aggregation import GeneralizedAggregation
from inductive.nn.graph_convolution import GraphConvolution, first_input, input_mask_shape
from inductive.nn.graph_tensors import GraphTensors

Masks = dict[str, Tensor]
"""Dropout site -> mask."""
NewAggregator = Callable[[], GeneralizedAggregation]


class AggregationNet(nn.Module):
    """Two graph convolutions with one aggregator each, ReLU after both, and a linear layer."""

    def __init__(
        self, num_features: int, num_classes: int, *, hidden: int, aggregator: NewAggregator
    ) -> None:
        super().__init__()
        self.hidden = hidden
        self.layers = nn.ModuleList(
            GraphConvolution(width, hidden, aggregator()) for width in (num_features, hidden)
        )
        self.last = nn.Linear(hidden, num_classes)

    def mask_shapes(self, graph: GraphTensors) -> dict[str, tuple[int, ...]]:
        """Site -> shape of its dropout mask."""
        return {"input": input_mask_shape(graph), "hidden": (2, graph.num_nodes, self.hidden)}

    def forward(self, graph: GraphTensors, masks: Masks | None = None) -> Tensor:
        """The scores (N, classes) of all nodes."""
        x = first_input(graph, None if masks is None else masks["input"])
        for i, layer in enumerate(self.layers):
            x = F.relu(layer(x, graph))
            if masks is not None:
                x = x * masks["hidden"][i]
        scores: Tensor = self.last(x)
        return scores


class ThresholdNet(nn.Module):
    """Whether the aggregate of a node's and its neighbours' features is above a threshold.

    Features are (N, 1) and positive. Raises ValueError for another number of features or classes.
    """

    def __init__(self, num_features: int, num_classes: int, *, aggregator: NewAggregator) -> None:
        super().__init__()
        if (num_features, num_classes) != (1, 2):
            raise ValueError(f"one feature and two classes, not {num_features} and {num_classes}")
        self.aggregator = aggregator()
        self.scale = nn.Parameter(torch.ones(1))
        self.threshold = nn.Parameter(torch.zeros(1))

    def mask_shapes(self, graph: GraphTensors) -> dict[str, tuple[int, ...]]:
        """This network has no dropout."""
        return {}

    def forward(self, graph: GraphTensors, masks: Masks | None = None) -> Tensor:
        """The scores (N, 2) of all nodes."""
        assert isinstance(graph.features, Tensor)
        around = graph.neighbours
        messages = graph.features.index_select(0, around.column)
        # The logarithm is monotonic, and gives sums and means a similar scale.
        level: Tensor = self.aggregator(messages, around.row, graph.num_nodes).log()
        score = self.scale * (level - self.threshold)
        return torch.cat([torch.zeros_like(score), score], dim=1)
