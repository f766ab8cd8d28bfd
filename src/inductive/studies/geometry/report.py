"""Tables and figures of the geometry study."""

from typing import Any

import numpy as np
import pandas as pd

from inductive.analysis.results import Results, plus_minus
from inductive.report import figures as plotting
from inductive.report.elements import Figure, Table
from inductive.studies.shared.analytic_plan import part_settings

RING: dict[str, Any] = {"color": plotting.INK, "markerfacecolor": "none", "markersize": 9}
COUNT, STOPPED = "log of the number found", "stopped at the most"
BEST, MEAN = "distortion, best draw", "distortion, mean draw"
WITHIN = "share of draws within ε"


def _counts(results: Results) -> dict[float, pd.DataFrame]:
    """δ -> logarithms of the numbers of vectors, and whether a search was stopped."""
    counts = {}
    for delta in part_settings(results.runs, "orthogonal")["deltas"]:
        points, stopped = (
            results.sweep("dimension", metric, part="orthogonal", delta=delta)
            for metric in (COUNT, STOPPED)
        )
        counts[delta] = points.assign(capped=stopped["mean"] > 0)
    return counts


def tables(results: Results) -> list[Table]:
    """Distortions against the lemma, and how many vectors were found."""
    return [_projection_table(results), _orthogonal_table(results)]


def _projection_table(results: Results) -> Table:
    rows, data = [], []
    settings = part_settings(results.runs, "projection")
    for epsilon in sorted(settings["epsilons"]):
        dimensions, within, mean, best = (
            results.estimate(metric, part="projection", epsilon=epsilon)
            for metric in ("dimensions", WITHIN, MEAN, BEST)
        )
        assert dimensions
        assert within
        assert mean
        assert best
        shown = [f"{within.mean:.0f}", plus_minus(mean, 3), plus_minus(best, 3)]
        rows.append([f"{epsilon:g}", f"{dimensions.mean:.0f}", *shown])
        data.append((epsilon, dimensions.mean, within.mean / 100, mean.mean, best.mean))
    return Table(
        "projection",
        "Distortion at the dimension that the lemma requires",
        "k is the smallest integer >= 8 ln n / ε². Distortion is the largest relative change of a "
        f"squared distance over all pairs of points. Of {settings['draws']} random matrices per "
        "seed: the share that keeps it within ε, their mean distortion, and that of the best one, "
        "for which the lemma guarantees at most ε. Mean ± 95 % interval over seeds.",
        ["ε", "k", "within ε (% of draws)", "mean distortion", "least distortion"],
        rows,
        pd.DataFrame(data, columns=["epsilon", "dimensions", "share", "mean", "best"]),
    )


def _orthogonal_table(results: Results) -> Table:
    counted = [
        (f"{delta:g}", int(point["at"]), float(np.exp(point["mean"])), bool(point["capped"]))
        for delta, points in _counts(results).items()
        for _, point in points.iterrows()
    ]
    most = part_settings(results.runs, "orthogonal")["most"]
    return Table(
        "orthogonal",
        "Almost orthogonal vectors found",
        "Geometric mean over seeds of how many unit vectors with |x·y| <= δ were found by drawing "
        "at random and keeping those that fit: a lower bound on how many exist. ≥: a search was "
        f"stopped at the limit of {most:,} vectors.",
        ["δ", "dimension", "vectors"],
        [[d, str(n), f"{'≥ ' if capped else ''}{count:.0f}"] for d, n, count, capped in counted],
        pd.DataFrame(counted, columns=["delta", "dimension", "vectors", "stopped"]),
    )


def figures(results: Results) -> list[Figure]:
    """The lemma, the sets, the angles."""
    return [_projection(results), _orthogonal(results), _angles(results)]


