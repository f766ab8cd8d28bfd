"""Attention in its exact and in its efficient forms.

Queries, keys and values are (..., n, d); `bias`, where one is taken, is added to the scores and is
(..., n, n). All are plain functions of tensors. Causal forms let no token see a later one; keys may
reach further back than queries, whose last ones are aligned.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def scores(q: Tensor, k: Tensor, bias: Tensor | None = None, *, causal: bool) -> Tensor:
    """q kᵀ / √d + bias, with minus infinity where a token may not look: (..., n, m)."""
    found = q @ k.mT / math.sqrt(q.shape[-1])
    if bias is not None:
        found = found + bias
    if not causal:
        return found
    return found.masked_fill(hidden(q.shape[-2], k.shape[-2], q.device), -torch.inf)


def hidden(n: int, m: int, device: torch.device) -> Tensor:
    """(n, m) bool: which of m keys lie in the future of the last n places."""
    return torch.ones(n, m, dtype=torch.bool, device=device).triu(m - n + 1)


def naive(q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None = None, *, causal: bool) -> Tensor:
    """softmax(q kᵀ / √d + bias) v with all scores in memory: O(n²d) time, O(n²) memory."""
    return scores(q, k, bias, causal=causal).softmax(-1) @ v


def fused(q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None = None, *, causal: bool) -> Tensor:
    """The same by torch's fused kernel, which keeps no scores (FlashAttention, Dao et al. 2022)."""
    n, m = q.shape[-2], k.shape[-2]
    if bias is None and (n == m or not causal):
        return F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    mask = torch.zeros((), dtype=q.dtype, device=q.device) if bias is None else bias.to(q.dtype)
    if causal and n > 1:
        mask = torch.where(hidden(n, m, q.device), -torch.inf, mask)
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask.expand(*q.shape[:-1], m))


def window(q: Tensor, k: Tensor, v: Tensor, *, width: int, causal: bool) -> Tensor:
    """Every token sees the `width` tokens up to itself, or so many to both sides: O(n width d).

    Tokens are cut into blocks of `width`; a block sees itself and its neighbours, masked.
    """
    n = q.shape[-2]
    blocks = -(-n // width)
    sides = (1, 0) if causal else (1, 1)

    def cut(x: Tensor, before: int, after: int) -> Tensor:
        return F.pad(x, (0, 0, before * width, (blocks + after) * width - n))

    queries = cut(q, 0, 0).unflatten(-2, (blocks, width))
    near = [cut(x, *sides).unfold(-2, width * (1 + sum(sides)), width).mT for x in (k, v)]
    place = torch.arange(width, device=q.device)
    there = torch.arange(-width * sides[0], width * (1 + sides[1]), device=q.device)
    distance = place[:, None] - there
    absolute = there + width * torch.arange(blocks, device=q.device)[:, None]
    seen = (distance < width) & (distance >= 0 if causal else distance > -width)
    inside = (absolute >= 0) & (absolute < n)
    allowed = seen & inside[:, None]
    # A padding query sees nothing; it is cut off again, but must not make NaN on the way.
    allowed = allowed | ~allowed.any(-1, keepdim=True)
    found = (queries @ near[0].mT / math.sqrt(q.shape[-1])).masked_fill(~allowed, -torch.inf)
    return (found.softmax(-1) @ near[1]).flatten(-3, -2)[..., :n, :]


def feature(x: Tensor) -> Tensor:
    """φ(x) = elu(x) + 1, positive (Katharopoulos et al. 2020)."""
    return F.elu(x) + 1


def linear(q: Tensor, k: Tensor, v: Tensor, *, causal: bool, block: int = 64) -> Tensor:
    """φ(q)ᵀφ(k) in place of the exponential, summed in an order that is O(n d²).

    The causal form goes through blocks: what lies before a block enters by its sums, what lies
    inside by its scores.
    """
    fq, fk = feature(q), feature(k)
    if not causal:
        return fq @ (fk.mT @ v) / (fq @ fk.sum(-2, keepdim=True).mT)
    n = q.shape[-2]
    blocks = -(-n // block)

    def cut(x: Tensor) -> Tensor:
        return F.pad(x, (0, 0, 0, blocks * block - n)).unflatten(-2, (blocks, block))

    fq, fk, values = cut(fq), cut(fk), cut(F.pad(v, (0, 1), value=1.0))  # ones sum the weights
    sums = (fk.mT @ values).cumsum(-3)
    before = F.pad(sums, (0, 0, 0, 0, 1, 0))[..., :-1, :, :]
    inside = (fq @ fk.mT).tril()
    total = (fq @ before + inside @ values).flatten(-3, -2)[..., :n, :]
    return total[..., :-1] / total[..., -1:]


def quadratic(q: Tensor, k: Tensor, v: Tensor, *, causal: bool) -> Tensor:
    """What `linear` computes, with all n² weights written out."""
    weights = feature(q) @ feature(k).mT
    weights = weights.tril(k.shape[-2] - q.shape[-2]) if causal else weights
    return weights @ v / weights.sum(-1, keepdim=True)


def low_rank(u: Tensor, s: Tensor, vh: Tensor, v: Tensor) -> Tensor:
    """P v from P = u diag(s) vh of rank r, without P: O(n r d)."""
    return u @ (s[..., None] * (vh @ v))


def projections(q: Tensor, k: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """C, D (rank, n) with q kᵀ v = q (C k)ᵀ (D v) for every v, where q kᵀ has that rank at most.

    With the right singular vectors v_r of P = q kᵀ, P = P v_r v_rᵀ; so C = D = v_rᵀ.
    """
    rows = torch.linalg.svd(q @ k.mT, full_matrices=False).Vh[..., :rank, :]
    return rows, rows


def relative(x: Tensor, weights: tuple[float, float, float], p: Tensor) -> Tensor:
    """One head on scalars x (n,): softmax(w_q x_i w_k x_j + p_(i-j)) times w_v x.

    `p` (2n - 1,) holds p_(-(n-1)) to p_(n-1).
    """
    (w_q, w_k, w_v), n = weights, len(x)
    place = torch.arange(n, device=x.device)
    found = w_q * x[:, None] * w_k * x + p[place[:, None] - place + n - 1]
    return found.softmax(-1) @ (w_v * x)
