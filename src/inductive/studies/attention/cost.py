"""Time and memory of one pass of each form of attention, by the number of tokens."""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Tensor

from inductive.nn.attention import (
    fused_attention,
    linear_attention,
    low_rank_product,
    naive_attention,
    window_attention,
)
from inductive.studies.attention.random_tensors import generator
from inductive.studies.shared.analytic import Measures
from inductive.training.cost import (
    exponent,
    growing,
    interleaved_milliseconds,
    peak_bytes,
    timing_spread,
)


def attention_forms(window: int) -> dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]]:
    """Name -> attention on (1, 1, n, d), without a causal mask."""
    return {
        "naive": partial(naive_attention, causal=False),
        "fused": partial(fused_attention, causal=False),
        "window": partial(window_attention, width=window, causal=False),
        "linear": partial(linear_attention, causal=False),
        "low rank": _low_rank,
    }


def _low_rank(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Weights q kᵀ, whose factors are given and whose rank is the width."""
    return low_rank_product(q, torch.ones(q.shape[-1], device=q.device), k.mT, v)


def cost(seed: int, width: int, window: int, tokens: list[int], device: torch.device) -> Measures:
    """Milliseconds and peak bytes beyond the inputs, and how both grow.

    A seed is one repetition of all sizes. Times depend on the machine and its load; only their
    growth is compared. Exponents are fitted to the larger half of the sizes, and those of times
    only to sizes at which constant costs no longer matter (see `growing`).
    """
    sizes = sorted(tokens)
    source = generator("cost", seed)
    inputs = {n: torch.randn(3, 1, 1, n, width, generator=source).to(device) for n in sizes}
    forms = attention_forms(window)
    works = {name: [partial(form, *inputs[n]) for n in sizes] for name, form in forms.items()}
    each = [work for of_form in works.values() for work in of_form]
    times = interleaved_milliseconds(each, device)  # (rounds, forms x sizes)
    medians = np.median(times, axis=0).reshape(len(forms), len(sizes))
    measures = Measures()
    for (name, own_works), own_times in zip(works.items(), medians, strict=True):
        own_bytes = [float(peak_bytes(work, device)) for work in own_works]
        for n, milliseconds, held in zip(sizes, own_times, own_bytes, strict=True):
            measures.add(f"milliseconds, {name}", milliseconds, tokens=n)
            measures.add(f"bytes, {name}", held, tokens=n)
        larger = slice(max(0, min(len(sizes) // 2, len(sizes) - 2)), None)
        measures.add(f"exponent, bytes, {name}", exponent(sizes[larger], own_bytes[larger]))
        fitted = growing(own_times)
        slope = exponent(sizes[fitted], own_times[fitted])
        measures.add(f"exponent, milliseconds, {name}", slope)
        measures.add(f"smallest size fitted, milliseconds, {name}", sizes[fitted][0])
    naive = medians[list(forms).index("naive")]
    fitted = growing(naive, least=3)  # two points would be on any line
    for law, x in [("power", np.log(sizes)), ("exponential", np.array(sizes))]:
        error = _line_error(x[fitted], np.log(naive[fitted]))
        measures.add(f"error of the {law} law, milliseconds, naive", error)
    measures.add("timing spread", timing_spread(times))
    return measures


def _line_error(x: np.ndarray, y: np.ndarray) -> float:
    """Root mean square error of a straight line through some points."""
    line = np.polyval(np.polyfit(x, y, 1), x)
    return float(np.sqrt(np.mean((line - y) ** 2)))