def _projection(results: Results) -> Figure:
    draws = part_settings(results.runs, "projection")["draws"]
    drawing, (ax,) = plotting.axes(1, height=2.8)
    for k, metric in enumerate((BEST, MEAN)):
        points = results.sweep("epsilon", metric, part="projection")
        plotting.band(ax, points, metric, k, limits=plotting.POSITIVE)
    allowed = results.sweep("epsilon", "ε allowed", part="projection")
    ax.plot(allowed["at"], allowed["mean"], "--", color=plotting.INK, label="allowed")
    ax.set_xlabel("ε")
    ax.set_ylabel("largest distortion")
    ax.legend(fontsize=8)
    return Figure(
        "projection",
        "The Johnson-Lindenstrauss lemma",
        "Largest distortion of a squared distance after a random projection to 8 ln n / ε² "
        f"dimensions, of {draws} matrices per seed: the best one's and their mean; mean and 95 % "
        "interval over seeds. By the lemma there is a matrix on or below the dashed line.",
        "Two lines of distortion against ε, and a dashed line of what is allowed.",
        drawing,
    )


def _orthogonal(results: Results) -> Figure:
    drawing, (left, right) = plotting.axes(2, height=3.0)
    counts, most = _counts(results), part_settings(results.runs, "orthogonal")["most"]
    for ax, power in [(left, 0), (right, 2)]:
        capped = []
        for k, (delta, points) in enumerate(counts.items()):
            scaled = points.assign(at=points["at"] * delta**power)
            plotting.band(ax, scaled, f"δ = {delta:g}", k, limits=plotting.POSITIVE)
            capped.append(scaled[scaled["capped"]])
        lower_bounds = pd.concat(capped)
        if len(lower_bounds):
            ax.plot(
                lower_bounds["at"], lower_bounds["mean"], "o", **RING, label=f"stopped at {most:,}"
            )
    n = next(iter(counts.values()))["at"]
    left.plot(n, np.log(n), ":", color=plotting.INK, label="orthogonal: n")
    left.set_ylabel("log of the number found")
    left.set_xlabel("dimension n")
    right.set_xlabel("n δ²")
    left.legend(fontsize=8)
    return Figure(
        "orthogonal",
        "Almost orthogonal directions",
        "Logarithm of how many unit vectors with |x·y| <= δ a random search finds, mean and 95 % "
        "interval over seeds; dotted: how many are exactly orthogonal. A straight line means "
        "exponential growth, but points in rings are lower bounds: there a search was stopped at "
        f"the limit of {most:,} vectors. Right: against n δ², the variable of the bound.",
        "Left: logarithms of counts against the dimension, a curve for each δ. Right: the same "
        "against n δ².",
        drawing,
    )


def _angles(results: Results) -> Figure:
    drawing, (left, right) = plotting.axes(2, height=2.8)
    mean = results.sweep("dimension", "mean angle (°)", part="angles")
    spread = results.sweep("dimension", "standard deviation of the angle (°)", part="angles")
    left.errorbar(mean["at"], mean["mean"], spread["mean"], fmt="o", color=plotting.COLOURS[0])
    left.axhline(90, color=plotting.INK, linestyle=":")
    left.set_ylabel("angle (°), ± one sd")
    metric = "standard deviation of the cosine times √n"
    plotting.band(right, results.sweep("dimension", metric, part="angles"), "", 1)
    right.axhline(1, color=plotting.INK, linestyle=":")
    right.set_ylabel("sd of the cosine · √n")
    for ax in (left, right):
        ax.set_xscale("log")
        ax.set_xlabel("dimension n")
    return Figure(
        "angles",
        "Angles of random vectors",
        "Left: mean angle between two random directions and its standard deviation; dotted: a "
        "right angle. Right: the standard deviation of their cosine times √n, mean and 95 % "
        "interval over seeds; dotted: the 1 that independent directions have in theory.",
        "Two panels against the dimension: mean angle with its spread beside a dotted line at 90°, "
        "and the cosine's standard deviation times √n beside one at 1.",
        drawing,
    )
