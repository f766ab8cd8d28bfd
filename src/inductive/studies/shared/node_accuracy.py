"""Accuracy on some nodes of a graph."""

import numpy as np


def node_accuracy(predicted: np.ndarray, labels: np.ndarray, nodes: np.ndarray) -> float:
    """The share of `nodes` (n,) whose predicted class is right; classes of all nodes are (N,)."""
    return float((predicted[nodes] == labels[nodes]).mean())
