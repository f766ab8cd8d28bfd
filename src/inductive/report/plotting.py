"""How every figure looks, and how it becomes an SVG that follows the page's colours."""

import io
import math
import re
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from inductive.claims.statistics import estimate

INK = "#010203"  # stands for the page's text colour; no figure uses this colour otherwise
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b58900", "#56b4e9", "#7f7f7f")
"""Okabe and Ito's palette, which colour-blind readers can tell apart; yellow darkened."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

_STYLE: Any = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.2,
    "grid.color": INK,
    "legend.frameon": False,
    "axes.prop_cycle": cycler(color=COLOURS),
}


mpl.use("svg")
mpl.rcParams.update(_STYLE)


def axes(
    columns: int = 1, rows: int = 1, *, width: float = 7.2, height: float = 3.2, **options: Any
) -> tuple[Figure, list[Axes]]:
    """A figure of this project's style and its axes, row by row. Sizes in inches."""
    figure = Figure(figsize=(width, height), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False, **options)
    return figure, list(np.asarray(grid).flatten())


ANY = (-np.inf, np.inf)
SHARE = (0.0, 1.0)
PERCENT = (0.0, 100.0)
POSITIVE = (0.0, np.inf)


def band(
    ax: Axes,
    points: pd.DataFrame,
    label: str,
    index: int,
    dashed: bool = False,
    limits: tuple[float, float] = ANY,
) -> None:
    """A curve of means with its 95 % interval; colour and marker number `index`.

    The interval is drawn as far as the quantity can be, within `limits` (such as SHARE). On an
    axis that is already logarithmic, one that reaches 0 is drawn from mean² / high instead: as far
    below the mean as above it. A single point has an error bar. Curves of more than 10 points
    carry a marker at every few of them, those of more than 20 and dashed ones none.
    """
    if not len(points):
        return
    colour = COLOURS[index % len(COLOURS)]
    marked = len(points) == 1 or (len(points) <= 20 and not dashed)
    ax.plot(
        points["at"],
        points["mean"],
        color=colour,
        marker=MARKERS[index % len(MARKERS)] if marked else None,
        markerfacecolor="none" if dashed else colour,
        markersize=4,
        markevery=max(1, math.ceil(len(points) / 10)),
        label=label,
        clip_on=False,
        linestyle="--" if dashed else "-" if index < len(COLOURS) else ":",
    )
    if not np.isfinite(points["low"]).all():
        return
    low, high = _interval(points, limits, logarithmic=ax.get_yscale() == "log")
    if len(points) > 1:
        ax.fill_between(points["at"], low, high, color=colour, alpha=0.2, linewidth=0)
    else:
        ax.vlines(points["at"], low, high, color=colour, linewidth=1.2)


def _interval(
    points: pd.DataFrame, limits: tuple[float, float], *, logarithmic: bool
) -> tuple[pd.Series, pd.Series]:
    low, high = points["low"].clip(*limits), points["high"].clip(*limits)
    if logarithmic:
        low = low.where(low > 0, points["mean"] ** 2 / high)
    return low, high


def legend(figure: Figure, axes: Sequence[Axes], columns: int, title: str = "") -> None:
    """One legend for several panels, below them: every label once, in the order of drawing."""
    found = {
        label: handle
        for ax in axes
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True)
    }
    figure.legend(
        found.values(),
        found.keys(),
        loc="outside lower center",
        ncols=columns,
        fontsize=8,
        title=title or None,
        title_fontsize=8,
    )


def picture(ax: Axes, image: np.ndarray, title: str = "", label: str = "") -> None:
    """An image (h, w), (h, w, 1) or (h, w, 3), grey ones from 0 to their type's largest value."""
    plain = image[..., 0] if image.ndim == 3 and image.shape[-1] == 1 else image
    largest = 255 if image.dtype == np.uint8 else 1
    ax.imshow(plain, cmap="gray", vmin=0, vmax=largest, interpolation="nearest")
    ax.set_xticks([])
    ax.set_yticks([])
    ax.grid(False)
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_title(title, fontsize=8)
    ax.set_xlabel(label, fontsize=8)


def heat_map(
    ax: Axes, values: np.ndarray, rows: Sequence[str], columns: Sequence[str], title: str
) -> None:
    """Percentages 0 to 100 as colours, each written in its cell; an empty cell for NaN."""
    ax.grid(False)
    ax.imshow(values, vmin=0, vmax=100, cmap="viridis", aspect="auto")
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.set_title(title, fontsize=10)
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    for (i, j), value in np.ndenumerate(values):
        if np.isfinite(value):
            colour = "white" if value < 60 else "black"
            ax.text(j, i, f"{value:.0f}", ha="center", va="center", color=colour)


def curves(
    history: pd.DataFrame, by: str, metric: str, split: str
) -> list[tuple[str, pd.DataFrame]]:
    """Training curves: (variant, at = epoch with mean and 95 % interval), in the given order.

    A curve ends with the first seed that stops, so that all its points are of the same seeds.
    """
    chosen = history[(history["metric"] == metric) & (history["split"] == split)]
    found = []
    for variant in dict.fromkeys(chosen[by]):
        rows = chosen[chosen[by] == variant]
        # A seed with several folds counts once: its folds are not independent.
        table = rows.groupby(["epoch", "seed"])["value"].mean().unstack("seed")
        points = [(at, *estimate(row.to_numpy())[:3]) for at, row in table.dropna().iterrows()]
        found.append((str(variant), pd.DataFrame(points, columns=["at", "mean", "low", "high"])))
    return found


def to_svg(figure: Figure, name: str) -> str:
    """The figure as an <svg> element: the same text every time, ids of its own, ink that adapts.

    It carries its width in inches, from which the page's style keeps the text of all figures alike.
    """
    with mpl.rc_context({"svg.hashsalt": name}):
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = svg.replace(INK, "currentColor")
    # Two figures on one page must not share ids: those of groups, clips and markers get a prefix.
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\1{name}-", svg)
    size = f'style="--inches: {figure.get_figwidth():g}"'
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', rf"\1 {size}", svg, count=1)
    return re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
