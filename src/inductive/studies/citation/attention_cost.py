"""The number of attention scores of a head on growing neighbourhoods of one node."""

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import breadth_first_order

from inductive.data.graph import Graph


def attention_scores(graph: Graph) -> dict[str, np.ndarray]:
    """`neighbourhood sizes` (K,): numbers n of nodes, the first n nodes of a breadth-first search
    from the node with the highest degree. `graph attention scores` (K,): entries of
    their adjacency matrix with self-loops, of which a GAT computes one score each."""
    n = graph.num_nodes
    adjacency = coo_matrix((np.ones(graph.edges.shape[1]), graph.edges), shape=(n, n)).tocsr()
    hub = int(np.bincount(graph.edges.ravel(), minlength=n).argmax())
    order = breadth_first_order(adjacency, hub, directed=False, return_predecessors=False)
    rank = np.full(n, n)
    rank[order] = np.arange(len(order))
    complete = np.sort(rank[graph.edges].max(axis=0))  # rank at which both ends of an edge are in
    sizes = np.unique(np.geomspace(16, len(order), 12).astype(int))
    scores = 2 * np.searchsorted(complete, sizes) + sizes
    return {"neighbourhood sizes": sizes, "graph attention scores": scores}
