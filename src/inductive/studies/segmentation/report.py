"""Tables and figures of the segmentation study."""

from typing import Any

import numpy as np
import pandas as pd

from inductive.analysis.results import Results, plus_minus
from inductive.data.generated import membranes
from inductive.data.segments import Segments
from inductive.report import figures as plotting
from inductive.report.elements import Figure, Table

HELD_OUT: dict[str, Any] = {"split": "validation", "selection": "last"}
METRICS = ("Dice", "IoU", "accuracy", "boundary F1")


def tables(results: Results) -> list[Table]:
    """Every variant at every depth."""
    rows, data = [], []
    cases = {(str(r.labels["variant"]), int(r.labels["depth"])): r for r in results.runs}
    for variant, depth in cases:
        key: dict[str, Any] = {"variant": variant, "depth": depth}
        estimates = {metric: results.estimate(metric, **HELD_OUT, **key) for metric in METRICS}
        parameters = int(results.select("parameters", **key)["value"].iloc[0])
        cells = [plus_minus(e) for e in estimates.values()]
        rows.append([f"{variant}, depth {depth}", *cells, f"{parameters:,}"])
        for metric, e in estimates.items():
            if e:
                data.append((variant, depth, metric, e.mean, e.low, e.high, e.n))
    baselines = [
        results.select(f"{metric}, everything cell", **HELD_OUT)["value"].mean()
        for metric in METRICS
    ]
    rows.append(["everything is cell", *(f"{100 * value:.1f}" for value in baselines), "0"])
    tolerance = min(results.runs[0].evaluation["tolerances"])
    return [
        Table(
            "summary",
            "Held-out images",
            "In %, mean ± 95 % confidence interval over seeds (and folds, where there are "
            "several), last epoch, whole images. Dice and IoU are of the cells, which cover most "
            "of an image: a mask that is cell everywhere already has a high Dice (last row; a "
            "network that is not better has not learnt the task). The F1 of boundaries (within "
            f"{tolerance:g} pixels) does not have this weakness.",
            ["variant", *METRICS, "parameters"],
            rows,
            pd.DataFrame(data, columns=["variant", "depth", "metric", "mean", "low", "high", "n"]),
        )
    ]


def figures(results: Results) -> list[Figure]:
    """Images and masks, predictions with their errors, depth, tolerance, training."""
    always = [_masks(results), _depths(results), _tolerance(results), _training(results)]
    generated = results.runs[0].data.kind == "generated"
    return always if generated else [_generated(results), *always]


def _generated(results: Results) -> Figure:
    data: Segments = results.load_data(results.runs[0])
    settings = {"size": 512, "cell": 58, "membrane": 6, "blur": 0.8, "noise": 0.05}
    image, cells = membranes.draw(np.random.default_rng(0), settings)
    drawing, axes = plotting.axes(4, height=2.2)
    pictures = [(data.images[0], "image"), (data.cells[0] * 255, "mask")]
    pictures += [(image, "generated image"), (cells * 255, "its mask")]
    for ax, (picture, title) in zip(axes, pictures, strict=True):
        plotting.picture(ax, picture[:256, :256], title)
    return Figure(
        "generated",
        "Real and generated",
        "A quarter of an image and its mask, and of a generated one, on which presets without a "
        "download train.",
        "Two images of cells with their masks.",
        drawing,
    )


def _masks(results: Results) -> Figure:
    fold = results.runs[0].labels["fold"]
    runs = {
        r.labels["variant"]: r
        for r in results.runs
        if r.labels["base"] and r.labels["fold"] == fold
    }
    shown = [runs[name] for name in ("skips", "no-skips-matched", "no-skips") if name in runs]
    first = results.runs[0]
    data: Segments = results.load_data(first)
    index = results.note(first, "shown image")
    height, width = results.artefact(first, "mask", first.seeds[0]).shape
    cells = data.cells[index, :height, :width]
    drawing, axes = plotting.axes(2 + len(shown), height=2.0)
    plotting.picture(axes[0], data.images[index, :height, :width], "held-out image")
    plotting.picture(axes[1], cells * 255, "truth")
    for run, ax in zip(shown, axes[2:], strict=True):
        predicted = results.artefact(run, "mask", run.seeds[0])
        plotting.picture(ax, _overlay(predicted, cells > 0), run.labels["variant"])
    return Figure(
        "masks",
        "Masks and their errors",
        "A held-out image, its mask, and the masks predicted by networks of one seed: correct "
        "pixels in white (cell) and black (membrane), missed membrane in orange, false membrane in "
        "blue.",
        "An image, its true mask and the masks of the networks with errors marked.",
        drawing,
    )


