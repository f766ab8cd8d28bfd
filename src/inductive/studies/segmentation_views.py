"""Tables and figures of the segmentation study."""

from typing import Any

import numpy as np
import pandas as pd
import torch

from inductive.data import cell_twin
from inductive.report import plotting
from inductive.report.elements import Figure, Table
from inductive.report.results import Results, plus_minus
from inductive.studies.segmentation_task import SegmentationTask

HELD: dict[str, Any] = {"split": "validation", "selection": "last"}
METRICS = ("Dice", "IoU", "accuracy", "boundary F1")


def tables(results: Results) -> list[Table]:
    """Every variant at every depth."""
    rows, data = [], []
    cases = {(str(r.labels["variant"]), int(r.labels["depth"])): r for r in results.runs}
    for variant, depth in cases:
        key: dict[str, Any] = {**HELD, "variant": variant, "depth": depth}
        found = {metric: results.estimate(metric, scale=100, **key) for metric in METRICS}
        size = results.select(metric="parameters", variant=variant, depth=depth)["value"]
        cells = [plus_minus(e) for e in found.values()]
        rows.append([f"{variant}, depth {depth}", *cells, f"{int(size.iloc[0]):,}"])
        for metric, e in found.items():
            if e:
                data.append((variant, depth, metric, e.mean, e.low, e.high, e.n))
    nothing = [
        results.select(metric=f"{metric}, everything cell", **HELD)["value"].mean()
        for metric in METRICS
    ]
    rows.append(["everything is cell", *(f"{100 * value:.1f}" for value in nothing), "0"])
    return [
        Table(
            "summary",
            "Held-out images",
            "In %, mean ± 95 % confidence interval over seeds (and folds, where there are "
            "several), last epoch, whole images. Dice and IoU are of the cells, which cover most "
            "of an image: calling everything cell already has a high Dice (last row; a network "
            "that is no better has learnt nothing yet), so look at the "
            f"boundaries (found within {min(results.runs[0].evaluation['tolerances']):g} pixels) "
            "too.",
            ["variant", *METRICS, "parameters"],
            rows,
            pd.DataFrame(data, columns=["variant", "depth", "metric", "mean", "low", "high", "n"]),
        )
    ]


def figures(results: Results) -> list[Figure]:
    """Images and masks, predictions with their errors, depth, tolerance, training."""
    found = [_masks(results), _depths(results), _tolerance(results), _training(results)]
    if results.runs[0].data.kind != "generated":
        found.insert(0, _twin(results))
    return found


def _twin(results: Results) -> Figure:
    _, data, _ = results.network(results.runs[0])
    settings = {"size": 512, "cell": 58, "membrane": 6, "blur": 0.8, "noise": 0.05}
    image, cells = cell_twin.draw(np.random.default_rng(0), settings)
    drawing, axes = plotting.axes(4, height=2.2)
    pairs = [(data.images[0], "image"), (data.cells[0] * 255, "mask")]
    pairs += [(image, "generated twin"), (cells * 255, "its mask")]
    for ax, (picture, title) in zip(axes, pairs, strict=True):
        plotting.picture(ax, picture[:256, :256], title)
    return Figure(
        "twin",
        "Real and generated",
        "A quarter of an image and its mask, and of one from the generated twin.",
        "Two images of cells with their masks.",
        drawing,
    )


def _masks(results: Results) -> Figure:
    shown = [
        r
        for r in results.runs
        if r.labels["base"] and r.labels["fold"] == results.runs[0].labels["fold"]
    ]
    names = [n for n in ("skips", "no-skips-matched", "no-skips") if n in results.labels("variant")]
    drawing, axes = plotting.axes(2 + len(names), height=2.0)
    for k, name in enumerate(names):
        run = next(r for r in shown if r.labels["variant"] == name)
        member, data, device = results.network(run)
        judge = SegmentationTask(run.training, data, device)
        first = int(judge.parts["validation"][0])
        judge.parts["validation"] = judge.parts["validation"][:1]
        with torch.no_grad():
            found = judge.predict_whole(member, "validation")[0, 0]
        truth = judge.truth("validation")[0]
        side = slice(0, min(256, len(truth)))
        if k == 0:
            plotting.picture(axes[0], data.images[first][side, side], "held-out image")
            plotting.picture(axes[1], data.cells[first][side, side] * 255, "truth")
        plotting.picture(axes[2 + k], _overlay(found, truth)[side, side], name)
    return Figure(
        "masks",
        "Masks and their mistakes",
        "A held-out image, its mask, and what networks of one seed make of it: right in white "
        "(cell) and black (membrane), missed membrane in orange, membrane where there is none in "
        "blue.",
        "An image, its true mask and the masks of the networks with errors marked.",
        drawing,
    )


