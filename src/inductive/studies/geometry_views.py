"""Tables and figures of the geometry study."""

import numpy as np
import pandas as pd

from inductive.report import plotting
from inductive.report.elements import Figure, Table
from inductive.report.results import Results, plus_minus


def _counts(results: Results) -> list[str]:
    return list(dict.fromkeys(results.select(part="orthogonal")["metric"]))


def tables(results: Results) -> list[Table]:
    """Distortions against the lemma, and how many vectors were found."""
    rows, data = [], []
    for epsilon in results.sweep("ε", "dimensions", scale=1, part="projection")["at"]:
        where = {"part": "projection", "at": f"{epsilon:g}"}
        found = [
            results.estimate(metric, "ε", 1.0, **where)
            for metric in ("dimensions", "draws needed", "distortion, best draw")
        ]
        k, draws, best = found
        assert k
        rows.append([f"{epsilon:g}", f"{k.mean:.0f}", plus_minus(draws), plus_minus(best, 3)])
        data.append((epsilon, *(e.mean if e else np.nan for e in found)))
    projection = Table(
        "projection",
        "Distortion at the dimension that the lemma asks for",
        "k is the first whole number from 8 ln n / ε²; distortion is the largest relative change "
        "of a squared distance over all pairs; random matrices were drawn until one kept it below "
        "ε; mean ± 95 % interval over seeds.",
        ["ε", "k", "draws needed", "distortion found"],
        rows,
        pd.DataFrame(data, columns=["epsilon", "dimensions", "draws", "distortion"]),
    )
    counted = []
    for metric in _counts(results):
        points = results.sweep("dimension", metric, scale=1, part="orthogonal")
        for _, point in points.iterrows():
            delta, count = metric.split("δ = ")[1], float(np.exp(point["mean"]))
            counted.append((delta, int(point["at"]), count))
    orthogonal = Table(
        "orthogonal",
        "Almost orthogonal vectors found",
        "Geometric mean over seeds of how many unit vectors with |x·y| <= δ were found by drawing "
        "at random and keeping what fits: a lower bound of how many there are.",
        ["δ", "dimension", "vectors"],
        [[delta, str(n), f"{count:.0f}"] for delta, n, count in counted],
        pd.DataFrame(counted, columns=["delta", "dimension", "vectors"]),
    )
    return [projection, orthogonal]


def figures(results: Results) -> list[Figure]:
    """The lemma, the sets, the angles."""
    return [_projection(results), _orthogonal(results), _angles(results)]


def _projection(results: Results) -> Figure:
    drawing, (ax,) = plotting.axes(1, height=2.8)
    for k, metric in enumerate(("distortion, best draw", "distortion, mean draw")):
        plotting.band(ax, results.sweep("ε", metric, scale=1, part="projection"), metric, k)
    allowed = results.sweep("ε", "ε allowed", scale=1, part="projection")
    ax.plot(allowed["at"], allowed["mean"], "--", color=plotting.INK, label="allowed")
    ax.set_xlabel("ε")
    ax.set_ylabel("largest distortion")
    ax.legend(fontsize=8)
    return Figure(
        "projection",
        "The Johnson-Lindenstrauss lemma",
        "Largest distortion of a squared distance after a random projection to 8 ln n / ε² "
        "dimensions, mean and 95 % interval over seeds. The lemma promises a matrix below the "
        "dashed line; most random ones are.",
        "Two lines of distortion against ε, below the dashed diagonal.",
        drawing,
    )


def _orthogonal(results: Results) -> Figure:
    drawing, (left, right) = plotting.axes(2, height=3.0)
    for k, metric in enumerate(_counts(results)):
        points = results.sweep("dimension", metric, scale=1, part="orthogonal")
        plotting.band(left, points, metric.split(", ")[1], k)
        delta = float(metric.split("δ = ")[1])
        scaled = points.assign(at=points["at"] * delta**2)
        plotting.band(right, scaled, metric.split(", ")[1], k)
    n = results.sweep("dimension", _counts(results)[0], scale=1, part="orthogonal")["at"]
    left.plot(n, np.log(n), ":", color=plotting.INK, label="orthogonal: n")
    left.set_ylabel("log of the number found")
    left.set_xlabel("dimension n")
    right.set_xlabel("n δ²")
    left.legend(fontsize=8)
    return Figure(
        "orthogonal",
        "Almost orthogonal directions",
        "Logarithm of how many unit vectors with |x·y| <= δ a random search finds, mean and 95 % "
        "interval over seeds; dotted: how many are exactly orthogonal. Straight lines mean "
        "exponential growth. Right: against n δ², the variable of the bound.",
        "Left: curves rising with the dimension, above the dotted one. Right: against n δ².",
        drawing,
    )


def _angles(results: Results) -> Figure:
    drawing, (left, right) = plotting.axes(2, height=2.8)
    mean = results.sweep("dimension", "mean angle (°)", scale=1, part="angles")
    spread = results.sweep(
        "dimension", "standard deviation of the angle (°)", scale=1, part="angles"
    )
    left.errorbar(mean["at"], mean["mean"], spread["mean"], fmt="o", color=plotting.COLOURS[0])
    left.axhline(90, color=plotting.INK, linestyle=":")
    left.set_ylabel("angle (°), ± one sd")
    metric = "standard deviation of the cosine times √n"
    plotting.band(right, results.sweep("dimension", metric, scale=1, part="angles"), "", 1)
    right.axhline(1, color=plotting.INK, linestyle=":")
    right.set_ylabel("sd of the cosine · √n")
    for ax in (left, right):
        ax.set_xscale("log")
        ax.set_xlabel("dimension n")
    return Figure(
        "angles",
        "Angles of random vectors",
        "Left: two random directions are at right angles on average in any dimension, and nearly "
        "always in a high one. Right: their cosine has a standard deviation of 1/√n.",
        "Left: angles around 90° whose spread falls. Right: a line at 1.",
        drawing,
    )