def _overlay(predicted: np.ndarray, true: np.ndarray) -> np.ndarray:
    """(h, w, 3) uint8: agreement in black and white, the two kinds of error in colours."""
    picture = np.zeros((*true.shape, 3), dtype=np.uint8)
    picture[predicted & true] = 255
    picture[predicted & ~true] = (213, 94, 0)
    picture[~predicted & true] = (0, 114, 178)
    return picture


def _depths(results: Results) -> Figure:
    depths = sorted({int(r.labels["depth"]) for r in results.runs})
    several, variants = len(depths) > 1, _swept(results)
    drawing, axes = plotting.axes(2, height=3.0)
    for ax, metric in zip(axes, ("Dice", "boundary F1"), strict=True):
        for k, variant in enumerate(variants):
            points = []
            for depth in depths:
                e = results.estimate(metric, variant=variant, depth=depth, **HELD_OUT)
                if e:
                    # With one depth there is no curve: the variants are drawn side by side.
                    points.append((depth if several else k, e.mean, e.low, e.high))
            frame = pd.DataFrame(points, columns=["at", "mean", "low", "high"])
            plotting.band(ax, frame, variant, k, limits=plotting.PERCENT)
        ax.set_title(metric, fontsize=10)
        if several:
            ax.set_xticks(depths)
            ax.set_xlabel("depth (halvings)")
        else:
            ax.set_xticks(range(len(variants)), variants, fontsize=8)
            ax.set_xlim(-0.5, len(variants) - 0.5)
            ax.set_xlabel(f"depth {depths[0]} (halvings)")
    axes[0].set_ylabel("%")
    if several:
        axes[0].legend(fontsize=8)
    return Figure(
        "depths",
        "The effect of skip connections by depth" if several else "With and without skips",
        "Held-out images, mean and 95 % interval over seeds. Every halving loses exact positions; "
        "skip connections pass them on."
        + (" Without them a deeper network has more positions to recover." if several else ""),
        f"Dice and boundary F1 {'against the depth, ' if several else ''}by variant.",
        drawing,
    )


def _swept(results: Results) -> list[str]:
    """Variants that were run at more than one depth; all where none was."""
    names = list(dict.fromkeys(str(r.labels["variant"]) for r in results.runs))
    depths = {(str(r.labels["variant"]), r.labels["depth"]) for r in results.runs}
    swept = [name for name in names if sum(variant == name for variant, _ in depths) > 1]
    return swept or names


def _tolerance(results: Results) -> Figure:
    drawing, (ax,) = plotting.axes(1, height=3.0)
    names = list(dict.fromkeys(str(r.labels["variant"]) for r in results.runs if r.labels["base"]))
    for k, variant in enumerate(names):
        points = results.sweep("tolerance", "boundary F1", variant=variant, base=True, **HELD_OUT)
        plotting.band(ax, points, variant, k, limits=plotting.PERCENT)
    ax.set_xlabel("pixels by which a boundary may be off")
    ax.set_ylabel("boundary F1 (%)")
    ax.set_ylim(0, 100)
    ax.legend(fontsize=8)
    return Figure(
        "tolerance",
        "How exact are the boundaries?",
        "F1 of boundary pixels on held-out images against the distance within which they count as "
        "correct, mean and 95 % interval over seeds. The curve of a network whose boundaries are "
        "right but inexact rises to the right.",
        "Curves of boundary F1 against the tolerance, one for each variant.",
        drawing,
    )


def _training(results: Results) -> Figure:
    drawing, (left, right) = plotting.axes(2, height=3.0)
    history = results.history[results.history["base"]]
    for metric, ax in (("loss", left), ("accuracy", right)):
        limits = plotting.SHARE if metric == "accuracy" else plotting.POSITIVE
        for k, (name, points) in enumerate(
            plotting.curves(history, "variant", metric, "validation")
        ):
            plotting.band(ax, points, name, k, limits=limits)
        ax.set_xlabel("epoch")
        ax.set_ylabel(f"held-out {metric}")
    left.legend(fontsize=8)
    return Figure(
        "training",
        "Training",
        "Loss and pixel accuracy on whole held-out images after every epoch, mean and 95 % "
        "interval over seeds. They do not choose an epoch.",
        "Curves of held-out loss and accuracy against the epoch, one for each variant.",
        drawing,
    )
