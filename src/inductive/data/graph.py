"""A graph whose nodes are classified, in memory and as it is stored."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from inductive.core.run import DatasetSpec
from inductive.data.storage import load_arrays

UNKNOWN_CLASS = -1
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
        """N."""
        return int(self.features.shape[0])

    @property
    def num_classes(self) -> int:
        """The number of classes."""
        return int(self.labels.max()) + 1

    def without_labels(self, nodes: np.ndarray) -> "Graph":
        """The same graph with the classes of `nodes` unknown."""
        labels = self.labels.copy()
        labels[nodes] = UNKNOWN_CLASS
        return replace(self, labels=labels)

    def to_arrays(self) -> dict[str, np.ndarray]:
        """The graph as it is stored; `load` is the inverse."""
        return {
            "values": self.features.data,
            "indices": self.features.indices,
            "indptr": self.features.indptr,
            "num_features": np.array([self.features.shape[1]]),
            "edges": self.edges,
            "labels": self.labels,
            "train": self.train,
            "validation": self.validation,
            "test": self.test,
        }


def load(spec: DatasetSpec, folder: Path) -> Graph:
    """The graph in the folder of a data set of any kind."""
    arrays = load_arrays(folder)
    shape = (len(arrays["labels"]), int(arrays["num_features"][0]))
    columns = (arrays["values"], arrays["indices"], arrays["indptr"])
    names = ("edges", "labels", "train", "validation", "test")
    return Graph(sparse.csr_matrix(columns, shape=shape), **{name: arrays[name] for name in names})


def largest_component(graph: Graph) -> np.ndarray:
    """The nodes of the largest connected component, sorted."""
    n = graph.num_nodes
    adjacency = sparse.coo_matrix((np.ones(graph.edges.shape[1]), graph.edges), shape=(n, n))
    _, component = connected_components(adjacency, directed=False)
    return np.flatnonzero(component == np.bincount(component).argmax())
