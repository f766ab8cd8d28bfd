"""Every identity, computed in two ways."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from inductive.core.seeding import numpy_generator, seed_for
from inductive.studies.graph_algebra.matrices import (
    FIRST,
    PRINTED_LAPLACIAN,
    PRINTED_SQUARE,
    SECOND,
    adjacency,
    laplacian,
    walks,
)
from inductive.studies.graph_algebra.message_passing import (
    attention_difference,
    message_passing_difference,
)
from inductive.studies.shared.analytic import Measures

LONGEST_WALK = 6
"""Steps of the longest walks that are counted one by one."""
NUM_FEATURES = 4096
"""Independent features over which the change under the Laplacian is averaged."""


def identity_differences(seed: int, nodes: int, degree: float, width: int) -> Measures:
    """Largest differences, numbers of wrong entries, and the change of features under L.

    The random graph has `nodes` nodes with `degree` expected neighbours and features of `width`.
    """
    measures = Measures()
    rng = numpy_generator("identities", seed)
    random = _random_graph(rng, nodes, degree)
    _add_printed(measures)
    _add_walks(measures)
    _add_change(measures, rng)
    h, w, b = (rng.normal(size=s) for s in [(nodes, width), (width, width), (width, width)])
    by_matrix = np.maximum(np.diag(1 / random.sum(1)) @ random @ h @ w + h @ b, 0)
    by_index = np.stack([h[random[v] == 1].mean(0) @ w + h[v] @ b for v in range(nodes)]).clip(0)
    measures.add("index form - matrix form", np.abs(by_matrix - by_index).max())
    _add_additivity(measures, random, h, rng.normal(size=h.shape))
    generator = torch.Generator().manual_seed(seed_for("message passing", seed))
    passed = message_passing_difference(random, h, w, b)
    measures.add("layer - message passing", passed)
    attended = attention_difference(generator, nodes, width)
    measures.add("attention on a complete graph - Transformer", attended)
    return measures


def _random_graph(rng: np.random.Generator, nodes: int, degree: float) -> np.ndarray:
    """An adjacency matrix in which every node has a neighbour, so that all means are defined."""
    linked = np.triu(rng.uniform(size=(nodes, nodes)) < degree / nodes, 1)
    linked[np.arange(nodes - 1), np.arange(1, nodes)] = True
    return (linked | linked.T).astype(np.int64)


def _add_printed(measures: Measures) -> None:
    first, second = adjacency(FIRST), adjacency(SECOND)
    square = (first @ first != np.array(PRINTED_SQUARE)).sum()
    measures.add("entries of A² unlike the printed ones", square)
    printed = (laplacian(second) != np.array(PRINTED_LAPLACIAN)).sum()
    measures.add("entries of L unlike the printed ones", printed)


def _add_walks(measures: Measures) -> None:
    for steps in range(1, LONGEST_WALK + 1):
        for name, edges in [("first", FIRST), ("second", SECOND)]:
            matrix = adjacency(edges)
            wrong = np.linalg.matrix_power(matrix, steps) != walks(matrix, steps)
            measures.add(f"walks counted wrongly, {name} graph", wrong.sum(), steps=steps)


def _add_change(measures: Measures, rng: np.random.Generator) -> None:
    """Root mean square of (LX)_v on the second graph: for independent features X of mean 0 and
    variance 1 its expected square is d² + d."""
    second = adjacency(SECOND)
    x = rng.normal(size=(len(second), NUM_FEATURES))
    change = np.sqrt(((laplacian(second) @ x) ** 2).mean(1))
    for node, (degree, size) in enumerate(zip(second.sum(1), change, strict=True), start=1):
        measures.add("degree", degree, node=node)
        measures.add("change under L", size, node=node)


def _add_additivity(
    measures: Measures, adjacency_matrix: np.ndarray, x: np.ndarray, y: np.ndarray
) -> None:
    """Mean of |f(x + y) - f(x) - f(y)|, which is 0 for every product with a matrix."""

    def aggregated(aggregate: Callable[..., Any], values: np.ndarray) -> np.ndarray:
        return np.stack([aggregate(values[row == 1], axis=0) for row in adjacency_matrix])

    aggregates: dict[str, Callable[..., Any]] = {"mean": np.mean, "median": np.median}
    for name, aggregate in aggregates.items():
        broken = aggregated(aggregate, x + y) - aggregated(aggregate, x) - aggregated(aggregate, y)
        measures.add(f"additivity broken by the {name}", np.abs(broken).mean())
