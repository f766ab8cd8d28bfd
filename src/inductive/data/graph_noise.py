"""Copies of a graph with noise: different for each seed; larger amounts contain smaller ones."""

from dataclasses import replace

import numpy as np

from inductive.core.seeding import numpy_generator
from inductive.data.edges import undirected
from inductive.data.graph import Graph


def add_random_edges(graph: Graph, fraction: float, seed: int) -> Graph:
    """The graph with `fraction` times its number of edges added between random unlinked nodes.

    Where the graph has fewer unlinked pairs than that, all pairs become edges.
    """
    n, count = graph.num_nodes, round(fraction * graph.edges.shape[1])
    count = min(count, n * (n - 1) // 2 - graph.edges.shape[1])
    rng = numpy_generator("edge noise", seed)
    linked = set((graph.edges[0] * n + graph.edges[1]).tolist())
    added: list[int] = []
    while len(added) < count:
        low, high = np.sort(rng.integers(n, size=2))
        pair = int(low * n + high)
        if low != high and pair not in linked:
            linked.add(pair)
            added.append(pair)
    new_edges = np.stack(np.divmod(np.array(added, dtype=np.int64), n))
    return replace(graph, edges=undirected(np.concatenate([graph.edges, new_edges], axis=1)))


def shuffle_features(graph: Graph, fraction: float, seed: int) -> Graph:
    """The graph with the features of a `fraction` of its nodes permuted among these nodes."""
    rng = numpy_generator("feature noise", seed)
    nodes = rng.permutation(graph.num_nodes)[: round(fraction * graph.num_nodes)]
    source = np.arange(graph.num_nodes)
    source[nodes] = np.roll(nodes, 1)
    return replace(graph, features=graph.features[source])
