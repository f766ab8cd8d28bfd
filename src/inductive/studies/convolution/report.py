"""Tables and figures of the convolution study."""

from itertools import product

import numpy as np
import pandas as pd
from matplotlib.patches import Rectangle

from inductive.analysis.results import Results, plus_minus
from inductive.report import figures as plotting
from inductive.report.elements import Figure, Table
from inductive.studies.convolution.metrics import ADDED, OVERALL, PER_MODE
from inductive.studies.convolution.terms import PRINTED, SCIPY, outside


def tables(results: Results) -> list[Table]:
    """The pixel in every way and with every padding, and the sizes."""
    rows, data = [], []
    for metric, mode in product(PER_MODE, SCIPY):
        e = results.estimate(f"{metric}, {mode}", part="pixel")
        if e:
            shown = plus_minus(e, 3) if e.mean > 1e-6 else f"{e.mean:.1e}"
            rows.append([metric, mode, shown])
            data.append((metric, mode, e.mean, e.low, e.high, e.n))
    for metric in OVERALL:
        e = results.estimate(metric)
        if e:
            rows.append([metric, "—", f"{e.mean:.3g}"])
            data.append((metric, "", e.mean, e.low, e.high, e.n))
    return [
        Table(
            "pixel",
            "The first pixel, computed in several ways",
            "Means over seeds of the largest difference over random images and kernels, in double "
            "precision; what the terms outside add is a mean. Torch computes a cross-correlation: "
            "to agree, its kernel is turned by 180°.",
            ["quantity", "padding", "value"],
            rows,
            pd.DataFrame(data, columns=["metric", "padding", "mean", "low", "high", "n"]),
        )
    ]


def figures(results: Results) -> list[Figure]:
    """The nine terms, and the contribution of those outside."""
    return [_terms(), _outside(results)]


def _terms() -> Figure:
    drawing, (ax,) = plotting.axes(1, width=4.4, height=3.6)
    missing = set(outside())
    for (a, b), (i, j) in PRINTED.items():
        lost = (a, b) in missing
        colour = plotting.COLOURS[1] if lost else plotting.COLOURS[0]
        ax.add_patch(_square(j, i, colour, dashed=lost))
        sign = {-1: "-", 0: "0", 1: "+"}
        text = f"g$_{{{i},{j}}}$ h$_{{{sign[a]},{sign[b]}}}$"
        ax.text(j, i, text, ha="center", va="center", fontsize=9)
    ax.plot([0.5, 0.5, 2.7], [2.7, 0.5, 0.5], color=plotting.INK, linewidth=2)
    ax.set_xlim(-0.6, 2.7)
    ax.set_ylim(2.7, -0.6)
    ax.set_xticks(range(3))
    ax.set_yticks(range(3))
    ax.set_xlabel("column")
    ax.set_ylabel("row")
    ax.grid(False)
    ax.set_aspect("equal")
    return Figure(
        "terms",
        "The nine terms of f₁,₁",
        "Each pixel of g with the kernel entry by which it is multiplied, in the source's "
        "numbering; the image begins at the black corner. Dashed: the five terms that lie outside "
        "it, whose values the padding decides.",
        "A grid of nine squares, four inside an image's corner and five outside.",
        drawing,
    )


def _square(x: float, y: float, colour: str, *, dashed: bool) -> Rectangle:
    style = "--" if dashed else "-"
    return Rectangle((x - 0.45, y - 0.45), 0.9, 0.9, fill=False, edgecolor=colour, linestyle=style)


def _outside(results: Results) -> Figure:
    drawing, (ax,) = plotting.axes(1, height=2.6)
    for k, mode in enumerate(SCIPY):
        e = results.estimate(f"{ADDED}, {mode}", part="pixel")
        assert e
        half = e.half_width if np.isfinite(e.half_width) else 0
        # An absolute value is not below 0, so its interval is not drawn there.
        error = [[min(half, e.mean)], [half]]
        ax.bar(k, e.mean, yerr=error, capsize=4, color=plotting.COLOURS[k])
    ax.set_xticks(range(len(SCIPY)), list(SCIPY))
    ax.set_ylabel("|sum of the terms outside|")
    return Figure(
        "outside",
        "The contribution of the padding to the first pixel",
        "Absolute sum of the five terms outside the image, pixels and kernels of variance 1, mean "
        "and 95 % interval over seeds. Padding with zeros adds nothing.",
        "One bar per padding: the absolute sum of the terms outside.",
        drawing,
    )
