"""Graph convolution (Kipf and Welling 2017)."""

import torch
from torch import Tensor, nn

from inductive.nn.aggregation import Aggregator
from inductive.nn.graph_tensors import GraphTensors
from inductive.nn.sparse import Pattern, sparse_matmul


def linear(x: "Tensor | SparseInput", weight: Tensor) -> Tensor:
    """x W for dense x (N, F) or sparse features, W (F, d) -> (N, d)."""
    if isinstance(x, Tensor):
        return x @ weight
    return sparse_matmul(x.pattern, x.values, weight)


class SparseInput:
    """The features of a graph's nodes as the input of a first layer: (N, F), never made dense."""

    def __init__(self, graph: GraphTensors, mask: Tensor | None = None) -> None:
        assert isinstance(graph.features, Pattern)
        self.pattern = graph.features
        self.values = graph.feature_values if mask is None else graph.feature_values * mask


def first_input(graph: GraphTensors, mask: Tensor | None = None) -> Tensor | SparseInput:
    """What a first layer reads: dense or sparse features, dropped where there is a mask."""
    if isinstance(graph.features, Pattern):
        return SparseInput(graph, mask)
    return graph.features if mask is None else graph.features * mask


def input_mask_shape(graph: GraphTensors) -> tuple[int, ...]:
    """The shape of a mask for `first_input`."""
    sparse = isinstance(graph.features, Pattern)
    return tuple(graph.feature_values.shape if sparse else graph.features.shape)


MESSAGE_FLOOR = 1e-7  # so that a logarithm of a message exists (Li et al. 2020)


class GraphConvolution(nn.Module):
    """h'_i = b + Σ_j W h_j / √(d_i d_j) over the neighbours j of i and i itself.

    With an `aggregator`, h'_i = b + aggregate_j (ReLU(W h_j) + 1e-7) over the same j.
    """

    def __init__(
        self, in_features: int, out_features: int, aggregator: Aggregator | None = None
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(in_features, out_features))
        self.bias = nn.Parameter(torch.zeros(out_features))
        self.aggregator = aggregator
        nn.init.xavier_uniform_(self.weight)

    def forward(self, x: Tensor | SparseInput, graph: GraphTensors) -> Tensor:
        """(N, in) -> (N, out)."""
        projected, around = linear(x, self.weight), graph.neighbours
        if self.aggregator is None:
            return sparse_matmul(around, graph.normalised, projected) + self.bias
        messages = (projected.relu() + MESSAGE_FLOOR).index_select(0, around.column)
        aggregated: Tensor = self.aggregator(messages, around.row, graph.num_nodes)
        return aggregated + self.bias
