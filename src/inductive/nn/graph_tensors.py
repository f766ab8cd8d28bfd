"""The tensors of a graph that graph networks take as input."""

from typing import NamedTuple

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

from inductive.nn.sparse import SparsePattern


class GraphTensors(NamedTuple):
    """Features and neighbourhoods, ready on a device.

    Rows of `neighbours` are receiving nodes. It holds both directions of every edge and one
    self-loop per node, entries sorted by row.
    """

    features: SparsePattern | Tensor
    """(N, F), dense or the pattern of a sparse matrix."""
    feature_values: Tensor
    """(nnz,) of sparse features, whose rows sum to 1; empty for dense ones."""
    neighbours: SparsePattern
    """(N, N) with E entries."""
    normalised: Tensor
    """(E,): 1 / sqrt(degree_i degree_j), degrees with the self-loop."""
    mean: Tensor
    """(E,): 1 / degree_i without the self-loop, 0 for the self-loop: the mean of neighbours."""

    @property
    def num_nodes(self) -> int:
        """N."""
        return self.neighbours.shape[0]


def sparse_graph_tensors(
    features: sparse.csr_matrix, edges: np.ndarray, device: torch.device | str = "cpu"
) -> GraphTensors:
    """The tensors of sparse features (N, F) and edges (2, E), each undirected edge once.

    Every row of the features is divided by its sum, as in Kipf and Welling 2017, arXiv:1609.02907.
    """
    features = sparse.csr_matrix(features, dtype=np.float32)
    features.sort_indices()
    totals = np.asarray(features.sum(axis=1)).ravel()
    scale = np.divide(1.0, totals, out=np.zeros_like(totals), where=totals != 0)
    values = features.data * np.repeat(scale, np.diff(features.indptr))
    return GraphTensors(
        SparsePattern.from_scipy(features, device),
        torch.from_numpy(values.astype(np.float32)).to(device),
        *_neighbourhoods(edges, features.shape[0], device),
    )


def dense_graph_tensors(
    features: np.ndarray, edges: np.ndarray, device: torch.device | str = "cpu"
) -> GraphTensors:
    """The tensors of dense features (N, F), not normalised, and edges (2, E), each once."""
    x = torch.from_numpy(np.ascontiguousarray(features, np.float32)).to(device)
    return GraphTensors(x, x.new_empty(0), *_neighbourhoods(edges, len(features), device))


def _neighbourhoods(
    edges: np.ndarray, n: int, device: torch.device | str
) -> tuple[SparsePattern, Tensor, Tensor]:
    """The pattern of A + I and its two weightings."""
    i, j = edges
    loops = np.arange(n)
    row, column = np.concatenate([i, j, loops]), np.concatenate([j, i, loops])
    adjacency = sparse.csr_matrix((np.ones(len(row), np.float32), (row, column)), shape=(n, n))
    adjacency.sort_indices()
    degree = np.diff(adjacency.indptr)
    row_degree = np.repeat(degree, degree)
    symmetric = 1 / np.sqrt(row_degree * degree[adjacency.indices])
    is_loop = np.repeat(loops, degree) == adjacency.indices
    mean = np.where(is_loop, 0.0, 1 / np.maximum(row_degree - 1, 1))
    weights = [torch.from_numpy(w.astype(np.float32)).to(device) for w in (symmetric, mean)]
    return SparsePattern.from_scipy(adjacency, device), weights[0], weights[1]
