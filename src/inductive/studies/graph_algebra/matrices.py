"""The two graphs of the source (S2 3.1), their matrices, and the matrices printed there."""

import numpy as np

Edges = tuple[tuple[int, int], ...]

# Nodes have the source's numbers, which start at 1.
FIRST: Edges = ((1, 2), (1, 3), (1, 5), (2, 3), (3, 4))
SECOND: Edges = ((1, 2), (2, 3), (2, 5), (3, 4), (4, 5), (4, 6), (5, 6))
PRINTED_SQUARE = (
    (3, 1, 1, 1, 0),
    (1, 2, 1, 1, 1),
    (1, 1, 3, 0, 1),
    (1, 1, 0, 1, 0),
    (0, 1, 1, 0, 1),
)
"""A² of the first graph."""
PRINTED_LAPLACIAN = (
    (1, -1, 0, 0, 0, 0),
    (-1, 3, -1, 0, -1, 0),
    (0, -1, 2, -1, 0, 0),
    (0, 0, -1, 3, -1, -1),
    (0, -1, 0, -1, 3, -1),
    (0, 0, 0, -1, -1, 2),
)
"""L of the second graph."""


def adjacency(edges: Edges) -> np.ndarray:
    """(n, n) of 0 and 1, from undirected edges between nodes 1 to n."""
    n = max(max(edge) for edge in edges)
    matrix = np.zeros((n, n), dtype=np.int64)
    for i, j in edges:
        matrix[i - 1, j - 1] = matrix[j - 1, i - 1] = 1
    return matrix


def laplacian(matrix: np.ndarray) -> np.ndarray:
    """D - A for an adjacency matrix A, both (n, n)."""
    result: np.ndarray = np.diag(matrix.sum(1)) - matrix
    return result


def walks(matrix: np.ndarray, steps: int) -> np.ndarray:
    """(n, n): the number of walks of `steps` steps from u to v, counted by following each walk."""
    n = len(matrix)
    counts = np.zeros((n, n), dtype=np.int64)
    neighbours = [np.flatnonzero(row).tolist() for row in matrix]
    for start in range(n):
        ends = [start]
        for _ in range(steps):
            ends = [v for u in ends for v in neighbours[u]]
        np.add.at(counts[start], ends, 1)
    return counts
