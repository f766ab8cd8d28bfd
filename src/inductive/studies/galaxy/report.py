"""Tables and figures of the galaxy study."""

from typing import Any

import numpy as np
import pandas as pd

from inductive.analysis.results import Results, plus_minus
from inductive.data.generated import galaxies
from inductive.data.images import GALAXY10, Images
from inductive.report import figures as plotting
from inductive.report.elements import Figure, Table

LIMITS = {"loss": plotting.POSITIVE, "accuracy": plotting.PERCENT}
AXES = {"loss": "cross-entropy", "accuracy": "accuracy (%)"}


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
                e = results.estimate(metric, split=split, selection=selection, **key)
                row.append(plus_minus(e))
                if e:
                    data.append(
                        (protocol, variant, selection, split, metric, e.mean, e.low, e.high, e.n)
                    )
        epoch = results.estimate("epoch", selection="best", **key)
        rows.append([*row, plus_minus(epoch)])
    columns = ["protocol", "variant", "selection", "split", "metric", "mean", "low", "high", "n"]
    shown = ["validation", "test", "balanced"]
    return Table(
        "summary",
        "Two checkpoints of every variant",
        "Accuracy in %, mean ± 95 % confidence interval over seeds, of the epoch with the least "
        "validation loss (best) and of the last epoch. Balanced: mean recall of the classes. The "
        "course protocol has one split for all seeds; the clean one a stratified split per seed. "
        "The published run reports a validation accuracy of 74 to 76; its test figures are of "
        "the last weights, although the best were intended: the program kept a reference to "
        "weights that training continued to change.",
        ["variant", *(f"best: {c}" for c in shown), *(f"last: {c}" for c in shown), "best epoch"],
        rows,
        pd.DataFrame(data, columns=columns),
    )


def _confusion_rows(results: Results, variant: str) -> pd.DataFrame:
    """Test images of a clean variant's best epoch, one row per seed, true and predicted class."""
    key = {"protocol": "clean", "variant": variant, "selection": "best", "split": "test"}
    return results.select("confusion", true="any", predicted="any", **key)


def _recall(results: Results) -> Table:
    run = next(r for r in results.runs if r.labels["protocol"] == "clean")
    first = _confusion_rows(results, str(run.labels["variant"]))
    first = first[first["seed"] == run.seeds[0]]
    # The splits are stratified: every seed has the same number of test images of a class.
    counts = first.groupby("true")["value"].sum()
    rows, data = [], []
    clean = [v for p, v in _variants(results) if p == "clean"]
    for c, name in enumerate(results.facts(run)["classes"]):
        count = int(counts.loc[c])
        row = [name, f"{count:,}"]
        for variant in clean:
            key: dict[str, Any] = {"protocol": "clean", "variant": variant, "selection": "best"}
            e = results.estimate("recall", split="test", true=c, **key)
            row.append(plus_minus(e))
            if e:
                data.append((name, count, variant, e.mean, e.low, e.high, e.n))
        rows.append(row)
    return Table(
        "recall",
        "Recall per class",
        "Share in % of a class's test images that are classified correctly; mean ± 95 % "
        "confidence interval over seeds, clean protocol, best epoch. Rare classes hardly count "
        "in the accuracy, and their few test images make their intervals wide.",
        ["class", "test images", *clean],
        rows,
        pd.DataFrame(data, columns=["class", "test_images", "variant", "mean", "low", "high", "n"]),
    )


def figures(results: Results) -> list[Figure]:
    """Samples, generated images, learning curves and published ones, remedies, confusion."""
    return [_samples(results), _course(results), _remedies(results), _confusion(results)]


def _three_per_class(images: Images) -> list[np.ndarray]:
    return [images.pixels[images.labels == c][:3] for c in range(images.num_classes)]