def _overlay(found: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """(h, w, 3) uint8: agreement in black and white, the two kinds of error in colours."""
    picture = np.zeros((*truth.shape, 3), dtype=np.uint8)
    picture[found & truth] = 255
    picture[found & ~truth] = (213, 94, 0)
    picture[~found & truth] = (0, 114, 178)
    return picture


def _depths(results: Results) -> Figure:
    depths = sorted({int(r.labels["depth"]) for r in results.runs})
    many, variants = len(depths) > 1, _swept(results)
    drawing, axes = plotting.axes(2, height=3.0)
    for ax, metric in zip(axes, ("Dice", "boundary F1"), strict=True):
        for k, variant in enumerate(variants):
            points = []
            for depth in depths:
                e = results.estimate(metric, scale=100, variant=variant, depth=depth, **HELD)
                if e:
                    # Of one depth there is no curve: its variants stand beside each other.
                    points.append((depth if many else k, e.mean, e.low, e.high))
            frame = pd.DataFrame(points, columns=["at", "mean", "low", "high"])
            plotting.band(ax, frame, variant, k, limits=plotting.PERCENT)
        ax.set_title(metric, fontsize=10)
        if many:
            ax.set_xticks(depths)
            ax.set_xlabel("depth (halvings)")
        else:
            ax.set_xticks(range(len(variants)), variants, fontsize=8)
            ax.set_xlim(-0.5, len(variants) - 0.5)
            ax.set_xlabel(f"depth {depths[0]} (halvings)")
    axes[0].set_ylabel("%")
    if many:
        axes[0].legend(fontsize=8)
    return Figure(
        "depths",
        "Is there more to carry in a deeper network?" if many else "With and without skips",
        "Held-out images, mean and 95 % interval over seeds. Every halving throws away where "
        "things are, to the pixel; skips hand it over."
        + (" Without them a deeper network has more to make up for." if many else ""),
        f"Dice and boundary F1 {'against the depth, ' if many else ''}by variant.",
        drawing,
    )


def _swept(results: Results) -> list[str]:
    """Variants that were run at more than one depth; all where none was."""
    names = [str(r.labels["variant"]) for r in results.runs]
    depths = {
        n: {r.labels["depth"] for r in results.runs if r.labels["variant"] == n} for n in names
    }
    many = [n for n in depths if len(depths[n]) > 1]
    return many or list(depths)


def _tolerance(results: Results) -> Figure:
    drawing, (ax,) = plotting.axes(1, height=3.0)
    names = list(dict.fromkeys(str(r.labels["variant"]) for r in results.runs if r.labels["base"]))
    for k, variant in enumerate(names):
        points = results.sweep("tolerance", "boundary F1", variant=variant, base=True, **HELD)
        plotting.band(ax, points, variant, k, limits=plotting.PERCENT)
    ax.set_xlabel("pixels by which a boundary may be off")
    ax.set_ylabel("boundary F1 (%)")
    ax.set_ylim(0, 100)
    ax.legend(fontsize=8)
    return Figure(
        "tolerance",
        "How exact are the boundaries?",
        "F1 of boundary pixels on held-out images against the distance at which they still count "
        "as found, mean and 95 % interval over seeds. A network that is rough but not wrong "
        "catches up to the right.",
        "Curves of boundary F1 against the tolerance, one for each variant.",
        drawing,
    )


def _training(results: Results) -> Figure:
    drawing, (left, right) = plotting.axes(2, height=3.0)
    chosen = results.history[results.history["base"]]
    for metric, ax in (("loss", left), ("accuracy", right)):
        for k, (name, points) in enumerate(
            plotting.curves(chosen, "variant", metric, "validation")
        ):
            limits = plotting.SHARE if metric == "accuracy" else plotting.POSITIVE
            plotting.band(ax, points, name, k, limits=limits)
        ax.set_xlabel("epoch")
        ax.set_ylabel(f"held-out {metric}")
    left.legend(fontsize=8)
    return Figure(
        "training",
        "Training",
        "Loss and pixel accuracy on whole held-out images after every epoch, mean and 95 % "
        "interval over seeds. Nothing is chosen by them.",
        "Curves of held-out loss and accuracy against the epoch, one for each variant.",
        drawing,
    )
