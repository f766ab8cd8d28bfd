"""Tables and figures of the rotation study."""

from typing import Any

import numpy as np
import pandas as pd

from inductive.analysis.results import Results, plus_minus
from inductive.data.generated import objects
from inductive.report import figures as plotting
from inductive.report.elements import Figure, Table
from inductive.studies.rotation.circle import circle_weights

LAST: dict[str, Any] = {"split": "test", "selection": "last"}
COLUMNS = {
    "upright": "accuracy, upright",
    "mean over angles": "mean over angles",
    "least over angles": "least over angles",
    "consistency": "mean consistency",
    "each turned once": "accuracy, rotated once",
}
"""Column of the summary -> metric."""
PICTURES = ("0°", "30°", "90°", "180°", "270°", "30°, nearest", "30°, disc", "another")
"""Titles of the examples that an evaluation keeps."""


def _variants(results: Results, dataset: str) -> list[str]:
    return [str(r.labels["variant"]) for r in results.runs if r.labels["dataset"] == dataset]


def tables(results: Results) -> list[Table]:
    """Every variant on every data set, and the published figures where there are any."""
    summary, published = _summary(results), _published(results)
    return [summary, published] if published.rows else [summary]


def _summary(results: Results) -> Table:
    rows, data = [], []
    for run in results.runs:
        dataset, variant = run.labels["dataset"], run.labels["variant"]
        key = {"dataset": dataset, "variant": variant}
        estimates = {k: results.estimate(m, **LAST, **key) for k, m in COLUMNS.items()}
        parameters = int(results.select("parameters", **key)["value"].iloc[0])
        cells = [plus_minus(e) for e in estimates.values()]
        rows.append([f"{dataset} {variant}", *cells, f"{parameters:,}"])
        for name, e in estimates.items():
            if e:
                data.append((dataset, variant, name, e.mean, e.low, e.high, e.n))
    angles = results.runs[0].evaluation["angles"]
    share = 100 * circle_weights(angles)[np.mod(angles, 360) == 0].sum()
    return Table(
        "summary",
        "Upright and at every angle",
        "Test accuracy in %, mean ± 95 % confidence interval over seeds, last epoch. Consistency: "
        "the share of pictures that are classified as they are upright, correctly or not, over all "
        f"angles, of which 0° itself is {share:.0f} %. Each turned once: every test picture turned "
        "by one random angle.",
        ["variant", *COLUMNS, "parameters"],
        rows,
        pd.DataFrame(data, columns=["dataset", "variant", "metric", "mean", "low", "high", "n"]),
    )


def _published(results: Results) -> Table:
    rows, data = [], []
    generated = {r.labels["dataset"] for r in results.runs if r.data.kind == "generated"}
    for figure in results.published["figures"]:
        if figure["dataset"] in generated:  # published figures are of photographs
            continue
        metric = "accuracy, rotated once" if figure["turned"] else "accuracy, upright"
        key = {"dataset": figure["dataset"], "variant": figure["variant"]}
        e = results.estimate(metric, **LAST, **key)
        if e is None:
            continue
        mean = 100 - e.mean if figure["error"] else e.mean
        test = f"{figure['what']}, {'error' if figure['error'] else 'accuracy'}"
        here, published = f"{mean:.2f} ± {e.half_width:.2f}", figure["published"]
        rows.append([test, figure["variant"], here, f"{published:.2f}", figure["source"]])
        data.append((test, figure["variant"], mean, e.half_width, e.n, published))
    return Table(
        "published",
        "Comparison with published values",
        "In %; here ± is the 95 % confidence interval over seeds, last epoch. Cohen and Welling's "
        "are of deeper networks (seven layers on MNIST, nine on CIFAR-10); here it is the "
        "course's small one.",
        ["test", "variant", "here", "published", "source"],
        rows,
        pd.DataFrame(data, columns=["test", "variant", "mean", "half_width", "n", "published"]),
    )


def figures(results: Results) -> list[Figure]:
    """The pictures, accuracy by angle, two controls, equivariance by layer, training."""
    specs = {str(r.labels["dataset"]): r.data for r in results.runs}
    real_objects = "cifar10" in specs and specs["cifar10"].kind != "generated"
    return [
        _pictures(results),
        *([_drawn()] if real_objects else []),
        _angles(results),
        _controls(results),
        _layers(results),
        _training(results),
    ]


def _pictures(results: Results) -> Figure:
    datasets = results.labels("dataset")
    drawing, axes = plotting.axes(8, len(datasets), height=1.25 * len(datasets) + 0.2)
    for row, dataset in enumerate(datasets):
        run = next(r for r in results.runs if r.labels["dataset"] == dataset)
        pictures = results.artefact(run, "pictures")
        for k, (picture, title) in enumerate(zip(pictures, PICTURES, strict=True)):
            ax = axes[8 * row + k]
            plotting.picture(ax, picture, title if row == 0 else "")
            if k == 0:
                ax.set_ylabel(dataset, fontsize=8)
    return Figure(
        "pictures",
        "Examples of pictures",
        "A picture turned by several angles; the same without interpolation, and inside a disc: "
        "the black corners of a turned picture could show that it was turned.",
        "For each dataset a picture at five angles and three controls.",
        drawing,
    )


def _drawn() -> Figure:
    rng, settings = np.random.default_rng(0), {"size": 32, "tilt": 12, "noise": 0.05}
    drawing, axes = plotting.axes(len(objects.CLASSES), height=1.1)
    for ax, name in zip(axes, objects.CLASSES, strict=True):
        plotting.picture(ax, objects.draw(rng, name, settings), name)
    return Figure(
        "drawn",
        "Drawn objects",
        "What presets without a download train on instead of CIFAR-10. Of the first eight classes, "
        "each is another one rotated by 180°, so that no network that is invariant to rotation can "
        "distinguish the two.",
        "One picture of each of ten classes of drawn objects.",
        drawing,
    )


