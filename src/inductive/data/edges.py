"""Undirected edges as arrays."""

import numpy as np


def undirected(edges: np.ndarray) -> np.ndarray:
    """(2, E') any directed or doubled edges -> (2, E) each pair once, i < j, sorted, no loops."""
    low, high = np.minimum(*edges), np.maximum(*edges)
    pairs = np.unique(np.stack([low, high])[:, low != high], axis=1)
    return pairs.astype(np.int64).reshape(2, -1)
