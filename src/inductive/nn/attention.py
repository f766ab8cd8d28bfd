"""Attention in its exact and in its efficient forms.

Queries, keys and values are (..., n, d). `bias`, where an argument, is added to the scores and is
(..., n, n). All are plain functions of tensors. In causal forms a token attends to itself and to
earlier tokens. There may be more keys (m) than queries (n): the last query then stands at the last
key, as in decoding with a cache.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def attention_scores(q: Tensor, k: Tensor, bias: Tensor | None = None, *, causal: bool) -> Tensor:
    """q kᵀ / √d + bias, and minus infinity for keys that the mask hides: (..., n, m)."""
    scores = q @ k.mT / math.sqrt(q.shape[-1])
    if bias is not None:
        scores = scores + bias
    if not causal:
        return scores
    return scores.masked_fill(causal_mask(q.shape[-2], k.shape[-2], q.device), -torch.inf)


def causal_mask(n: int, m: int, device: torch.device) -> Tensor:
    """(n, m) bool: True where a key lies in the future of a query, for the last n of m tokens."""
    return torch.ones(n, m, dtype=torch.bool, device=device).triu(m - n + 1)


def naive_attention(
    q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None = None, *, causal: bool
) -> Tensor:
    """softmax(q kᵀ / √d + bias) v with all scores in memory: O(n²d) time, O(n²) memory."""
    return attention_scores(q, k, bias, causal=causal).softmax(-1) @ v


def fused_attention(
    q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None = None, *, causal: bool
) -> Tensor:
    """`naive_attention` by torch's fused kernel, which stores no scores.

    FlashAttention, Dao et al. 2022, arXiv:2205.14135.
    """
    n, m = q.shape[-2], k.shape[-2]
    if bias is None and (n == m or not causal):
        return F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    mask = torch.zeros((), dtype=q.dtype, device=q.device) if bias is None else bias.to(q.dtype)
    if causal and n > 1:
        mask = torch.where(causal_mask(n, m, q.device), -torch.inf, mask)
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask.expand(*q.shape[:-1], m))


def window_attention(q: Tensor, k: Tensor, v: Tensor, *, width: int, causal: bool) -> Tensor:
    """Each token attends to the last `width` tokens, itself included: O(n width d).

    Where not causal, to the next `width` - 1 tokens as well. Tokens are cut into blocks of `width`;
    a block is compared with itself and its neighbours only, under a mask.
    """
    n = q.shape[-2]
    blocks = -(-n // width)
    sides = (1, 0) if causal else (1, 1)  # neighbouring blocks before and after

    def cut(x: Tensor, before: int, after: int) -> Tensor:
        return F.pad(x, (0, 0, before * width, (blocks + after) * width - n))

    queries: Tensor = cut(q, 0, 0).unflatten(-2, (blocks, width))  # (..., blocks, width, d)
    # (..., blocks, width * (1 + sum(sides)), d)
    keys, values = (cut(x, *sides).unfold(-2, width * (1 + sum(sides)), width).mT for x in (k, v))
    query_offset = torch.arange(width, device=q.device)
    key_offset = torch.arange(-width * sides[0], width * (1 + sides[1]), device=q.device)
    distance = query_offset[:, None] - key_offset
    key_position = key_offset + width * torch.arange(blocks, device=q.device)[:, None]
    near = (distance < width) & (distance >= 0 if causal else distance > -width)
    inside = (key_position >= 0) & (key_position < n)
    allowed = near & inside[:, None]
    # The queries that fill up the last block may have no key; they are cut off at the end, but
    # must not make NaN before that.
    allowed = allowed | ~allowed.any(-1, keepdim=True)
    scores = (queries @ keys.mT / math.sqrt(q.shape[-1])).masked_fill(~allowed, -torch.inf)
    attended = (scores.softmax(-1) @ values).flatten(-3, -2)  # (..., blocks * width, d)
    return attended[..., :n, :]


def feature_map(x: Tensor) -> Tensor:
    """φ(x) = elu(x) + 1, positive (Katharopoulos et al. 2020, arXiv:2006.16236)."""
    return F.elu(x) + 1


def linear_attention(q: Tensor, k: Tensor, v: Tensor, *, causal: bool, block: int = 64) -> Tensor:
    """Weights φ(q)ᵀφ(k) instead of an exponential, summed in an order that takes O(n d²).

    Katharopoulos et al. 2020, arXiv:2006.16236. The causal form works in blocks of `block` tokens:
    earlier blocks enter through their sums, tokens of the same block through their scores.
    """
    fq, fk = feature_map(q), feature_map(k)
    if not causal:
        return fq @ (fk.mT @ v) / (fq @ fk.sum(-2, keepdim=True).mT)
    n = q.shape[-2]
    blocks = -(-n // block)

    def cut(x: Tensor) -> Tensor:
        parts: Tensor = F.pad(x, (0, 0, 0, blocks * block - n)).unflatten(-2, (blocks, block))
        return parts

    # A column of ones, appended to the values, sums the weights.
    fq, fk, values = cut(fq), cut(fk), cut(F.pad(v, (0, 1), value=1.0))
    sums = (fk.mT @ values).cumsum(-3)
    earlier = F.pad(sums, (0, 0, 0, 0, 1, 0))[..., :-1, :, :]
    inside = (fq @ fk.mT).tril()
    total = (fq @ earlier + inside @ values).flatten(-3, -2)[..., :n, :]
    return total[..., :-1] / total[..., -1:]


def quadratic_attention(q: Tensor, k: Tensor, v: Tensor, *, causal: bool) -> Tensor:
    """The same function as `linear_attention`, with all n² weights in memory."""
    weights = feature_map(q) @ feature_map(k).mT
    weights = weights.tril(k.shape[-2] - q.shape[-2]) if causal else weights
    return weights @ v / weights.sum(-1, keepdim=True)


def low_rank_product(u: Tensor, s: Tensor, vh: Tensor, v: Tensor) -> Tensor:
    """P v for P = u diag(s) vh of rank r, without forming P: O(n r d)."""
    return u @ (s[..., None] * (vh @ v))


def exact_projections(q: Tensor, k: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """C, D (rank, n) with q kᵀ v = q (C k)ᵀ (D v) for every v, where q kᵀ has at most that rank.

    With the right singular vectors v_r of P = q kᵀ, P = P v_r v_rᵀ; so C = D = v_rᵀ.
    """
    rows = torch.linalg.svd(q @ k.mT, full_matrices=False).Vh[..., :rank, :]
    return rows, rows


def relative_attention(x: Tensor, weights: tuple[float, float, float], p: Tensor) -> Tensor:
    """One head on scalars x (n,): softmax(w_q x_i w_k x_j + p_(i-j)) times w_v x.

    `weights` are w_q, w_k and w_v; `p` (2n - 1,) holds p_(-(n-1)) to p_(n-1).
    """
    (w_q, w_k, w_v), n = weights, len(x)
    position = torch.arange(n, device=x.device)
    scores = w_q * x[:, None] * w_k * x + p[position[:, None] - position + n - 1]
    return scores.softmax(-1) @ (w_v * x)
