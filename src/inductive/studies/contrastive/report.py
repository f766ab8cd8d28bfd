"""Tables and figures of the contrastive study."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from inductive.analysis.results import Results, plus_minus
from inductive.core.run import Run
from inductive.report import figures as plotting
from inductive.report.elements import Figure, Table


class Column(NamedTuple):
    """A column of the summary."""

    name: str
    metric: str
    representation: str
    digits: int


COLUMNS = (
    Column("probe on f (%)", "linear probe", "f", 1),
    Column("probe on g (%)", "linear probe", "g", 1),
    Column("neighbours on f (%)", "neighbours", "f", 1),
    Column("neighbours on g (%)", "neighbours", "g", 1),
    Column("cosine of positives", "cosine of positives", "g", 2),
    Column("cosine of negatives", "cosine of negatives", "g", 2),
    Column("alignment", "alignment", "g", 2),
    Column("uniformity", "uniformity", "g", 2),
    Column("rank of f", "effective rank", "f", 1),
    Column("rank of g", "effective rank", "g", 1),
)


def _base(results: Results) -> Run:
    return next(run for run in results.runs if run.labels["base"])


def tables(results: Results) -> list[Table]:
    """Every variant: what can be predicted from f and g, and the shape of the embedding."""
    rows, data = [], []
    cases = [(run.labels["variant"], "last") for run in results.runs]
    cases.append((_base(results).labels["variant"], "untrained"))
    for variant, selection in cases:
        row = [f"{variant}" if selection == "last" else "untrained"]
        for name, metric, split, digits in COLUMNS:
            e = results.estimate(metric, variant=variant, split=split, selection=selection)
            row.append(plus_minus(e, digits))
            if e:
                data.append((row[0], name, e.mean, e.low, e.high, e.n))
        rows.append(row)
    return [
        Table(
            "summary",
            "Probes on f and g, and the shape of the embedding",
            "Mean ± 95 % confidence interval over seeds, last epoch, test images. Probe: a "
            "logistic regression on the frozen representation, with the most labels of the grid; "
            "neighbours: a majority vote of the nearest, with all labels. Of pairs of views, on g: "
            "mean cosines; alignment, the mean squared distance of positives; uniformity, the "
            "logarithm of the mean of exp(-2 distance²) over negatives (both of Wang and Isola "
            "2020, lower is better). Rank: the effective number of dimensions; 1 is a collapse.",
            ["variant", *(column.name for column in COLUMNS)],
            rows,
            pd.DataFrame(data, columns=["variant", "metric", "mean", "low", "high", "n"]),
        )
    ]


def figures(results: Results) -> list[Figure]:
    """The views, probes by labels, everything against temperature, the embedding, training."""
    return [
        _views(results),
        _labels(results),
        _temperature(results),
        _embedding(results),
        _training(results),
    ]


def _views(results: Results) -> Figure:
    run = _base(results)
    pictures, views = (results.artefact(run, name) for name in ("pictures", "views"))
    columns = 1 + len(views)
    drawing, axes = plotting.axes(columns, len(pictures), height=3.9)
    for k, picture in enumerate(pictures):
        plotting.picture(axes[columns * k], picture, "picture" if k == 0 else "")
        for j, view in enumerate(views[:, k], 1):
            plotting.picture(axes[columns * k + j], view, f"view {j}" if k == 0 else "")
    return Figure(
        "views",
        "Views of a picture",
        "Cropped, mirrored, rotated, recoloured, sometimes blurred. The network is trained to "
        "recognise two views of one picture; it learns to ignore all changes between views.",
        "Three galaxies with five random views of each.",
        drawing,
    )


def _labels(results: Results) -> Figure:
    drawing, (ax,) = plotting.axes(1, height=3.6)
    base = str(_base(results).labels["variant"])
    cases = [("f, contrastive", base, "f", "last"), ("g, contrastive", base, "g", "last")]
    if "supervised" in results.labels("variant"):
        cases.append(("f, supervised", "supervised", "f", "last"))
    if "no-rotation" in results.labels("variant"):
        cases.append(("f, views without rotation", "no-rotation", "f", "last"))
    cases.append(("f, untrained", base, "f", "untrained"))
    for k, (name, variant, split, selection) in enumerate(cases):
        points = results.sweep(
            "num_labels", "linear probe", variant=variant, split=split, selection=selection
        )
        plotting.band(ax, points, name, k, limits=plotting.PERCENT)
    ax.set_xscale("log")
    ax.set_xticks(points["at"], [f"{at:,.0f}" for at in points["at"]])
    ax.minorticks_off()
    ax.set_xlabel("labels that the probe is given")
    ax.set_ylabel("test accuracy (%)")
    ax.legend(fontsize=8)
    return Figure(
        "labels",
        "How many labels does a good representation save?",
        "Accuracy of a logistic regression on frozen representations against the number of "
        "labels, mean and 95 % interval over seeds. The supervised network was trained with all "
        "labels of the training images, the contrastive ones with none.",
        "Curves of probe accuracy against the number of labels.",
        drawing,
    )


def _temperature(results: Results) -> Figure:
    drawing, axes = plotting.axes(3, height=3.0)
    cosines = [("positives", "cosine of positives", "g"), ("negatives", "cosine of negatives", "g")]
    ranks = [(split, "effective rank", split) for split in ("f", "g")]
    probes = [(split, "linear probe", split) for split in ("f", "g")]
    panels: list[tuple[str, list[tuple[str, str, str]], tuple[float, float]]] = [
        ("cosine on g", cosines, (-1, 1)),
        ("effective rank", ranks, (1, np.inf)),
        ("probe accuracy (%)", probes, plotting.PERCENT),
    ]
    for ax, (title, curves, limits) in zip(axes, panels, strict=True):
        for k, (label, metric, split) in enumerate(curves):
            points = _by_temperature(results, metric, split)
            plotting.band(ax, points, label, k, limits=limits)
        ax.set_xscale("log")
        ax.set_xlabel("temperature")
        ax.set_title(title, fontsize=10)
        ax.legend(fontsize=8)
    return Figure(
        "temperature",
        "The effect of the temperature",
        "Mean and 95 % interval over seeds. The temperature weights the negatives: a low one "
        "counts only the nearest, a high one all equally. The curves show its effect on the spread "
        "of pictures and on the accuracy of a probe.",
        "Cosines, ranks and probe accuracies against the temperature.",
        drawing,
    )


def _by_temperature(results: Results, metric: str, split: str) -> pd.DataFrame:
    """A metric of the runs that differ from the base only in the temperature."""
    base = _base(results).labels
    same = {k: base[k] for k in ("objective", "batch_size", "rotation")}
    points = []
    for temperature in sorted(_temperatures(results.runs, same)):
        e = results.estimate(metric, split=split, selection="last", temperature=temperature, **same)
        if e:
            points.append((temperature, e.mean, e.low, e.high))
    return pd.DataFrame(points, columns=["at", "mean", "low", "high"])


def _temperatures(runs: Sequence[Run], labels: dict[str, object]) -> set[float]:
    return {
        run.labels["temperature"]
        for run in runs
        if all(run.labels[name] == value for name, value in labels.items())
    }


def _embedding(results: Results) -> Figure:
    run = _base(results)
    seed, names = run.example, results.facts(run)["classes"]
    classes = results.artefact(run, "embedded classes", seed)
    drawing, axes = plotting.axes(3, height=3.0)
    for ax, title in zip(axes, ("untrained, PCA", "trained, PCA", "trained, t-SNE"), strict=True):
        points = results.artefact(run, title, seed)
        for c in np.unique(classes):
            own = points[classes == c]
            colour = plotting.COLOURS[c % len(plotting.COLOURS)]
            marker = plotting.MARKERS[c // len(plotting.COLOURS) % len(plotting.MARKERS)]
            label = names[c] if ax is axes[0] else None
            ax.scatter(own[:, 0], own[:, 1], s=8, color=colour, marker=marker, label=label)
        ax.set_title(title, fontsize=10)
        ax.set_xticks([])
        ax.set_yticks([])
    drawing.legend(loc="outside lower center", fontsize=7, ncols=3)
    return Figure(
        "embedding",
        "Test images in the plane of f",
        "Coloured by class, which the network was not trained with; one seed. PCA is linear and "
        "keeps large distances, t-SNE keeps neighbours and nothing else.",
        "Three scatter plots of the embedding of test images.",
        drawing,
    )


def _training(results: Results) -> Figure:
    drawing, (ax,) = plotting.axes(1, height=3.2)
    rows = results.history[results.history["objective"] == "InfoNCE"]
    for k, (name, points) in enumerate(plotting.curves(rows, "variant", "accuracy", "validation")):
        points[["mean", "low", "high"]] *= 100
        plotting.band(ax, points, name, k, limits=plotting.PERCENT)
    ax.set_xlabel("epoch")
    ax.set_ylabel("nearest is the positive (%)")
    ax.legend(fontsize=8)
    return Figure(
        "training",
        "Training",
        "How often the nearest of all other views of its batch is the other view of the same "
        "picture, on validation images; mean and 95 % interval over seeds. A smaller batch has "
        "fewer others.",
        "Curves of the share of views whose nearest is the positive, against the epoch.",
        drawing,
    )
