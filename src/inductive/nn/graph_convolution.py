"""Graph convolution (Kipf and Welling 2017, arXiv:1609.02907)."""

import torch
from torch import Tensor, nn

from inductive.nn.aggregation import GeneralizedAggregation
from inductive.nn.graph_tensors import GraphTensors
from inductive.nn.sparse import SparsePattern, sparse_matmul


def linear(x: "Tensor | SparseInput", weight: Tensor) -> Tensor:
    """x W for dense x (N, F) or sparse features, W (F, d) -> (N, d)."""
    if isinstance(x, Tensor):
        return x @ weight
    return sparse_matmul(x.pattern, x.values, weight)


class SparseInput:
    """Sparse node features (N, F) as the input of a first layer; never made dense.

    `mask` (nnz,) drops entries.
    """

    def __init__(self, graph: GraphTensors, mask: Tensor | None = None) -> None:
        assert isinstance(graph.features, SparsePattern)
        self.pattern = graph.features
        self.values = graph.feature_values if mask is None else graph.feature_values * mask


def first_input(graph: GraphTensors, mask: Tensor | None = None) -> Tensor | SparseInput:
    """The input of a first layer: dense or sparse features, with dropout where a mask is given."""
    if isinstance(graph.features, SparsePattern):
        return SparseInput(graph, mask)
    return graph.features if mask is None else graph.features * mask


def input_mask_shape(graph: GraphTensors) -> tuple[int, ...]:
    """The shape of a dropout mask for `first_input`."""
    is_sparse = isinstance(graph.features, SparsePattern)
    return tuple(graph.feature_values.shape if is_sparse else graph.features.shape)


MESSAGE_FLOOR = 1e-7
"""Added to messages so that their logarithm exists (Li et al. 2020, arXiv:2006.07739)."""


class GraphConvolution(nn.Module):
    """h'_i = b + Σ_j W h_j / √(d_i d_j) over the neighbours j of i and i itself.

    With an `aggregator`, h'_i = b + aggregate_j (ReLU(W h_j) + 1e-7) over the same j.
    """

    def __init__(
        self, in_features: int, out_features: int, aggregator: GeneralizedAggregation | None = None
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(in_features, out_features))
        self.bias = nn.Parameter(torch.zeros(out_features))
        self.aggregator = aggregator
        nn.init.xavier_uniform_(self.weight)

    def forward(self, x: Tensor | SparseInput, graph: GraphTensors) -> Tensor:
        """(N, in) -> (N, out)."""
        projected, neighbours = linear(x, self.weight), graph.neighbours
        if self.aggregator is None:
            return sparse_matmul(neighbours, graph.normalised, projected) + self.bias
        messages = (projected.relu() + MESSAGE_FLOOR).index_select(0, neighbours.column)
        aggregated: Tensor = self.aggregator(messages, neighbours.row, graph.num_nodes)
        return aggregated + self.bias
