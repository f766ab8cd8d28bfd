"""Attention in all its forms against plain loops and dense references."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from inductive.nn.attention import (
    exact_projections,
    fused_attention,
    linear_attention,
    naive_attention,
    quadratic_attention,
    window_attention,
)

SIZES = st.integers(1, 70)


def _qkv(n: int, d: int = 8, seed: int = 0) -> tuple[Tensor, ...]:
    generator = torch.Generator().manual_seed(seed)
    q, k, v = torch.randn(3, 2, 2, n, d, generator=generator, dtype=torch.float64)
    return q, k, v


def _by_loop(q: Tensor, k: Tensor, v: Tensor, *, causal: bool) -> Tensor:
    """One token and one score at a time."""
    out = torch.zeros_like(q)
    n, d = q.shape[-2:]
    for index in torch.cartesian_prod(torch.arange(2), torch.arange(2)).tolist():
        for i in range(n):
            keys = range(i + 1) if causal else range(n)
            s = [math.exp(float(q[*index, i] @ k[*index, j]) / math.sqrt(d)) for j in keys]
            total = sum(w * v[*index, j] for w, j in zip(s, keys, strict=True))
            out[*index, i] = total / sum(s)
    return out


@pytest.mark.parametrize("causal", [True, False])
def test_naive_is_the_formula(causal: bool) -> None:
    q, k, v = _qkv(7)
    torch.testing.assert_close(
        naive_attention(q, k, v, causal=causal), _by_loop(q, k, v, causal=causal)
    )


@given(n=SIZES, causal=st.booleans(), width=st.integers(1, 20), block=st.integers(1, 20))
@settings(max_examples=40, deadline=None)
def test_fast_forms_equal_their_plain_forms(n: int, causal: bool, width: int, block: int) -> None:
    q, k, v = _qkv(n)
    plain = naive_attention(q, k, v, causal=causal)
    torch.testing.assert_close(fused_attention(q, k, v, causal=causal), plain)
    position = torch.arange(n)
    far = (position[:, None] - position).abs() >= width
    mask = torch.zeros(n, n, dtype=torch.float64).masked_fill(far, -torch.inf)
    local = window_attention(q, k, v, width=width, causal=causal)
    torch.testing.assert_close(local, naive_attention(q, k, v, mask, causal=causal))
    fast = linear_attention(q, k, v, causal=causal, block=block)
    torch.testing.assert_close(fast, quadratic_attention(q, k, v, causal=causal))


@given(n=st.integers(2, 40), new=st.integers(1, 5), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_the_last_queries_alone_give_the_last_rows(n: int, new: int, seed: int) -> None:
    """A key-value cache depends on this."""
    new = min(new, n)
    q, k, v = _qkv(n, seed=seed)
    bias = torch.randn(2, n, n, dtype=torch.float64)
    for form in (naive_attention, fused_attention):
        whole = form(q, k, v, bias, causal=True)[..., -new:, :]
        alone = form(q[..., -new:, :], k, v, bias[:, -new:], causal=True)
        torch.testing.assert_close(alone, whole)
    whole = quadratic_attention(q, k, v, causal=True)[..., -new:, :]
    torch.testing.assert_close(quadratic_attention(q[..., -new:, :], k, v, causal=True), whole)


@pytest.mark.parametrize("form", ["fused", "window", "linear"])
def test_gradients_of_fast_forms(form: str) -> None:
    q, k, v = (t.requires_grad_() for t in _qkv(20))
    if form == "fused":
        fast = fused_attention(q, k, v, causal=True)
    elif form == "window":
        fast = window_attention(q, k, v, width=20, causal=True)
    else:
        fast = linear_attention(q, k, v, causal=True)
    plain = (quadratic_attention if form == "linear" else naive_attention)(q, k, v, causal=True)
    weights = torch.randn_like(fast)
    gradients = torch.autograd.grad((fast * weights).sum(), (q, k, v))
    expected = torch.autograd.grad((plain * weights).sum(), (q, k, v))
    for a, b in zip(gradients, expected, strict=True):
        torch.testing.assert_close(a, b)


@given(n=st.integers(3, 30), d=st.integers(1, 8), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_projections_are_exact(n: int, d: int, seed: int) -> None:
    q, k, v = _qkv(n, d, seed)
    c, down = exact_projections(q, k, min(n, d))
    assert c.shape[-2] == min(n, d)
    torch.testing.assert_close(q @ (c @ k).mT @ (down @ v), q @ k.mT @ v)
