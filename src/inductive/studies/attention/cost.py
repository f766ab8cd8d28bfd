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
from inductive.training.cost import milliseconds, peak_bytes


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
    growth is compared. It is fitted to the larger half of the sizes, as fixed costs dominate the
    small ones.
    """
    sizes = sorted(tokens)
    source = generator("cost", seed)
    series: dict[str, list[float]] = {}
    for n in sizes:
        q, k, v = torch.randn(3, 1, 1, n, width, generator=source).to(device)
        for name, form in attention_forms(window).items():
            work = partial(form, q, k, v)
            series.setdefault(f"milliseconds, {name}", []).append(milliseconds(work, device))
            series.setdefault(f"bytes, {name}", []).append(float(peak_bytes(work, device)))
    larger = slice(min(len(sizes) // 2, len(sizes) - 2), None)
    measures = Measures()
    for metric, values in series.items():
        for n, value in zip(sizes, values, strict=True):
            measures.add(metric, value, tokens=n)
        slope = np.polyfit(np.log(sizes[larger]), np.log(values[larger]), 1)[0]
        measures.add(f"exponent, {metric}", slope)
        if metric == "milliseconds, naive":
            for law, x in [("power", np.log(sizes)), ("exponential", np.array(sizes))]:
                measures.add(f"error of the {law} law, {metric}", _line_error(x, np.log(values)))
    return measures


def _line_error(x: np.ndarray, y: np.ndarray) -> float:
    """Root mean square error of a straight line through the larger half of the points."""
    half = slice(min(len(x) // 2, len(x) - 3), None)
    line = np.polyval(np.polyfit(x[half], y[half], 1), x[half])
    return float(np.sqrt(np.mean((line - y[half]) ** 2)))
