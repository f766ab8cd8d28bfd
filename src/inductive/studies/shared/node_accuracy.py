"""Which nodes of a graph are classified correctly."""

import numpy as np


def nodes_right(predicted: np.ndarray, labels: np.ndarray, nodes: np.ndarray) -> np.ndarray:
    """(n,) bool: whether the predicted class of each of `nodes` (n,) is right; classes of all nodes
    are (N,)."""
    right: np.ndarray = predicted[nodes] == labels[nodes]
    return right
