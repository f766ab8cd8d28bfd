"""Efficient forms of attention against plain ones, and functions of relative attention."""

import math

import torch
from torch import Tensor

from inductive.nn.attention import (
    attention_scores,
    exact_projections,
    fused_attention,
    linear_attention,
    low_rank_product,
    naive_attention,
    quadratic_attention,
    relative_attention,
    window_attention,
)
from inductive.studies.attention.random_tensors import generator, normal
from inductive.studies.shared.analytic import Measures


def forms(seed: int, tokens: int, width: int, rank: int, window: int) -> Measures:
    """The largest difference in any entry between efficient forms and plain ones."""
    draw = normal("forms", seed)
    q, k, v = draw(tokens, width), draw(tokens, width), draw(tokens, width)
    measures = Measures()

    def add(name: str, efficient: Tensor, plain: Tensor) -> None:
        measures.add(f"difference, {name}", float((efficient - plain).abs().max()))

    batched = [t[None, None] for t in (q, k, v)]
    for causal in (False, True):
        suffix = ", causal" if causal else ""
        plain = naive_attention(q, k, v, causal=causal)
        add(f"fused - naive{suffix}", fused_attention(*batched, causal=causal)[0, 0], plain)
        add(
            f"linear - quadratic form{suffix}",
            linear_attention(q, k, v, causal=causal, block=window),
            quadratic_attention(q, k, v, causal=causal),
        )
        position = torch.arange(tokens)
        far = (position[:, None] - position).abs() >= window
        mask = torch.zeros(tokens, tokens).double().masked_fill(far, -torch.inf)
        local = window_attention(q, k, v, width=window, causal=causal)
        add(f"window - masked{suffix}", local, naive_attention(q, k, v, mask, causal=causal))
    low = draw(tokens, rank) @ draw(rank, tokens)
    u, s, vh = torch.linalg.svd(low)
    product = low_rank_product(u[:, :rank], s[:rank], vh[:rank], v)
    add("through an SVD of the weights' rank - product", product, low @ v)
    weights = attention_scores(q, k, causal=False).softmax(-1)
    u, s, vh = torch.linalg.svd(weights)
    for divisor in (4, 2, 1):
        r = max(1, tokens // divisor)
        cut = low_rank_product(u[:, :r], s[:r], vh[:r], v)
        error = (cut - weights @ v).norm() / (weights @ v).norm()
        metric = "error of softmax weights cut to a rank, relative"
        measures.add(metric, float(error), relative_rank=1 / divisor)
    c, d = exact_projections(q, k, min(width, tokens))
    add("Q (C K)ᵀ D V - Q Kᵀ V", q @ (c @ k).T @ (d @ v), q @ k.T @ v)
    return measures


def relative(
    seed: int, tokens: int, kernel: list[float], reach: int, sharpness: list[float]
) -> Measures:
    """Largest errors of a convolution and a max pooling by relative attention, and their bounds.

    The convolution is the source's, unflipped, Σ_m w_m x_(i+m): w_q w_k = 0, p_(i-j) = ln w inside
    the kernel and -sharpness elsewhere, w_v the kernel's sum. Max pooling: w_q w_k = sharpness,
    p = 0 within reach and minus infinity elsewhere, w_v = 1.
    """
    x = torch.rand(tokens, generator=generator("relative", seed), dtype=torch.float64) + 0.1
    padded = torch.nn.functional.pad(x, (1, 1))
    inner = slice(max(1, reach), tokens - max(1, reach))
    convolved = sum(w * padded[i : i + tokens] for i, w in enumerate(kernel))
    pooled = torch.nn.functional.max_pool1d(x[None], 2 * reach + 1, 1, reach)[0]
    near = torch.full((2 * tokens - 1,), -torch.inf, dtype=torch.float64)
    near[tokens - 1 - reach : tokens + reach] = 0.0
    measures = Measures()
    for sharp in sharpness:
        p = _kernel_positions(tokens, kernel, sharp)
        by_attention = relative_attention(x, (0.0, 0.0, float(sum(kernel))), p)
        error = (by_attention - convolved)[inner].abs().max()
        measures.add("error, convolution", float(error), sharpness=sharp)
        # w_q x_i w_k x_j grows with x_i; the softmax is sharper where x_i is large.
        by_attention = relative_attention(x, (sharp, 1.0, 1.0), near)
        error = (by_attention - pooled)[inner].abs().max()
        measures.add("error, max pooling", float(error), sharpness=sharp)
        # Each other token in reach has at most the weight exp(-sharpness x_i gap) and reduces the
        # result by that weight times its gap to the maximum, at most 1 / (e sharpness x_i).
        bound = 2 * reach / (math.e * sharp * float(x[inner].min()))
        measures.add("bound, max pooling", bound, sharpness=sharp)
        # All tokens outside the kernel together have at most the weight tokens exp(-sharpness);
        # below 1e-12 the error is rounding.
        spread = float(sum(kernel)) * float(x.max()) * tokens * math.exp(-sharp)
        measures.add("bound, convolution", 2 * spread + 1e-12, sharpness=sharp)
    return measures


def _kernel_positions(tokens: int, kernel: list[float], sharpness: float) -> Tensor:
    """p (2 tokens - 1,) whose softmax is the normalised kernel as the sharpness grows."""
    p = torch.full((2 * tokens - 1,), -sharpness, dtype=torch.float64)
    for offset, w in enumerate(kernel, start=-1):  # weight of x_(i + offset), so i - j = -offset
        if w > 0:
            p[tokens - 1 - offset] = math.log(w / sum(kernel))
    return p
