"""Tables and figures of the contrastive study."""

import numpy as np
import pandas as pd
import torch

from inductive.data import registry
from inductive.nn.views import NUMBERS, random_views
from inductive.report import plotting
from inductive.report.elements import Figure, Table
from inductive.report.results import Results, plus_minus
from inductive.run import Run
from inductive.studies import contrastive
from inductive.studies.contrastive_probe import embed
from inductive.studies.contrastive_task import ContrastiveTask
from inductive.training.members import Members


def _base(results: Results) -> Run:
    return next(run for run in results.runs if run.labels["base"])


def tables(results: Results) -> list[Table]:
    """Every variant: what f and g know, and the shape of the embedding."""
    rows, data = [], []
    columns = [
        ("probe on f (%)", "linear probe", "f", 100.0, 1),
        ("probe on g (%)", "linear probe", "g", 100.0, 1),
        ("neighbours on f (%)", "neighbours", "f", 100.0, 1),
        ("neighbours on g (%)", "neighbours", "g", 100.0, 1),
        ("cosine of positives", "cosine of positives", "g", 1.0, 2),
        ("cosine of negatives", "cosine of negatives", "g", 1.0, 2),
        ("alignment", "alignment", "g", 1.0, 2),
        ("uniformity", "uniformity", "g", 1.0, 2),
        ("rank of f", "effective rank", "f", 1.0, 1),
        ("rank of g", "effective rank", "g", 1.0, 1),
    ]
    cases = [(run.labels["variant"], "last") for run in results.runs]
    cases.append((_base(results).labels["variant"], "untrained"))
    for variant, selection in cases:
        row = [f"{variant}" if selection == "last" else "untrained"]
        for name, metric, split, scale, digits in columns:
            e = results.estimate(
                metric, scale=scale, variant=variant, split=split, selection=selection
            )
            row.append(plus_minus(e, digits))
            if e:
                data.append((row[0], name, e.mean, e.low, e.high, e.n))
        rows.append(row)
    return [
        Table(
            "summary",
            "What f and g know, and how they spread",
            "Mean ± 95 % confidence interval over seeds, last epoch, test images. Probe: a "
            "logistic regression on the frozen representation, with the most labels of the grid; "
            "neighbours: a vote among the nearest, with all labels. Between views, on g: mean "
            "cosines; alignment, the mean squared distance of positives; uniformity, the "
            "logarithm of the mean of exp(-2 distance²) over negatives (both of Wang and Isola "
            "2020, lower is better). Rank: the effective number of directions; 1 is a collapse.",
            ["variant", *(c[0] for c in columns)],
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
    images = registry.load(_base(results).data)
    pixels = torch.from_numpy(images.pixels[:3]).permute(0, 3, 1, 2).float() / 255
    chance = torch.from_numpy(np.random.default_rng(0).random((5, 3, NUMBERS))).float()
    drawing, axes = plotting.axes(6, 3, height=3.9)
    for k in range(3):
        plotting.picture(axes[6 * k], images.pixels[k], "picture" if k == 0 else "")
        for j in range(5):
            view = random_views(pixels, chance[j], rotation=True)[k]
            title = f"view {j + 1}" if k == 0 else ""
            plotting.picture(axes[6 * k + j + 1], view.permute(1, 2, 0).numpy(), title)
    return Figure(
        "views",
        "Views of a picture",
        "Cropped, mirrored, turned, recoloured, sometimes blurred. Two views of one picture are "
        "what the network is told to recognise; whatever the views change, it learns to ignore.",
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
            "labels", "linear probe", variant=variant, split=split, selection=selection
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
        "labels, mean and 95 % interval over seeds. The supervised network has seen all labels of "
        "the training images while it was trained; the contrastive ones have seen none.",
        "Curves of probe accuracy against the number of labels.",
        drawing,
    )


def _temperature(results: Results) -> Figure:
    size, rotation = (_base(results).labels[k] for k in ("batch_size", "rotation"))
    grid = {"objective": "InfoNCE", "batch_size": size, "rotation": rotation, "selection": "last"}
    temperatures = sorted({r.labels["temperature"] for r in results.runs if _on(r, grid)})
    drawing, axes = plotting.axes(3, height=3.0)
    panels = [
        (
            axes[0],
            "cosine on g",
            [("cosine of positives", "g"), ("cosine of negatives", "g")],
            (-1, 1),
        ),
        (
            axes[1],
            "effective rank",
            [("effective rank", "f"), ("effective rank", "g")],
            (1, np.inf),
        ),
        (
            axes[2],
            "probe accuracy (%)",
            [("linear probe", "f"), ("linear probe", "g")],
            plotting.PERCENT,
        ),
    ]
    for ax, title, lines, limits in panels:
        scale = 100.0 if limits == plotting.PERCENT else 1.0
        for k, (metric, split) in enumerate(lines):
            points = []
            for temperature in temperatures:
                e = results.estimate(
                    metric, scale=scale, split=split, temperature=temperature, **grid
                )
                if e:
                    points.append((temperature, e.mean, e.low, e.high))
            frame = pd.DataFrame(points, columns=["at", "mean", "low", "high"])
            label = metric.removeprefix("cosine of ") if "cosine" in metric else split
            plotting.band(ax, frame, label, k, limits=limits)
        ax.set_xscale("log")
        ax.set_xlabel("temperature")
        ax.set_title(title, fontsize=10)
        ax.legend(fontsize=8)
    return Figure(
        "temperature",
        "What the temperature does",
        "Mean and 95 % interval over seeds. The temperature decides which negatives count: a low "
        "one weighs the nearest only, a high one all alike. The curves show what that does to how "
        "far pictures spread, and to what a probe can read.",
        "Cosines, ranks and probe accuracies against the temperature.",
        drawing,
    )


def _on(run: Run, grid: dict[str, object]) -> bool:
    return all(run.labels[k] == v for k, v in grid.items() if k in run.labels)


def _embedding(results: Results) -> Figure:
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE

    run = _base(results)
    member, images, device = results.network(run)
    judge = ContrastiveTask(run.training, images, contrastive.splits(run, images), device)
    seed = member.seeds[0]
    labels = judge.labels[judge.numbers(seed, "test")].numpy()[:600]
    untrained = Members.initialise(judge.build, [seed], device)
    drawing, axes = plotting.axes(3, height=3.0)
    with torch.no_grad():
        before = embed(judge, untrained, 0, "test", "f")[:600]
        after = embed(judge, member, 0, "test", "f")[:600]
    perplexity = max(1, min(30, len(labels) // 4))
    near = TSNE(perplexity=perplexity, init="pca", random_state=0).fit_transform(after)
    panels = [
        ("untrained, PCA", PCA(2).fit_transform(before)),
        ("trained, PCA", PCA(2).fit_transform(after)),
        ("trained, t-SNE", near),
    ]
    for ax, (title, places) in zip(axes, panels, strict=True):
        for c in np.unique(labels):
            chosen = places[labels == c]
            colour = plotting.COLOURS[c % len(plotting.COLOURS)]
            marker = plotting.MARKERS[c // len(plotting.COLOURS) % len(plotting.MARKERS)]
            name = images.classes[c] if ax is axes[0] else None
            ax.scatter(chosen[:, 0], chosen[:, 1], s=8, color=colour, marker=marker, label=name)
        ax.set_title(title, fontsize=10)
        ax.set_xticks([])
        ax.set_yticks([])
    drawing.legend(loc="outside lower center", fontsize=7, ncols=3)
    return Figure(
        "embedding",
        "Where f puts test images",
        "Coloured by class, which the network was never told; one seed. PCA is linear and keeps "
        "large distances, t-SNE keeps neighbours and nothing else.",
        "Three scatter plots of the embedding of test images.",
        drawing,
    )


def _training(results: Results) -> Figure:
    drawing, (ax,) = plotting.axes(1, height=3.2)
    chosen = results.history[results.history["objective"] == "InfoNCE"]
    for k, (name, points) in enumerate(
        plotting.curves(chosen, "variant", "accuracy", "validation")
    ):
        points[["mean", "low", "high"]] *= 100
        plotting.band(ax, points, name, k, limits=plotting.PERCENT)
    ax.set_xlabel("epoch")
    ax.set_ylabel("views that find their partner (%)")
    ax.legend(fontsize=8)
    return Figure(
        "training",
        "Training",
        "How often a view's nearest among all others of its batch is the other view of its "
        "picture, on validation images; mean and 95 % interval over seeds. A smaller batch has "
        "fewer others.",
        "Curves of the share of views that find their partner, against the epoch.",
        drawing,
    )
