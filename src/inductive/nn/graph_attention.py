"""Graph attention (Veličković et al. 2018)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inductive.nn.graph_convolution import SparseInput, linear
from inductive.nn.graph_tensors import GraphTensors
from inductive.nn.sparse import Pattern, row_max, sparse_matmul


def segment_softmax(scores: Tensor, neighbours: Pattern) -> Tensor:
    """Softmax over the entries of each row of a pattern: scores (E, heads) -> (E, heads)."""
    row = neighbours.row
    largest = row_max(neighbours, scores)
    weights = (scores - largest.index_select(0, row)).exp()
    totals = torch.index_add(torch.zeros_like(largest), 0, row, weights)
    return weights / totals.index_select(0, row)


class GraphAttention(nn.Module):
    """h'_i = Σ_j α_ij W h_j, α_ij = softmax_j LeakyReLU(a_target·W h_i + a_source·W h_j), per head.

    j runs over the neighbours of i and i itself. Heads are concatenated, or averaged for the last
    layer.
    """

    def __init__(
        self, in_features: int, out_features: int, *, heads: int, concatenate: bool = True
    ) -> None:
        super().__init__()
        self.heads, self.out_features, self.concatenate = heads, out_features, concatenate
        self._last: tuple[Tensor, Pattern] | None = None
        self.weight = nn.Parameter(torch.empty(in_features, heads * out_features))
        self.target = nn.Parameter(torch.empty(heads, out_features))
        self.source = nn.Parameter(torch.empty(heads, out_features))
        self.bias = nn.Parameter(torch.zeros(heads * out_features if concatenate else out_features))
        for parameter in (self.weight, self.target, self.source):
            nn.init.xavier_uniform_(parameter)

    def _blocks(self, neighbours: Pattern) -> Pattern:
        """The pattern repeated a head; made anew only where the graph is another one."""
        if self._last is None or self._last[0] is not neighbours.row:
            self._last = neighbours.row, neighbours.blocks(self.heads)
        return self._last[1]

    def project(self, x: Tensor | SparseInput) -> Tensor:
        """(N, in) -> W h, (heads, N, out), each head in one piece of memory."""
        projected = linear(x, self.weight).unflatten(1, (self.heads, self.out_features))
        return projected.transpose(0, 1).contiguous()

    def attention(self, projected: Tensor, neighbours: Pattern) -> Tensor:
        """(heads, N, out) -> α (E, heads), which sums to 1 over the entries of each row."""
        vectors = torch.stack([self.target, self.source], dim=-1)  # (heads, out, 2)
        target, source = torch.bmm(projected, vectors).transpose(0, 1).unbind(-1)  # (N, heads)
        scores = target.index_select(0, neighbours.row) + source.index_select(0, neighbours.column)
        scores = F.leaky_relu(scores, 0.2)
        return segment_softmax(scores, neighbours)

    def forward(
        self, x: Tensor | SparseInput, graph: GraphTensors, mask: Tensor | None = None
    ) -> Tensor:
        """(N, in) -> (N, heads * out), or (N, out) when averaging.

        `mask` (E, heads) drops attention.
        """
        projected = self.project(x)
        alpha = self.attention(projected, graph.neighbours)
        if mask is not None:
            alpha = alpha * mask
        # One product for all heads: a block-diagonal matrix, a block a head.
        blocks = self._blocks(graph.neighbours)
        mixed = sparse_matmul(blocks, alpha.T.flatten(), projected.flatten(0, 1))
        mixed = mixed.unflatten(0, (self.heads, graph.num_nodes))
        out = mixed.transpose(0, 1).flatten(1) if self.concatenate else mixed.mean(0)
        return out + self.bias
