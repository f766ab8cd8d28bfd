"""Layers computed by messages over edges against their matrix forms."""

import numpy as np
import torch
import torch.nn.functional as F
from scipy import sparse
from torch import Tensor

from inductive.nn.sparse import SparsePattern


def message_passing_difference(
    adjacency: np.ndarray, h: np.ndarray, w: np.ndarray, b: np.ndarray
) -> float:
    """Largest difference between σ(D⁻¹ A H W + H B) and PyG's MessagePassing with that update.

    `adjacency` (n, n) without empty rows, `h` (n, d), `w` and `b` (d, d).
    """
    # Imported here because it takes four seconds, which the other parts do not need.
    from torch_geometric.nn import MessagePassing

    class Layer(MessagePassing):  # type: ignore[misc]
        """message(h_u) = h_u, averaged; update(h_v, m_v) = σ(W m_v + B h_v)."""

        def __init__(self) -> None:
            super().__init__(aggr="mean")

        def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
            averaged: Tensor = self.propagate(edge_index, x=x)
            return (averaged @ torch.from_numpy(w) + x @ torch.from_numpy(b)).relu()

    edges = torch.from_numpy(np.stack(adjacency.nonzero()))
    by_messages = Layer()(torch.from_numpy(h), edges).numpy()
    by_matrix = np.maximum(np.diag(1 / adjacency.sum(1)) @ adjacency @ h @ w + h @ b, 0)
    return float(np.abs(by_messages - by_matrix).max())


def attention_difference(generator: torch.Generator, nodes: int, width: int) -> float:
    """Largest difference between Transformer attention and messages over all edges of a complete
    graph with self-loops, for random queries, keys and values (nodes, width).

    The message of u to v is softmax_u(q_v·k_u / √d) times the value of u.
    """
    queries, keys, values = torch.randn(3, nodes, width, generator=generator, dtype=torch.float64)
    row, column = np.indices((nodes, nodes)).reshape(2, -1)
    complete = sparse.csr_matrix((np.ones(nodes**2), (row, column)), shape=(nodes, nodes))
    pattern = SparsePattern.from_scipy(complete)
    receiver, sender = pattern.row, pattern.column.long()
    scores = (queries[receiver] * keys[sender]).sum(1) / width**0.5
    weights = torch.zeros_like(scores)
    for v in range(nodes):
        weights[receiver == v] = scores[receiver == v].softmax(0)
    messages = weights[:, None] * values[sender]
    by_messages = torch.zeros_like(values).index_add(0, receiver, messages)
    attended = F.scaled_dot_product_attention(queries[None], keys[None], values[None])[0]
    return float((by_messages - attended).abs().max())
