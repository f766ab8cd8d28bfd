"""A graph as the tensors that graph networks read."""

from typing import NamedTuple

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

from inductive.data.graph import Graph
from inductive.nn.sparse import Pattern


class GraphTensors(NamedTuple):
    """Features and neighbourhoods, ready on a device.

    Rows of `neighbours` are receiving nodes. It holds both directions of every edge and one
    self-loop a node, entries sorted by row.
    """

    features: Pattern  # (N, F)
    feature_values: Tensor  # (nnz,), rows sum to 1
    neighbours: Pattern  # (N, N)
    normalised: Tensor  # (E,): 1 / sqrt(degree_i degree_j), degrees with the self-loop

    @property
    def num_nodes(self) -> int:
        return self.neighbours.shape[0]


def graph_tensors(graph: Graph, device: torch.device | str = "cpu") -> GraphTensors:
    """The tensors of a graph. Features are row-normalised as in Kipf and Welling 2017."""
    n = graph.num_nodes
    features = sparse.csr_matrix(graph.features, dtype=np.float32)
    features.sort_indices()
    totals = np.asarray(features.sum(axis=1)).ravel()
    scale = np.divide(1.0, totals, out=np.zeros_like(totals), where=totals != 0)
    values = features.data * np.repeat(scale, np.diff(features.indptr))

    i, j = graph.edges
    loops = np.arange(n)
    row, column = np.concatenate([i, j, loops]), np.concatenate([j, i, loops])
    adjacency = sparse.csr_matrix((np.ones(len(row), np.float32), (row, column)), shape=(n, n))
    adjacency.sort_indices()
    degree = np.diff(adjacency.indptr)
    weight = 1 / np.sqrt(np.repeat(degree, degree) * degree[adjacency.indices])
    return GraphTensors(
        Pattern.from_scipy(features, device),
        torch.from_numpy(values.astype(np.float32)).to(device),
        Pattern.from_scipy(adjacency, device),
        torch.from_numpy(weight.astype(np.float32)).to(device),
    )
