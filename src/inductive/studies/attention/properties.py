"""Effects of scaling, heads and order in attention on random queries, keys and values."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from inductive.nn.attention import naive_attention
from inductive.nn.positions import sinusoid
from inductive.studies.attention.random_tensors import normal
from inductive.studies.shared.analytic import Measures


def scale(seed: int, widths: list[int], tokens: int, deviation: float) -> Measures:
    """Variance of scores by width; entropy of their softmax, and the trace of its Jacobian.

    The Jacobian of the softmax is diag(a) - a aᵀ and its trace 1 - Σ a², here the mean over
    queries: near 1 for even weights, 0 where one token has all the weight. (The Jacobian's norm
    would not show this: it is large where two tokens tie, as they do in one query of many.)
    """
    draw = normal("scale", seed)
    measures = Measures()
    variances = []  # of unscaled scores
    for width in widths:
        q, k = deviation * draw(4 * tokens, width), deviation * draw(tokens, width)
        products = q @ k.T
        variances.append(float(products.var()))
        for form, scores in [("unscaled", products), ("scaled", products / math.sqrt(width))]:
            weights = scores.softmax(-1)
            entropy = torch.special.entr(weights).sum(-1).mean() / math.log(tokens)
            trace = 1 - weights.square().sum(-1).mean()
            measures.add(f"variance of scores, {form}", float(scores.var()), width=width)
            measures.add(f"entropy of weights, {form}", float(entropy), width=width)
            measures.add(f"gradient of the softmax, {form}", float(trace), width=width)
    doubled = 2 * deviation * draw(4 * tokens, widths[-1]), 2 * deviation * draw(tokens, widths[-1])
    ratio = float((doubled[0] @ doubled[1].T).var()) / variances[-1]
    measures.add("exponent of the variance in the deviation", math.log2(ratio))
    slope = 0.0
    if len(widths) > 1:
        slope = math.log(variances[-1] / variances[0]) / math.log(widths[-1] / widths[0])
    measures.add("exponent of the variance in the width", slope)
    return measures


def heads(seed: int, tokens: int, width: int, counts: list[int], ranks: list[int]) -> Measures:
    """Numerical rank of [head 1 ... head H] W_o when the attention weights of a head have low rank.

    Weights of rank r are softmax weights of r groups of tokens: queries in a group are equal. With
    one head the output has rank r at most. The weights of every head sum to 1 for every token, so
    all heads share one direction, and H of them reach rank H (r - 1) + 1, if the width allows it.
    """
    draw = normal("heads", seed)
    measures = Measures()
    for rank in ranks:
        for count in counts:
            if width % count:
                continue
            d = width // count
            x = draw(tokens, width)
            outputs = []
            for _ in range(count):
                group = torch.arange(tokens)[torch.argsort(draw(tokens))] % rank
                q, k, v = draw(rank, d)[group], x @ draw(width, d), x @ draw(width, d)
                outputs.append((q @ k.T / d**0.5 / width**0.5).softmax(-1) @ v)
            output = torch.cat(outputs, dim=1) @ draw(width, width)
            reached = int(torch.linalg.matrix_rank(output, rtol=1e-9))
            measures.add("rank of the output", reached, heads=count, weight_rank=rank)
    return measures


def order(seed: int, tokens: int, width: int, heads: int) -> Measures:
    """Whether permuting the tokens permutes the output: f(P x) against P f(x)."""
    draw = normal("order", seed)
    x, qkv, out_proj = draw(tokens, width), draw(width, 3 * width), draw(width, width)
    encoding = sinusoid(torch.arange(tokens), width).double()

    def layer(x: Tensor, *, causal: bool) -> Tensor:
        q, k, v = (
            part.unflatten(-1, (heads, -1)).transpose(0, 1)
            for part in (x @ qkv / width**0.5).chunk(3, -1)
        )
        return naive_attention(q, k, v, causal=causal).transpose(0, 1).flatten(1) @ out_proj

    permutation = torch.argsort(draw(tokens))
    cases: dict[str, Callable[[Tensor], Tensor]] = {
        "without positions": lambda x: layer(x, causal=False),
        "with positions": lambda x: layer(x + encoding, causal=False),
        "with a causal mask": lambda x: layer(x, causal=True),
    }
    measures = Measures()
    for name, f in cases.items():
        output = f(x)
        broken = (f(x[permutation]) - output[permutation]).norm() / output.norm()
        measures.add(f"equivariance broken, relative, {name}", float(broken))
    # How a causal model without positions depends on the order: whether its last output changes
    # when two earlier tokens are exchanged, with one layer (a bag of words) and with two.
    swapped = x.clone()
    swapped[[0, 1]] = x[[1, 0]]
    for layers in (1, 2):
        a, b = x, swapped
        for _ in range(layers):
            a, b = a + layer(a, causal=True), b + layer(b, causal=True)
        change = float((a[-1] - b[-1]).norm() / a[-1].norm())
        metric = "change of the last output when two words change places"
        measures.add(metric, change, causal_layers=layers)
    return measures
