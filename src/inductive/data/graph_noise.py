"""Disturbed copies of a graph, each seed with its own, more noise containing less."""

from dataclasses import replace

import numpy as np

from inductive.data.graph import Graph, undirected
from inductive.training.randomness import numpy_generator


def add_random_edges(graph: Graph, fraction: float, seed: int) -> Graph:
    """The graph with `fraction` times its number of edges added between random unlinked nodes.

    Raises nothing: where the graph is too dense for that many, all pairs become edges.
    """
    n, wanted = graph.num_nodes, round(fraction * graph.edges.shape[1])
    wanted = min(wanted, n * (n - 1) // 2 - graph.edges.shape[1])
    rng = numpy_generator("edge noise", seed)
    known = set((graph.edges[0] * n + graph.edges[1]).tolist())
    added: list[int] = []
    while len(added) < wanted:
        low, high = np.sort(rng.integers(n, size=2))
        code = int(low * n + high)
        if low != high and code not in known:
            known.add(code)
            added.append(code)
    extra = np.stack(np.divmod(np.array(added, dtype=np.int64), n))
    return replace(graph, edges=undirected(np.concatenate([graph.edges, extra], axis=1)))


def shuffle_features(graph: Graph, fraction: float, seed: int) -> Graph:
    """The graph with the features of a `fraction` of its nodes permuted among them."""
    rng = numpy_generator("feature noise", seed)
    chosen = rng.permutation(graph.num_nodes)[: round(fraction * graph.num_nodes)]
    source = np.arange(graph.num_nodes)
    source[chosen] = np.roll(chosen, 1)
    return replace(graph, features=graph.features[source])
