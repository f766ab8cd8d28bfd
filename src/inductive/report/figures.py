"""The style of all figures, and their conversion to SVG with the colours of the page.

Importing this module changes no setting of matplotlib. Draw inside `style()`.
"""

import io
import math
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from inductive.analysis.statistics import estimate

INK = "#010203"
"""Placeholder for the page's text colour, which replaces it in the SVG."""
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b58900", "#56b4e9", "#7f7f7f")
"""Okabe and Ito's palette for colour-blind readers, with a darker yellow."""
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


@contextmanager
def style() -> Iterator[None]:
    """The matplotlib style of this project's figures, within a `with` block.

    Starts from matplotlib's own defaults, so that a user's matplotlibrc changes nothing, and
    restores the user's settings afterwards.
    """
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        yield


def axes(
    columns: int = 1, rows: int = 1, *, width: float = 7.2, height: float = 3.2, **options: Any
) -> tuple[Figure, list[Axes]]:
    """A figure and its axes, row by row. Sizes in inches; `options` are those of `subplots`."""
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
    """A curve of means with its 95 % interval; `index` chooses the colour and the marker.

    `points` has the columns at, mean, low and high. The interval is clipped to the values that the
    quantity can have, `limits` (such as SHARE). On an axis that is already logarithmic, an interval
    that reaches 0 starts at mean² / high instead: as far below the mean as its end is above. A
    single point has an error bar. Curves of more than 10 points have markers at some of them only;
    those of more than 20 points and dashed ones have none.
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
    """One legend for several panels, below them: each label once, in the order of drawing."""
    handles = {
        label: handle
        for ax in axes
        for handle, label in zip(*ax.get_legend_handles_labels(), strict=True)
    }
    figure.legend(
        handles.values(),
        handles.keys(),
        loc="outside lower center",
        ncols=columns,
        fontsize=8,
        title=title or None,
        title_fontsize=8,
    )


def picture(ax: Axes, image: np.ndarray, title: str = "", label: str = "") -> None:
    """An image (h, w), (h, w, 1) or (h, w, 3): uint8 from 0 to 255, or floats from 0 to 1."""
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
    """Percentages (rows, columns) as colours, each written in its cell; a NaN leaves it empty."""
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
    """Training curves per value of the label `by`, in the order of `history`.

    Each is (value, frame), with the columns at (the epoch), mean, low and high (the 95 % interval
    over seeds). A curve ends where the first seed stops or its value is no longer finite, so that
    all its points are of the same seeds.
    """
    rows = history[(history["metric"] == metric) & (history["split"] == split)]
    drawn = []
    for variant in dict.fromkeys(rows[by]):
        # The folds of one seed are not independent: their mean counts once.
        means = rows[rows[by] == variant].groupby(["epoch", "seed"])["value"].mean()
        finite = means.unstack("seed").replace([np.inf, -np.inf], np.nan).dropna()
        points = [(at, *estimate(row.to_numpy())[:3]) for at, row in finite.iterrows()]
        drawn.append((str(variant), pd.DataFrame(points, columns=["at", "mean", "low", "high"])))
    return drawn


def to_svg(figure: Figure, name: str) -> str:
    """The figure as an <svg> element whose text depends on the figure and `name` alone.

    Its ids begin with `name`, so that two figures on one page share none; what is drawn in INK has
    the page's text colour. It contains its width in inches, from which the page's style sets the
    same text size in all figures.
    """
    with style(), mpl.rc_context({"svg.hashsalt": name}):
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = svg.replace(INK, "currentColor")
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r'(href="#|url\(#)', rf"\1{name}-", svg)
    size = f'style="--inches: {figure.get_figwidth():g}"'
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', rf"\1 {size}", svg, count=1)
    return re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
