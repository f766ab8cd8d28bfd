"""Attention in its exact and its efficient forms: what is equal, what is not, and what each costs.

Nothing is trained.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from inductive.run import Run
from inductive.studies.untrained import Found, measured, part_runs

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from inductive.training.tidy import Tidy

TITLE = "Attention"
QUESTION = "Which forms of attention are equal, and what does each cost?"
PROTOCOL = (
    "Random queries, keys and values: how scores grow with the width, what heads add to the rank, "
    "what order means, which efficient forms give what the plain one gives, and time and memory of "
    "one pass by the number of tokens."
)


UNSCALED = "variance of scores, unscaled"
SWAPPED = "change of the last output when two words change places"
CUT = "error of softmax weights cut to a rank, relative"


def runs(params: dict[str, Any]) -> list[Run]:
    """The six measurements."""
    return part_runs(__name__, params["attention"], (*MEASURES, "cost"))


def verify(run: Run, device: "torch.device") -> "Tidy":
    """One of them."""
    part = str(run.labels["part"])
    if part == "cost":
        from inductive.studies.attention_cost import cost

        return cost(run, device)
    return measured(run, MEASURES[part])


def _normal(role: str, seed: int) -> "Callable[..., Tensor]":
    """Draws of standard normal tensors in float64."""
    import torch

    from inductive.training.randomness import seed_for

    generator = torch.Generator().manual_seed(seed_for(f"attention {role}", seed))

    def draw(*shape: int) -> "Tensor":
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    return draw


def _scale(seed: int, widths: list[int], tokens: int, deviation: float) -> Found:
    """Variance of scores by width; entropy of their softmax, and the gradient it lets through.

    The last is the trace of the softmax's Jacobian diag(a) - a aᵀ, 1 - Σ a², mean over queries:
    near 1 for even weights, 0 where one token has all. (The Jacobian's size is no measure: where
    two tokens tie, one query in many, it is large.)
    """
    import math

    import torch

    draw = _normal("scale", seed)
    found: Found = {}
    for width in widths:
        q, k = deviation * draw(4 * tokens, width), deviation * draw(tokens, width)
        plain = q @ k.T
        for form, scores in [("unscaled", plain), ("scaled", plain / math.sqrt(width))]:
            weights = scores.softmax(-1)
            entropy = torch.special.entr(weights).sum(-1).mean() / math.log(tokens)
            found[f"variance of scores, {form}", "width", width] = float(scores.var())
            found[f"entropy of weights, {form}", "width", width] = float(entropy)
            trace = 1 - weights.square().sum(-1).mean()
            found[f"gradient of the softmax, {form}", "width", width] = float(trace)
    doubled = 2 * deviation * draw(4 * tokens, widths[-1]), 2 * deviation * draw(tokens, widths[-1])
    ratio = float((doubled[0] @ doubled[1].T).var()) / found[UNSCALED, "width", widths[-1]]
    found["exponent of the variance in the deviation", "", ""] = math.log2(ratio)
    low, high = (found[UNSCALED, "width", w] for w in (widths[0], widths[-1]))
    slope = math.log(high / low) / math.log(widths[-1] / widths[0]) if len(widths) > 1 else 0.0
    found["exponent of the variance in the width", "", ""] = slope
    return found


def _heads(seed: int, tokens: int, width: int, counts: list[int], ranks: list[int]) -> Found:
    """Numerical rank of [head 1 ... head H] W_o when the attention weights of a head have low rank.

    Weights of rank r are softmax weights of r groups of tokens: the queries of a group are alike.
    With one head the output has rank r at most. The weights of every head add up to 1 for a token,
    so all heads share one direction, and H of them reach H (r - 1) + 1, if the width allows it.
    """
    import torch

    draw = _normal("heads", seed)
    found: Found = {}
    for rank in ranks:
        for heads in counts:
            if width % heads:
                continue
            d = width // heads
            x = draw(tokens, width)
            parts = []
            for _ in range(heads):
                group = torch.arange(tokens)[torch.argsort(draw(tokens))] % rank
                q, k, v = draw(rank, d)[group], x @ draw(width, d), x @ draw(width, d)
                parts.append((q @ k.T / d**0.5 / width**0.5).softmax(-1) @ v)
            output = torch.cat(parts, dim=1) @ draw(width, width)
            reached = int(torch.linalg.matrix_rank(output, rtol=1e-9))
            found[f"rank of the output, weights of rank {rank}", "heads", heads] = float(reached)
    return found


def _order(seed: int, tokens: int, width: int, heads: int) -> Found:
    """Whether permuting the tokens permutes the output: f(P x) against P f(x)."""
    import torch

    from inductive.nn import attention
    from inductive.nn.positions import sinusoid

    draw = _normal("order", seed)
    x, join, project = draw(tokens, width), draw(width, 3 * width), draw(width, width)
    code = sinusoid(torch.arange(tokens), width).double()

    def layer(x: "Tensor", *, causal: bool) -> "Tensor":
        q, k, v = (
            part.unflatten(-1, (heads, -1)).transpose(0, 1)
            for part in (x @ join / width**0.5).chunk(3, -1)
        )
        return attention.naive(q, k, v, causal=causal).transpose(0, 1).flatten(1) @ project

    order = torch.argsort(draw(tokens))
    cases: dict[str, Callable[[Tensor], Tensor]] = {
        "without positions": lambda x: layer(x, causal=False),
        "with positions": lambda x: layer(x + code, causal=False),
        "with a causal mask": lambda x: layer(x, causal=True),
    }
    found: Found = {}
    for name, f in cases.items():
        whole = f(x)
        broken = (f(x[order]) - whole[order]).norm() / whole.norm()
        found["equivariance broken, relative", "attention", name] = float(broken)
    # What a causal model without positions can still tell: the last output after an exchange of two
    # earlier tokens (bag of words) in one layer, and in two.
    swapped = x.clone()
    swapped[[0, 1]] = x[[1, 0]]
    for layers in (1, 2):
        a, b = x, swapped
        for _ in range(layers):
            a, b = a + layer(a, causal=True), b + layer(b, causal=True)
        change = float((a[-1] - b[-1]).norm() / a[-1].norm())
        found[SWAPPED, "causal layers", layers] = change
    return found


def _forms(seed: int, tokens: int, width: int, rank: int, window: int) -> Found:
    """Efficient forms against the plain ones: the largest difference in any entry."""
    import torch

    from inductive.nn import attention

    draw = _normal("forms", seed)
    q, k, v = draw(tokens, width), draw(tokens, width), draw(tokens, width)
    found: Found = {}

    def add(name: str, fast: "Tensor", plain: "Tensor") -> None:
        found["difference", "form", name] = float((fast - plain).abs().max())

    batched = [t[None, None] for t in (q, k, v)]
    for causal in (False, True):
        suffix = ", causal" if causal else ""
        plain = attention.naive(q, k, v, causal=causal)
        fused = attention.fused(*batched, causal=causal)[0, 0]
        add(f"fused - naive{suffix}", fused, plain)
        add(
            f"linear - quadratic form{suffix}",
            attention.linear(q, k, v, causal=causal, block=window),
            attention.quadratic(q, k, v, causal=causal),
        )
        place = torch.arange(tokens)
        far = (place[:, None] - place).abs() >= window
        mask = torch.zeros(tokens, tokens).double().masked_fill(far, -torch.inf)
        local = attention.window(q, k, v, width=window, causal=causal)
        add(f"window - masked{suffix}", local, attention.naive(q, k, v, mask, causal=causal))
    low = draw(tokens, rank) @ draw(rank, tokens)
    u, s, vh = torch.linalg.svd(low)
    cut = attention.low_rank(u[:, :rank], s[:rank], vh[:rank], v)
    add("through an SVD of the weights' rank - product", cut, low @ v)
    weights = attention.scores(q, k, causal=False).softmax(-1)
    u, s, vh = torch.linalg.svd(weights)
    for part in (4, 2, 1):
        r = max(1, tokens // part)
        near = attention.low_rank(u[:, :r], s[:r], vh[:r], v)
        error = (near - weights @ v).norm() / (weights @ v).norm()
        found[CUT, "rank / tokens", 1 / part] = float(error)
    c, d = attention.projections(q, k, min(width, tokens))
    add("Q (C K)ᵀ D V - Q Kᵀ V", q @ (c @ k).T @ (d @ v), q @ k.T @ v)
    return found


def _relative(
    seed: int, tokens: int, kernel: list[float], reach: int, sharpness: list[float]
) -> Found:
    """A convolution and a max pooling by relative attention, against the things themselves.

    Convolution, as its source means it, unflipped, Σ_m w_m x_(i+m): w_q w_k = 0, p_(i-j) = ln w at
    the kernel's places and -sharpness elsewhere, w_v the kernel's sum. Max pooling:
    w_q w_k = sharpness, p = 0 within reach and minus infinity elsewhere, w_v = 1.
    """
    import math

    import torch

    from inductive.nn import attention
    from inductive.training.randomness import seed_for

    generator = torch.Generator().manual_seed(seed_for("attention relative", seed))
    x = torch.rand(tokens, generator=generator, dtype=torch.float64) + 0.1
    padded = torch.nn.functional.pad(x, (1, 1))
    inner = slice(max(1, reach), tokens - max(1, reach))
    convolved = sum(w * padded[i : i + tokens] for i, w in enumerate(kernel))
    pooled = torch.nn.functional.max_pool1d(x[None], 2 * reach + 1, 1, reach)[0]
    found: Found = {}
    for sharp in sharpness:
        p = torch.full((2 * tokens - 1,), -sharp, dtype=torch.float64)
        for offset, w in enumerate(
            kernel, start=-1
        ):  # weight of x_(i + offset), so i - j = -offset
            if w > 0:
                p[tokens - 1 - offset] = math.log(w / sum(kernel))
        by_attention = attention.relative(x, (0.0, 0.0, float(sum(kernel))), p)
        error = (by_attention - convolved)[inner].abs().max()
        found["error, convolution", "sharpness", sharp] = float(error)

        near = torch.full((2 * tokens - 1,), -torch.inf, dtype=torch.float64)
        near[tokens - 1 - reach : tokens + reach] = 0.0
        # w_q x_i w_k x_j grows with x_i; the softmax is sharper where x_i is large.
        by_attention = attention.relative(x, (sharp, 1.0, 1.0), near)
        error = (by_attention - pooled)[inner].abs().max()
        found["error, max pooling", "sharpness", sharp] = float(error)
        # Weights of the others are at most exp(-w x_i gap) each, so is what they take away.
        others = 2 * reach
        bound = others / (math.e * sharp * float(x[inner].min()))
        found["bound, max pooling", "sharpness", sharp] = bound
        # All other places together weigh at most tokens exp(-sharpness); below 1e-12 is rounding.
        spread = float(sum(kernel)) * float(x.max()) * tokens * math.exp(-sharp)
        found["bound, convolution", "sharpness", sharp] = 2 * spread + 1e-12
    return found


MEASURES: dict[str, Callable[..., Found]] = {
    "scale": _scale,
    "heads": _heads,
    "order": _order,
    "forms": _forms,
    "relative": _relative,
}
