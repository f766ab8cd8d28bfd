"""Graph convolution (Kipf and Welling 2017)."""

import torch
from torch import Tensor, nn

from inductive.nn.graph_tensors import GraphTensors
from inductive.nn.sparse import sparse_matmul


def linear(x: "Tensor | SparseInput", weight: Tensor) -> Tensor:
    """x W for dense x (N, F) or sparse features, W (F, d) -> (N, d)."""
    if isinstance(x, Tensor):
        return x @ weight
    return sparse_matmul(x.graph.features, x.values, weight)


class SparseInput:
    """The features of a graph's nodes as the input of a first layer: (N, F), never made dense."""

    def __init__(self, graph: GraphTensors, mask: Tensor | None = None) -> None:
        self.graph = graph
        self.values = graph.feature_values if mask is None else graph.feature_values * mask


class GraphConvolution(nn.Module):
    """h'_i = b + Σ_j W h_j / √(d_i d_j) over the neighbours j of i and i itself."""

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(in_features, out_features))
        self.bias = nn.Parameter(torch.zeros(out_features))
        nn.init.xavier_uniform_(self.weight)

    def forward(self, x: Tensor | SparseInput, graph: GraphTensors) -> Tensor:
        """(N, in) -> (N, out)."""
        return sparse_matmul(graph.neighbours, graph.normalised, linear(x, self.weight)) + self.bias
