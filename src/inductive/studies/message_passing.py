"""Layers written as messages over edges, beside their matrix forms: what graph_algebra compares."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from scipy import sparse
from torch import Tensor

from inductive.errors import InputError
from inductive.nn.graph_attention import GraphAttention
from inductive.nn.graph_tensors import dense_graph_tensors
from inductive.nn.sparse import Pattern


def passing_error(adjacency: np.ndarray, h: np.ndarray, w: np.ndarray, b: np.ndarray) -> float:
    """The layer σ(W mean(h_u) + B h_v) as a PyG MessagePassing module against its matrix form."""
    from torch_geometric.nn import MessagePassing

    class Layer(MessagePassing):
        """message(h_u) = h_u, averaged; update(h_v, m_v) = σ(W m_v + B h_v)."""

        def __init__(self) -> None:
            super().__init__(aggr="mean")

        def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
            averaged: Tensor = self.propagate(edge_index, x=x)
            return (averaged @ torch.from_numpy(w) + x @ torch.from_numpy(b)).relu()

    edges = torch.from_numpy(np.stack(adjacency.nonzero()))
    passed = Layer()(torch.from_numpy(h), edges).numpy()
    by_matrix = np.maximum(np.diag(1 / adjacency.sum(1)) @ adjacency @ h @ w + h @ b, 0)
    return float(np.abs(passed - by_matrix).max())


def attention_error(generator: torch.Generator, nodes: int, width: int) -> float:
    """Transformer attention against messages over all edges of a complete graph with loops.

    The message of u to v is softmax_u(q_v·k_u / √d) times the value of u.
    """
    queries, keys, values = torch.randn(3, nodes, width, generator=generator, dtype=torch.float64)
    row, column = np.indices((nodes, nodes)).reshape(2, -1)
    complete = sparse.csr_matrix((np.ones(nodes**2), (row, column)), shape=(nodes, nodes))
    pattern = Pattern.from_scipy(complete)
    receiver, sender = pattern.row, pattern.column.long()
    scores = (queries[receiver] * keys[sender]).sum(1) / width**0.5
    weights = torch.zeros_like(scores)
    for v in range(nodes):
        weights[receiver == v] = scores[receiver == v].softmax(0)
    messages = weights[:, None] * values[sender]
    passed = torch.zeros_like(values).index_add(0, receiver, messages)
    whole = F.scaled_dot_product_attention(queries[None], keys[None], values[None])[0]
    return float((passed - whole).abs().max())


def graph_attention(nodes: int, edges: int, width: int) -> Callable[[], Tensor]:
    """One pass of a GAT layer over a random graph of so many edges, each counted both ways."""
    pairs = nodes * (nodes - 1) // 2
    if edges // 2 > pairs:
        raise InputError(f"graph_algebra.cost: {nodes} nodes have no {edges} edges")
    rng = np.random.default_rng(0)
    chosen = np.sort(rng.choice(pairs, edges // 2, replace=False))
    row, column = np.triu_indices(nodes, 1)
    graph = dense_graph_tensors(
        rng.normal(size=(nodes, width)), np.stack([row[chosen], column[chosen]])
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        layer: Any = GraphAttention(width, width, heads=1)
    return lambda: layer(graph.features, graph)


def dense_attention(nodes: int, width: int) -> Callable[[], Tensor]:
    """One pass of Transformer attention over as many tokens, all scores at once."""
    generator = torch.Generator().manual_seed(0)
    q, k, v = torch.randn(3, nodes, width, generator=generator)
    return lambda: (q @ k.T / width**0.5).softmax(-1) @ v
