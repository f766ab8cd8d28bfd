"""Names of metrics and sampling settings, for the evaluation and the report. Imports no torch."""

from collections.abc import Sequence

BITS = "bits per character"
KNOWN = "bits per character, half a block known"
GRAMMAR = "bits per character of the grammar"
GREEDY = "greedy"
ORIGINAL = "the text itself"
"""The original continuation of the same prompts, measured in the same way: a reference value."""


def of_original(metric: str) -> str:
    """The name of a statistic of samples where the author's text is measured."""
    return f"{metric}, {ORIGINAL}"


def sampling_grid(
    temperatures: Sequence[float], top_p: Sequence[float], top_k: Sequence[int]
) -> dict[str, dict[str, int | float]]:
    """Name -> arguments of `Sampling`: greedy, every temperature with every top-p, and top-k.

    They are also the coordinates of the measurements. A top-p of 1 has no effect and is left out.
    """
    grid: dict[str, dict[str, int | float]] = {GREEDY: {"temperature": 0.0}}
    for t in temperatures:
        for p in top_p:
            restricts = p != 1
            name = f"temperature {t:g}" + (f", top-p {p:g}" if restricts else "")
            grid[name] = {"temperature": t} | ({"top_p": p} if restricts else {})
    for k in top_k:
        grid[f"top-k {k}"] = {"temperature": 1.0, "top_k": k}
    return grid
