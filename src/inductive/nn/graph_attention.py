"""Graph attention (Veličković et al. 2018, arXiv:1710.10903)."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inductive.nn.graph_convolution import SparseInput, linear
from inductive.nn.graph_tensors import GraphTensors
from inductive.nn.sparse import SparsePattern, row_max, row_sum, sparse_matmul

SLOPE = 0.2  # of LeakyReLU for negative scores


class _AttentionWeights(torch.autograd.Function):
    """softmax over the entries of a row of LeakyReLU(target_row + source_column), per head.

    One function, because most of a GAT's time is reading and writing (E, heads) tensors: this makes
    half as many as autograd would. Heads are independent, so that vmap can treat the networks of
    an ensemble as further heads.
    """

    @staticmethod
    def forward(target: Tensor, source: Tensor, *pattern: Tensor) -> tuple[Tensor, Tensor]:
        p = SparsePattern(*pattern)
        # Gathering from strided rows would be fifteen times slower.
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
        p = SparsePattern(*pattern)
        score_grad = grad * alpha
        shared = row_sum(p, score_grad).index_select(0, p.row)
        score_grad.addcmul_(alpha, shared, value=-1)
        score_grad.mul_(1 - (1 - SLOPE) * negative)
        source_grad = torch.zeros_like(score_grad[: p.shape[1]])
        source_grad = torch.index_add(source_grad, 0, p.column, score_grad)
        return row_sum(p, score_grad), source_grad, *[None] * len(pattern)

    @staticmethod
    def vmap(info: Any, in_dims: tuple[int | None, ...], *inputs: Tensor) -> Any:
        count = info.batch_size
        # (networks, N, heads) -> (N, networks * heads), and back.
        wide = [
            x.movedim(d, 1).flatten(1) if d is not None else x.repeat(1, count)
            for x, d in zip(inputs[:2], in_dims[:2], strict=True)
        ]
        outputs = _AttentionWeights.apply(*wide, *inputs[2:])
        return tuple(o.unflatten(1, (count, -1)) for o in outputs), (1, 1)


def attention_weights(target: Tensor, source: Tensor, neighbours: SparsePattern) -> Tensor:
    """α_ij = softmax_j LeakyReLU(target_i + source_j): (N, heads) each -> (E, heads)."""
    alpha: Tensor = _AttentionWeights.apply(target, source, *neighbours)[0]
    return alpha


class GraphAttention(nn.Module):
    """h'_i = b + Σ_j α_ij W h_j, per head, over the neighbours j of i and i itself.

    α_ij = softmax_j LeakyReLU(a_target·W h_i + a_source·W h_j). The outputs of all heads are
    concatenated, or averaged where `concatenate` is False, as in a last layer.
    """

    def __init__(
        self, in_features: int, out_features: int, *, heads: int, concatenate: bool = True
    ) -> None:
        super().__init__()
        self.heads, self.out_features, self.concatenate = heads, out_features, concatenate
        self._last: tuple[Tensor, SparsePattern] | None = None
        self.weight = nn.Parameter(torch.empty(in_features, heads * out_features))
        self.target = nn.Parameter(torch.empty(heads, out_features))
        self.source = nn.Parameter(torch.empty(heads, out_features))
        self.bias = nn.Parameter(torch.zeros(heads * out_features if concatenate else out_features))
        for parameter in (self.weight, self.target, self.source):
            nn.init.xavier_uniform_(parameter)

    def _blocks(self, neighbours: SparsePattern) -> SparsePattern:
        """The pattern repeated once per head; kept until the graph changes."""
        if self._last is None or self._last[0] is not neighbours.row:
            self._last = neighbours.row, neighbours.blocks(self.heads)
        return self._last[1]

    def project(self, x: Tensor | SparseInput) -> Tensor:
        """W h, (N, in) -> (heads, N, out), each head contiguous in memory."""
        projected: Tensor = linear(x, self.weight).unflatten(1, (self.heads, self.out_features))
        return projected.transpose(0, 1).contiguous()

    def attention(self, projected: Tensor, neighbours: SparsePattern) -> Tensor:
        """α, (heads, N, out) -> (E, heads), which sums to 1 over the entries of each row."""
        vectors = torch.stack([self.target, self.source], dim=-1)  # (heads, out, 2)
        target, source = torch.bmm(projected, vectors).transpose(0, 1).unbind(-1)  # (N, heads)
        return attention_weights(target, source, neighbours)

    def forward(
        self, x: Tensor | SparseInput, graph: GraphTensors, mask: Tensor | None = None
    ) -> Tensor:
        """(N, in) -> (N, heads * out), or (N, out) when averaging.

        `mask` (E, heads) is a dropout mask of α.
        """
        projected = self.project(x)
        alpha = self.attention(projected, graph.neighbours)
        if mask is not None:
            alpha = alpha * mask
        # One product for all heads: a block-diagonal matrix with one block per head.
        blocks = self._blocks(graph.neighbours)
        product = sparse_matmul(blocks, alpha.T.flatten(), projected.flatten(0, 1))
        mixed: Tensor = product.unflatten(0, (self.heads, graph.num_nodes))  # (heads, N, out)
        out = mixed.transpose(0, 1).flatten(1) if self.concatenate else mixed.mean(0)
        return out + self.bias
