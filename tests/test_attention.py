"""Attention and position codes against plain loops, torch's own and dense references."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from inductive.errors import InputError
from inductive.nn import attention
from inductive.nn.positions import POSITIONS, Alibi, Relative, Rotary, positions, sinusoid
from inductive.nn.shapes import check

SIZES = st.integers(1, 70)


def _qkv(n: int, d: int = 8, seed: int = 0) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(seed)
    q, k, v = torch.randn(3, 2, 2, n, d, generator=generator, dtype=torch.float64)
    return q, k, v


def _by_loop(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, *, causal: bool) -> torch.Tensor:
    """One token and one score at a time."""
    out = torch.zeros_like(q)
    n, d = q.shape[-2:]
    for index in torch.cartesian_prod(torch.arange(2), torch.arange(2)).tolist():
        for i in range(n):
            seen = range(i + 1) if causal else range(n)
            s = [math.exp(float(q[*index, i] @ k[*index, j]) / math.sqrt(d)) for j in seen]
            total = sum(w * v[*index, j] for w, j in zip(s, seen, strict=True))
            out[*index, i] = total / sum(s)
    return out


@pytest.mark.parametrize("causal", [True, False])
def test_naive_is_the_formula(causal: bool) -> None:
    q, k, v = _qkv(7)
    torch.testing.assert_close(
        attention.naive(q, k, v, causal=causal), _by_loop(q, k, v, causal=causal)
    )


@given(n=SIZES, causal=st.booleans(), width=st.integers(1, 20), block=st.integers(1, 20))
@settings(max_examples=40, deadline=None)
def test_fast_forms_are_their_plain_forms(n: int, causal: bool, width: int, block: int) -> None:
    q, k, v = _qkv(n)
    plain = attention.naive(q, k, v, causal=causal)
    torch.testing.assert_close(attention.fused(q, k, v, causal=causal), plain)
    place = torch.arange(n)
    far = (place[:, None] - place).abs() >= width
    mask = torch.zeros(n, n, dtype=torch.float64).masked_fill(far, -torch.inf)
    local = attention.window(q, k, v, width=width, causal=causal)
    torch.testing.assert_close(local, attention.naive(q, k, v, mask, causal=causal))
    fast = attention.linear(q, k, v, causal=causal, block=block)
    torch.testing.assert_close(fast, attention.quadratic(q, k, v, causal=causal))


@given(n=st.integers(2, 40), fresh=st.integers(1, 5), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_last_queries_alone_give_the_last_rows(n: int, fresh: int, seed: int) -> None:
    """What a cache relies on."""
    fresh = min(fresh, n)
    q, k, v = _qkv(n, seed=seed)
    bias = torch.randn(2, n, n, dtype=torch.float64)
    for form in (attention.naive, attention.fused):
        whole = form(q, k, v, bias, causal=True)[..., -fresh:, :]
        alone = form(q[..., -fresh:, :], k, v, bias[:, -fresh:], causal=True)
        torch.testing.assert_close(alone, whole)
    whole = attention.quadratic(q, k, v, causal=True)[..., -fresh:, :]
    torch.testing.assert_close(attention.quadratic(q[..., -fresh:, :], k, v, causal=True), whole)


@pytest.mark.parametrize("form", ["fused", "window", "linear"])
def test_gradients_of_fast_forms(form: str) -> None:
    q, k, v = (t.requires_grad_() for t in _qkv(20))
    extra = {"window": {"width": 20}}.get(form, {})
    fast = getattr(attention, form)(q, k, v, causal=True, **extra)
    plain = (attention.quadratic if form == "linear" else attention.naive)(q, k, v, causal=True)
    weights = torch.randn_like(fast)
    found = torch.autograd.grad((fast * weights).sum(), (q, k, v))
    wanted = torch.autograd.grad((plain * weights).sum(), (q, k, v))
    for a, b in zip(found, wanted, strict=True):
        torch.testing.assert_close(a, b)


@given(n=st.integers(3, 30), d=st.integers(1, 8), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_projections_are_exact(n: int, d: int, seed: int) -> None:
    q, k, v = _qkv(n, d, seed)
    c, down = attention.projections(q, k, min(n, d))
    assert c.shape[-2] == min(n, d)
    torch.testing.assert_close(q @ (c @ k).mT @ (down @ v), q @ k.mT @ v)


@given(shift=st.integers(0, 500), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_rope_scores_do_not_change_with_a_common_shift(shift: int, seed: int) -> None:
    q, k, _ = _qkv(12, seed=seed)
    code, place = Rotary(16, 2, 999), torch.arange(12)

    def scores(first: int) -> torch.Tensor:
        turn = code.angles(place + first)
        return code.rotate(q, turn) @ code.rotate(k, turn).mT

    # Angles are float32, as large as the place.
    torch.testing.assert_close(scores(shift), scores(0), atol=1e-3, rtol=1e-3)
    assert not torch.allclose(code.rotate(q, code.angles(place)) @ k.mT, scores(0))


def test_rope_is_a_rotation_of_complex_numbers() -> None:
    q, _, _ = _qkv(9)
    code = Rotary(16, 2, 9)
    turned = code.rotate(q, code.angles(torch.arange(9)))
    frequency = 10000.0 ** (-2 * torch.arange(4, dtype=torch.float64) / 8)
    phase = torch.polar(torch.ones(9, 4).double(), torch.arange(9)[:, None] * frequency)
    wanted = torch.view_as_real(torch.view_as_complex(q.unflatten(-1, (4, 2))) * phase).flatten(-2)
    torch.testing.assert_close(turned, wanted, atol=1e-5, rtol=1e-5)


def test_alibi_and_relative_bias_by_loop() -> None:
    place = torch.arange(6)
    found = Alibi(16, 4, 6).bias(place, place)
    code = Relative(16, 4, 4)
    torch.nn.init.normal_(code.table)
    with torch.no_grad():
        learned = code.bias(place, place)
    assert found is not None
    assert learned is not None
    for h in range(4):
        for i in range(6):
            for j in range(i + 1):
                assert float(found[h, i, j]) == pytest.approx(-(2 ** (-2.0 * (h + 1))) * (i - j))
                assert float(learned[h, i, j]) == float(code.table.detach()[h, min(i - j, 3)])


def test_sinusoid_is_the_studys() -> None:
    from inductive.studies.positions import standard

    code = sinusoid(torch.arange(20), 16).double()
    torch.testing.assert_close(code, torch.from_numpy(standard(16, 20).T), atol=1e-5, rtol=1e-5)
    assert sinusoid(torch.arange(3), 5).shape == (3, 5)


def test_learned_table_ends() -> None:
    code = positions("learned", 8, 2, 4, 6)
    assert code.embed(torch.zeros(1, 6, 8), torch.arange(6)).shape == (1, 6, 8)
    with pytest.raises(InputError, match="table of 6 places has none for place 6"):
        code.embed(torch.zeros(1, 7, 8), torch.arange(7))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"heads": 3}, "width of 8 cannot be divided among 3 heads"),
        ({"positions": "ropes"}, "did you mean 'rope'"),
        ({"attention": "flash"}, "unknown attention 'flash'"),
        ({"heads": 8}, "even head width; 8 / 8 = 1"),
        ({"attention": "linear", "positions": "alibi"}, "no scores to which alibi could add"),
        ({"attention": "window", "window": 0}, "window: expected 1 token or more, found 0"),
    ],
)
def test_shapes_that_make_no_network(change: dict[str, object], message: str) -> None:
    good = {"width": 8, "heads": 2, "positions": "rope", "attention": "fused", "window": 4}
    check(good)
    with pytest.raises(InputError, match=message):
        check(good | change)


def test_every_code_has_a_class() -> None:
    from inductive.nn import shapes

    assert tuple(POSITIONS) == shapes.POSITIONS
