"""A citation graph in memory."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

TRANSDUCTIVE_UNKNOWN = -1
"""The label of a node whose class no file states."""


@dataclass(frozen=True)
class Graph:
    """An undirected graph with node features, classes and one published split."""

    features: sparse.csr_matrix
    """(N, F), as published (not normalised)."""
    edges: np.ndarray
    """(2, E) int64: every undirected edge once, smaller node first, no loops, sorted."""
    labels: np.ndarray
    """(N,) int64; -1 where unknown."""
    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    """Node indices of the public split."""

    @property
    def num_nodes(self) -> int:
        return int(self.features.shape[0])

    @property
    def num_classes(self) -> int:
        return int(self.labels.max()) + 1

    def without_labels(self, nodes: np.ndarray) -> "Graph":
        """The same with the classes of `nodes` unknown."""
        labels = self.labels.copy()
        labels[nodes] = TRANSDUCTIVE_UNKNOWN
        return replace(self, labels=labels)


def undirected(edges: np.ndarray) -> np.ndarray:
    """(2, E') any directed or doubled edges -> (2, E) each pair once, i < j, sorted, no loops."""
    low, high = np.minimum(*edges), np.maximum(*edges)
    pairs = np.unique(np.stack([low, high])[:, low != high], axis=1)
    return pairs.astype(np.int64).reshape(2, -1)


def largest_component(graph: Graph) -> np.ndarray:
    """The nodes of the largest connected component, sorted."""
    n = graph.num_nodes
    adjacency = sparse.coo_matrix((np.ones(graph.edges.shape[1]), graph.edges), shape=(n, n))
    _, component = connected_components(adjacency, directed=False)
    return np.flatnonzero(component == np.bincount(component).argmax())
