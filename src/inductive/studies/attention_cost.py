"""Time and memory of one pass of each form of attention, by the number of tokens."""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch

from inductive.nn import attention
from inductive.run import Run
from inductive.training.cost import milliseconds, peak_bytes
from inductive.training.randomness import seed_for
from inductive.training.tidy import Tidy


def forms(window: int) -> dict[str, Callable[..., torch.Tensor]]:
    """Name -> attention on (1, 1, n, d), without a causal mask."""
    return {
        "naive": partial(attention.naive, causal=False),
        "fused": partial(attention.fused, causal=False),
        "window": partial(attention.window, width=window, causal=False),
        "linear": partial(attention.linear, causal=False),
        "low rank": _low_rank,
    }


def _low_rank(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """Weights q kᵀ, whose factors are at hand and whose rank is the width."""
    return attention.low_rank(q, torch.ones(q.shape[-1], device=q.device), k.mT, v)


def cost(run: Run, device: torch.device) -> Tidy:
    """Milliseconds and peak bytes beyond the inputs, and how both grow.

    A seed is a repetition of the whole sweep; times are of this machine on this day, and only how
    they grow says something. Small sizes cost their overhead: growth is read from the upper half.
    """
    tidy, numbers = Tidy(run.seeds), run.training
    sizes = sorted(numbers["tokens"])
    found: dict[str, list[list[float]]] = {}
    for seed in run.seeds:
        generator = torch.Generator().manual_seed(seed_for("attention cost", seed))
        row: dict[str, list[float]] = {}
        for n in sizes:
            q, k, v = torch.randn(3, 1, 1, n, numbers["width"], generator=generator).to(device)
            for name, form in forms(numbers["window"]).items():
                work = partial(form, q, k, v)
                row.setdefault(f"milliseconds, {name}", []).append(milliseconds(work, device))
                row.setdefault(f"bytes, {name}", []).append(float(peak_bytes(work, device)))
        for metric, measured in row.items():
            found.setdefault(metric, []).append(measured)
    upper = slice(min(len(sizes) // 2, len(sizes) - 2), None)
    tables = {metric: np.array(rows) for metric, rows in found.items()}  # (seeds, sizes)
    for metric, values in tables.items():
        for n, column in zip(sizes, values.T, strict=True):
            tidy.add(column.tolist(), "", "", metric, "tokens", n)
        slopes = np.polyfit(np.log(sizes[upper]), np.log(values[:, upper].T), 1)[0]
        tidy.add(slopes.tolist(), "", "", f"exponent, {metric}")
        if metric == "milliseconds, naive":
            for law, horizontal in [("power", np.log(sizes)), ("exponential", np.array(sizes))]:
                errors = [_error(horizontal, np.log(times)) for times in values]
                tidy.add(errors, "", "", f"error of the {law} law, {metric}")
    return tidy


def _error(x: np.ndarray, y: np.ndarray) -> float:
    """Root mean square error of a straight line through the upper half of the points."""
    half = slice(min(len(x) // 2, len(x) - 3), None)
    line = np.polyval(np.polyfit(x[half], y[half], 1), x[half])
    return float(np.sqrt(np.mean((line - y[half]) ** 2)))
