"""Graph attention (Veličković et al. 2018)."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inductive.nn.graph_convolution import SparseInput, linear
from inductive.nn.graph_tensors import GraphTensors
from inductive.nn.sparse import Pattern, row_max, row_sum, sparse_matmul

SLOPE = 0.2  # of LeakyReLU


class _AttentionWeights(torch.autograd.Function):
    """softmax over the entries of a row of LeakyReLU(target_row + source_column), per head.

    In one piece, because a GAT's time goes into reading and writing (E, heads) tensors: this makes
    half as many as autograd would. Heads do not meet, so members under vmap are more heads.
    """

    @staticmethod
    def forward(target: Tensor, source: Tensor, *pattern: Tensor) -> tuple[Tensor, Tensor]:
        p = Pattern(*pattern)
        # From rows in one piece: torch gathers from strided ones fifteen times more slowly.
        target, source = target.contiguous(), source.contiguous()
        scores = target.index_select(0, p.row).add_(source.index_select(0, p.column))
        negative = scores < 0
        scores = F.leaky_relu_(scores, SLOPE)
        scores.sub_(row_max(p, scores).index_select(0, p.row)).exp_()
        totals = row_sum(p, scores)
        return scores.div_(totals.index_select(0, p.row)), negative

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, ...], output: tuple[Tensor, Tensor]) -> None:
        alpha, negative = output
        ctx.mark_non_differentiable(negative)
        ctx.save_for_backward(alpha, negative, *inputs[2:])

    @staticmethod
    def backward(ctx: Any, grad: Tensor, _: Tensor) -> tuple[Tensor | None, ...]:
        alpha, negative, *pattern = ctx.saved_tensors
        p = Pattern(*pattern)
        of_scores = grad * alpha
        shared = row_sum(p, of_scores).index_select(0, p.row)
        of_scores.addcmul_(alpha, shared, value=-1)
        of_scores.mul_(1 - (1 - SLOPE) * negative)
        of_source = torch.zeros_like(of_scores[: p.shape[1]])
        of_source = torch.index_add(of_source, 0, p.column, of_scores)
        return row_sum(p, of_scores), of_source, *[None] * len(pattern)

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int | None, ...], *inputs: Tensor) -> Any:
        count = info.batch_size
        # (members, N, heads) -> (N, members * heads), and back.
        wide = [
            x.movedim(d, 1).flatten(1) if d is not None else x.repeat(1, count)
            for x, d in zip(inputs[:2], in_dims[:2], strict=True)
        ]
        outputs = _AttentionWeights.apply(*wide, *inputs[2:])
        return tuple(o.unflatten(1, (count, -1)) for o in outputs), (1, 1)


def attention_weights(target: Tensor, source: Tensor, neighbours: Pattern) -> Tensor:
    """α (E, heads) = softmax over j of LeakyReLU(target_i + source_j), from (N, heads) each."""
    alpha: Tensor = _AttentionWeights.apply(target, source, *neighbours)[0]
    return alpha


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
        return attention_weights(target, source, neighbours)

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
