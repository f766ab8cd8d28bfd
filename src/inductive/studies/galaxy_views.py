"""Tables and figures of the galaxy study."""

from typing import Any

import numpy as np
import pandas as pd

from inductive.claims.verdicts import published
from inductive.data import galaxy_twin, registry
from inductive.data.images import Images
from inductive.report import plotting
from inductive.report.elements import Figure, Table
from inductive.report.results import Results, plus_minus
from inductive.studies.galaxy import splits

LIMITS = {"loss": plotting.POSITIVE, "accuracy": plotting.SHARE}


def _variants(results: Results) -> list[tuple[str, str]]:
    return [(str(r.labels["protocol"]), str(r.labels["variant"])) for r in results.runs]


def tables(results: Results) -> list[Table]:
    """Every variant with both selections, and the recall of every class."""
    return [_summary(results), _recall(results)]


def _summary(results: Results) -> Table:
    rows, data = [], []
    for protocol, variant in _variants(results):
        key: dict[str, Any] = {"protocol": protocol, "variant": variant}
        row = [f"{protocol} {variant}"]
        for selection in ("best", "last"):
            for metric, split in (
                ("accuracy", "validation"),
                ("accuracy", "test"),
                ("balanced accuracy", "test"),
            ):
                e = results.estimate(metric, scale=100, split=split, selection=selection, **key)
                row.append(plus_minus(e))
                if e:
                    data.append(
                        (protocol, variant, selection, split, metric, e.mean, e.low, e.high, e.n)
                    )
        epoch = results.estimate("epoch", selection="best", **key)
        rows.append([*row, plus_minus(epoch)])
    columns = ["protocol", "variant", "selection", "split", "metric", "mean", "low", "high", "n"]
    each = ["validation", "test", "balanced"]
    return Table(
        "summary",
        "Two checkpoints of every variant",
        "Accuracy in %, mean ± 95 % confidence interval over seeds, of the epoch with the least "
        "validation loss (best) and of the last epoch. Balanced: mean recall of the classes. The "
        "course protocol has one split for all seeds; the clean one a stratified split for each. "
        "The published run reports a validation accuracy of 74 to 76; its test figures were of "
        "the last weights, though it meant the best: it had kept a reference to weights that went "
        "on training.",
        ["variant", *(f"best: {c}" for c in each), *(f"last: {c}" for c in each), "best epoch"],
        rows,
        pd.DataFrame(data, columns=columns),
    )


def _recall(results: Results) -> Table:
    images = registry.load(results.runs[0].data)
    run = next(r for r in results.runs if r.labels["protocol"] == "clean")
    test = splits(run, images)(run.seeds[0])["test"]  # stratified: as many of a class in every seed
    counts = np.bincount(images.labels[test], minlength=images.num_classes)
    rows, data = [], []
    clean = [v for p, v in _variants(results) if p == "clean"]
    for c, name in enumerate(images.classes):
        row = [name, f"{counts[c]:,}"]
        for variant in clean:
            key: dict[str, Any] = {
                "protocol": "clean",
                "variant": variant,
                "selection": "best",
                "at": str(c),
            }
            e = results.estimate("recall", "class", scale=100, **key)
            row.append(plus_minus(e))
            if e:
                data.append((name, int(counts[c]), variant, e.mean, e.low, e.high, e.n))
        rows.append(row)
    return Table(
        "recall",
        "Recall by class",
        "Of the test images of a class, the share in % that is taken for it; mean ± 95 % "
        "confidence interval over seeds, clean protocol, best epoch. Rare classes are what "
        "accuracy does not see, and their few test images make their intervals wide.",
        ["class", "test images", *clean],
        rows,
        pd.DataFrame(data, columns=["class", "test_images", "variant", "mean", "low", "high", "n"]),
    )


def figures(results: Results) -> list[Figure]:
    """Samples beside the twin's, learning curves beside the published, remedies, confusion."""
    return [_samples(results), _course(results), _remedies(results), _confusion(results)]


def _three_each(images: Images) -> list[np.ndarray]:
    return [images.pixels[images.labels == c][:3] for c in range(images.num_classes)]