def _angles(results: Results) -> Figure:
    datasets = results.labels("dataset")
    drawing, axes = plotting.axes(1, len(datasets), height=3.6 * len(datasets), sharex=True)
    for dataset, ax in zip(datasets, axes, strict=True):
        for k, variant in enumerate(_variants(results, dataset)):
            points = results.sweep("angle", dataset=dataset, variant=variant)
            plotting.band(ax, points, variant, k, limits=plotting.PERCENT)
        facts = results.facts(next(r for r in results.runs if r.labels["dataset"] == dataset))
        if "invariant_ceiling" in facts:
            ceiling = 100 * facts["invariant_ceiling"]
            ax.axhline(ceiling, color=plotting.INK, linewidth=1, linestyle=":")
            ax.text(180, ceiling + 1, "best of any invariant network", fontsize=8, ha="center")
        ax.set_ylim(0, 100)
        ax.set_ylabel(f"{dataset}: accuracy (%)")
        ax.set_xticks(range(0, 361, 45))
        ax.legend(fontsize=8, ncols=2)
    axes[-1].set_xlabel("angle of the test pictures (degrees)")
    return Figure(
        "angles",
        "Accuracy at every angle",
        "Mean and 95 % interval over seeds, last epoch. Compare how fast the accuracy of the plain "
        "network falls with the angle, how that of a group network depends on the angle between "
        "multiples of 90°, where it repeats itself, and how high the flat curve of augmentation "
        "lies. No network that is invariant to rotation can be above a dotted line, because some "
        "classes are others rotated by 180°: invariance is not always an advantage.",
        "Curves of test accuracy against the angle, one for each variant.",
        drawing,
    )


def _controls(results: Results) -> Figure:
    dataset = results.labels("dataset")[0]
    variants = _variants(results, dataset)
    drawing, (left, right) = plotting.axes(2, height=3.0, sharey=True)
    for k, variant in enumerate(v for v in ("plain", "plain-disc") if v in variants):
        points = results.sweep("angle", dataset=dataset, variant=variant)
        name = {"plain": "square", "plain-disc": "disc"}[variant]
        plotting.band(left, points, name, k, limits=plotting.PERCENT)
    for k, metric in enumerate(("accuracy", "accuracy, nearest")):
        points = results.sweep("angle", metric, dataset=dataset, variant="plain")
        if len(points):
            name = ["bilinear", "nearest"][k]
            plotting.band(right, points, name, k, limits=plotting.PERCENT)
    for ax, title in ((left, "corners"), (right, "interpolation")):
        ax.set_title(title, fontsize=10)
        ax.set_xticks(range(0, 361, 90))
        ax.set_xlabel("angle (degrees)")
        ax.legend(fontsize=8)
    left.set_ylabel("accuracy (%)")
    return Figure(
        "controls",
        "Two controls: corners and interpolation",
        f"The plain network on {dataset}. Left: on whole pictures, and trained and tested on "
        "pictures that are black outside a disc, whose corners carry no information. Right: turned "
        "with and without interpolation. Where the curves coincide, neither corners nor "
        "interpolation explain the fall.",
        "Two panels of accuracy against the angle, for both controls.",
        drawing,
    )


def _layers(results: Results) -> Figure:
    datasets = results.labels("dataset")
    drawing, axes = plotting.axes(len(datasets), height=3.0, sharey=True)
    for dataset, ax in zip(datasets, axes, strict=True):
        ax.set_yscale("log")
        for k, variant in enumerate(_variants(results, dataset)):
            points = results.sweep("layer", "equivariance error", dataset=dataset, variant=variant)
            points["mean"] = points["mean"].clip(lower=1e-8)
            plotting.band(ax, points, variant, k, limits=plotting.POSITIVE)
        ax.set_title(dataset, fontsize=10)
        ax.set_xlabel("layer")
        ax.set_xticks(range(1, 6))
    axes[0].set_ylabel("relative error, quarter turn")
    axes[0].legend(fontsize=8)
    return Figure(
        "layers",
        "Equivariance, layer by layer",
        "The distance between a layer's map of a turned picture and its turned map of the upright "
        "one, as a share of the map's norm. Group networks are exact to rounding (below 1e-6) in "
        "every layer for any training pictures. For the others, compare whether training on "
        "turned pictures makes any layer more equivariant.",
        "Curves of the equivariance error against the layer, one for each variant.",
        drawing,
    )


def _training(results: Results) -> Figure:
    datasets = results.labels("dataset")
    drawing, axes = plotting.axes(len(datasets), height=3.0, sharey=False)
    for dataset, ax in zip(datasets, axes, strict=True):
        history = results.history[results.history["dataset"] == dataset]
        for split, dashed in (("train", False), ("validation", True)):
            for k, (name, points) in enumerate(plotting.curves(history, "variant", "loss", split)):
                label = "" if dashed else name
                plotting.band(ax, points, label, k, dashed, limits=plotting.POSITIVE)
        ax.set_title(dataset, fontsize=10)
        ax.set_xlabel("epoch")
    axes[0].set_ylabel("cross-entropy")
    axes[0].legend(fontsize=8)
    return Figure(
        "training",
        "Training",
        "Cross-entropy while training (solid) and on validation pictures of the same kind "
        "(dashed), mean and 95 % interval over seeds.",
        "Curves of training and validation loss against the epoch, one for each variant.",
        drawing,
    )