def _samples(results: Results) -> Figure:
    run = results.runs[0]
    images = results.load_data(run)
    groups = list(zip(images.classes, _three_per_class(images), strict=True))
    is_generated = run.data.kind == "generated"
    if not is_generated:
        rng = np.random.default_rng(0)
        settings = {"size": 69, "aligned": False, "seeing": 2.2, "noise": 0.02}
        groups += [
            (f"generated: {name}", np.stack([galaxies.draw(rng, c, settings) for _ in range(3)]))
            for c, name in enumerate(GALAXY10)
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
    origin = "generated by a physical model" if is_generated else "above; below, generated ones"
    return Figure(
        "samples",
        "Three of each class",
        f"The input pictures of the networks ({origin}).",
        "Three galaxies of each class.",
        drawing,
    )


def _scaled(results: Results, points: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Training curves in the unit in which the metric is shown."""
    points[["mean", "low", "high"]] *= results.metrics[metric].scale
    return points


def _course(results: Results) -> Figure:
    drawing, panels = plotting.axes(2, height=3.2)
    course = results.history[results.history["protocol"] == "course"]
    for metric, ax in zip(LIMITS, panels, strict=True):
        for j, split in enumerate(("train", "validation")):
            for _, points in plotting.curves(course, "protocol", metric, split):
                points = _scaled(results, points, metric)
                before = results.estimate(
                    metric, protocol="course", split=split, selection="untrained"
                )
                if before:
                    start = pd.DataFrame(
                        [(0, before.mean, before.low, before.high)], columns=points.columns
                    )
                    points = pd.concat([start, points])
                plotting.band(ax, points, split, j, limits=LIMITS[metric])
        series = np.array(results.published[f"validation_{metric}"])
        series = series * results.metrics[metric].scale
        ax.plot(range(len(series)), series, ":", color=plotting.INK, label="validation, published")
        ax.set_xlabel("epoch")
        ax.set_ylabel(AXES[metric])
    panels[0].legend(fontsize=8)
    return Figure(
        "course",
        "Training and validation",
        "Course protocol, mean and 95 % interval over seeds; epoch 0 is before training. The "
        "published curve is one run on the real Galaxy10: its shape can be compared with any "
        "data, its values only with those on the real data.",
        "Loss and accuracy on training and validation images against the epoch.",
        drawing,
    )


def _remedies(results: Results) -> Figure:
    drawing, panels = plotting.axes(2, height=3.4)
    clean = results.history[results.history["protocol"] == "clean"]
    for metric, ax in zip(LIMITS, panels, strict=True):
        for k, (name, points) in enumerate(plotting.curves(clean, "variant", metric, "validation")):
            points = _scaled(results, points, metric)
            plotting.band(ax, points, name, k, limits=LIMITS[metric])
        ax.set_xlabel("epoch")
        ax.set_ylabel(f"validation {AXES[metric]}")
    panels[0].legend(fontsize=8)
    return Figure(
        "remedies",
        "Remedies against overfitting",
        "Clean protocol, mean and 95 % interval over seeds. Where the loss rises while the "
        "accuracy stays, the network becomes more certain of its errors; where no loss rises, "
        "there is no overfitting yet.",
        "Validation loss and accuracy against the epoch, one curve per remedy.",
        drawing,
    )


def _confusion(results: Results) -> Figure:
    variant = next(v for p, v in _variants(results) if p == "clean")
    classes = results.facts(results.runs[0])["classes"]
    n = len(classes)
    counts = _confusion_rows(results, variant).groupby(["true", "predicted"])["value"].sum()
    matrix = np.array([[counts.get((t, p), 0.0) for p in range(n)] for t in range(n)])
    share = 100 * matrix / np.maximum(1, matrix.sum(axis=1, keepdims=True))
    drawing, (ax,) = plotting.axes(1, height=1.6 + 0.42 * n)
    names = [f"{name} ({int(total):,})" for name, total in zip(classes, matrix.sum(1), strict=True)]
    plotting.heat_map(ax, share, names, [str(c + 1) for c in range(n)], "")
    ax.set_yticks(range(n), [f"{c + 1} {name}" for c, name in enumerate(names)], fontsize=8)
    ax.set_xlabel("predicted")
    ax.set_ylabel("true (test images, all seeds)")
    return Figure(
        "confusion",
        "Which classes are confused",
        f"Share in % of the images of a true class (row) that are classified as each class "
        f"(column); clean protocol, {variant}, best epoch, test images of all seeds together.",
        "A confusion matrix with the names of the classes.",
        drawing,
    )