def _samples(results: Results) -> Figure:
    spec = results.runs[0].data
    images = registry.load(spec)
    groups = list(zip(images.classes, _three_each(images), strict=True))
    if spec.kind != "generated":
        rng = np.random.default_rng(0)
        settings = {"size": 69, "aligned": False, "seeing": 2.2, "noise": 0.02}
        groups += [
            (f"twin: {name}", np.stack([galaxy_twin.draw(rng, c, settings) for _ in range(3)]))
            for c, name in enumerate(galaxy_twin.GALAXY10)
        ]
    count = (len(groups) + 1) // 2
    drawing, axes = plotting.axes(6, count, height=1.35 * count)
    for ax in axes:
        ax.set_axis_off()
    for g, (name, pixels) in enumerate(groups):
        for k, image in enumerate(pixels):
            ax = axes[3 * g + k]
            plotting.picture(ax, image, name if k == 1 else "")
            ax.set_axis_on()
    shown = "drawn from physics" if spec.kind == "generated" else "above; below, the generated twin"
    return Figure(
        "samples",
        "Three of each class",
        f"The pictures that the networks see ({shown}).",
        "Three galaxies of each class.",
        drawing,
    )


def _course(results: Results) -> Figure:
    theirs = published()["galaxy"]
    drawing, (left, right) = plotting.axes(2, height=3.2)
    chosen = results.history[results.history["protocol"] == "course"]
    for k, (metric, ax) in enumerate((("loss", left), ("accuracy", right))):
        for j, split in enumerate(("train", "validation")):
            for _, points in plotting.curves(chosen, "protocol", metric, split):
                before = results.estimate(
                    metric, protocol="course", split=split, selection="untrained"
                )
                if before:
                    start = pd.DataFrame(
                        [(0, before.mean, before.low, before.high)], columns=points.columns
                    )
                    points = pd.concat([start, points])
                plotting.band(ax, points, split, j, limits=LIMITS[metric])
        series = theirs[f"validation_{metric}"]
        ax.plot(range(len(series)), series, ":", color=plotting.INK, label="validation, published")
        ax.set_xlabel("epoch")
        ax.set_ylabel(["cross-entropy", "accuracy"][k])
    left.legend(fontsize=8)
    return Figure(
        "course",
        "Training and validation",
        "Course protocol, mean and 95 % interval over seeds; epoch 0 is before training. The "
        "published curve is one run on the real Galaxy10: compare its shape, and its height where "
        "the data here are the real ones.",
        "Loss and accuracy on training and validation images against the epoch.",
        drawing,
    )


def _remedies(results: Results) -> Figure:
    drawing, (left, right) = plotting.axes(2, height=3.4)
    chosen = results.history[results.history["protocol"] == "clean"]
    for metric, ax in (("loss", left), ("accuracy", right)):
        for k, (name, points) in enumerate(
            plotting.curves(chosen, "variant", metric, "validation")
        ):
            plotting.band(ax, points, name, k, limits=LIMITS[metric])
        ax.set_xlabel("epoch")
        ax.set_ylabel(f"validation {metric}")
    left.legend(fontsize=8)
    return Figure(
        "remedies",
        "Remedies against memorising",
        "Clean protocol, mean and 95 % interval over seeds. A loss that turns upwards while "
        "accuracy stays is a network that grows surer of its mistakes; where none turns, there is "
        "nothing yet to remedy.",
        "Validation loss and accuracy against the epoch, one curve for each remedy.",
        drawing,
    )


def _confusion(results: Results) -> Figure:
    images = registry.load(results.runs[0].data)
    n, variant = images.num_classes, next(v for p, v in _variants(results) if p == "clean")
    rows = results.select(
        metric="confusion", selection="best", protocol="clean", variant=variant, axis="pair"
    )
    counts = rows.groupby("at")["value"].sum()
    matrix = np.array([[counts.get(f"{t}>{g}", 0.0) for g in range(n)] for t in range(n)])
    share = 100 * matrix / np.maximum(1, matrix.sum(axis=1, keepdims=True))
    drawing, (ax,) = plotting.axes(1, height=1.6 + 0.42 * n)
    names = [
        f"{name} ({int(total):,})"
        for name, total in zip(images.classes, matrix.sum(1), strict=True)
    ]
    plotting.heat_map(ax, share, names, [str(c + 1) for c in range(n)], "")
    ax.set_yticks(range(n), [f"{c + 1} {name}" for c, name in enumerate(names)], fontsize=8)
    ax.set_xlabel("found")
    ax.set_ylabel("true (test images, all seeds)")
    return Figure(
        "confusion",
        "What is taken for what",
        f"Of the images of a class, the share in % that is taken for each class; clean protocol, "
        f"{variant}, best epoch, test images of all seeds together.",
        "A confusion matrix with the names of the classes.",
        drawing,
    )
