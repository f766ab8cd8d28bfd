"""Tables and figures of the rotation study."""

import numpy as np
import pandas as pd
import torch

from inductive.claims.verdicts import published
from inductive.data import registry, upright_twin
from inductive.nn.rotation import disc, rotate
from inductive.report import plotting
from inductive.report.elements import Figure, Table
from inductive.report.results import Results, plus_minus
from inductive.studies.rotation_task import on_the_circle

LAST = {"split": "test", "selection": "last"}


def _variants(results: Results, dataset: str) -> list[str]:
    return [str(r.labels["variant"]) for r in results.runs if r.labels["dataset"] == dataset]


def tables(results: Results) -> list[Table]:
    """Every variant on every dataset, and the published figures where there are any."""
    found = [_summary(results)]
    beside = _published(results)
    return [*found, beside] if beside.rows else found


def _summary(results: Results) -> Table:
    rows, data = [], []
    columns = {
        "upright": "accuracy, upright",
        "mean over angles": "mean over angles",
        "least over angles": "least over angles",
        "consistency": "mean consistency",
        "each turned once": "accuracy, rotated once",
    }
    for run in results.runs:
        key = {**LAST, "dataset": run.labels["dataset"], "variant": run.labels["variant"]}
        found = {k: results.estimate(metric, scale=100, **key) for k, metric in columns.items()}
        size = results.select(metric="parameters", dataset=key["dataset"], variant=key["variant"])
        parameters = int(size["value"].iloc[0])
        cells = [plus_minus(e) for e in found.values()]
        rows.append([f"{key['dataset']} {key['variant']}", *cells, f"{parameters:,}"])
        for name, e in found.items():
            if e:
                data.append((key["dataset"], key["variant"], name, e.mean, e.low, e.high, e.n))
    angles = results.runs[0].evaluation["angles"]
    weights = on_the_circle(angles).tolist()
    share = 100 * sum(w for w, angle in zip(weights, angles, strict=True) if angle % 360 == 0)
    return Table(
        "summary",
        "Upright and at every angle",
        "Test accuracy in %, mean ± 95 % confidence interval over seeds, last epoch. Consistency: "
        "the share of pictures that get the class they get upright, right or wrong, over all "
        f"angles, of which 0° itself is {share:.0f} %. Each turned once: every test picture turned "
        "by one random angle.",
        ["variant", *columns, "parameters"],
        rows,
        pd.DataFrame(data, columns=["dataset", "variant", "metric", "mean", "low", "high", "n"]),
    )


def _published(results: Results) -> Table:
    theirs, rows, data = published()["rotation"]["figures"], [], []
    drawn = {r.labels["dataset"] for r in results.runs if r.data.kind == "generated"}
    for line in theirs:
        if line["dataset"] in drawn:  # drawn objects only stand in for photographs
            continue
        metric = "accuracy, rotated once" if line["turned"] else "accuracy, upright"
        key = {**LAST, "dataset": line["dataset"], "variant": line["variant"]}
        e = results.estimate(metric, scale=100, **key)
        if e is None:
            continue
        mean = 100 - e.mean if line["error"] else e.mean
        what = f"{line['what']}, {'error' if line['error'] else 'accuracy'}"
        here = f"{mean:.2f} ± {e.half_width:.2f}"
        rows.append([what, line["variant"], here, f"{line['published']:.2f}", line["source"]])
        data.append((what, line["variant"], mean, e.half_width, e.n, line["published"]))
    return Table(
        "published",
        "Beside published figures",
        "In %; here ± is the 95 % confidence interval over seeds, last epoch. Cohen and Welling's "
        "are of deeper networks (seven layers on MNIST, nine on CIFAR-10); here it is the "
        "course's small one.",
        ["test", "variant", "here", "published", "source"],
        rows,
        pd.DataFrame(data, columns=["test", "variant", "mean", "half_width", "n", "published"]),
    )


def figures(results: Results) -> list[Figure]:
    """What is shown, accuracy by angle, the two controls, equivariance by layer, training."""
    return [
        _pictures(results),
        _angles(results),
        _controls(results),
        _layers(results),
        _training(results),
    ]


def _pictures(results: Results) -> Figure:
    angles = [0, 30, 90, 180, 270]
    datasets = {str(r.labels["dataset"]): r.data for r in results.runs}
    examples = {name: registry.load(spec).pixels[:2] for name, spec in datasets.items()}
    if "cifar10" in datasets and datasets["cifar10"].kind != "generated":
        rng, settings = np.random.default_rng(0), {"size": 32, "tilt": 12, "noise": 0.05}
        drawn = [upright_twin.draw(rng, name, settings) for name in ("mushroom", "goblet")]
        examples["twin"] = np.stack(drawn)
    drawing, axes = plotting.axes(8, len(examples), height=1.25 * len(examples) + 0.2)
    for row, (name, pictures) in enumerate(examples.items()):
        pixels = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
        shown = [(rotate(pixels[:1], torch.tensor([float(a)])), f"{a}°") for a in angles]
        shown.append((rotate(pixels[:1], torch.tensor([30.0]), "nearest"), "30°, nearest"))
        shown.append((shown[1][0] * disc(pixels.shape[-1]), "30°, disc"))
        shown.append((pixels[1:2], "another"))
        for k, (picture, title) in enumerate(shown):
            ax = axes[8 * row + k]
            plotting.picture(ax, picture[0].permute(1, 2, 0).numpy(), title if row == 0 else "")
            if k == 0:
                ax.set_ylabel(name, fontsize=8)
    return Figure(
        "pictures",
        "What the networks are shown",
        "A picture turned by several angles; the same without interpolation, and with a disc "
        "around it: the black corners of a turned picture could betray that it was turned.",
        "For each dataset a picture at five angles and three controls.",
        drawing,
    )


def _angles(results: Results) -> Figure:
    datasets = results.labels("dataset")
    drawing, axes = plotting.axes(1, len(datasets), height=3.6 * len(datasets), sharex=True)
    for dataset, ax in zip(datasets, axes, strict=True):
        for k, variant in enumerate(_variants(results, dataset)):
            points = results.sweep("angle", dataset=dataset, variant=variant)
            plotting.band(ax, points, variant, k, limits=plotting.PERCENT)
        spec = next(r.data for r in results.runs if r.labels["dataset"] == dataset)
        facts = registry.facts(spec)
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
        "Mean and 95 % interval over seeds, last epoch. See how fast the plain network falls off, "
        "that a group network repeats itself every 90° and what it does "
        "between, and at which height augmentation evens the curve out. Where a dotted line is "
        "drawn, classes are each other's half turn, and no network that ignores rotation can pass "
        "it: invariance is not always what one wants.",
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
        "Is it the rotation, or what comes with it?",
        f"The plain network on {dataset}. Left: on whole pictures, and trained and tested on "
        "pictures with a black surround, whose corners say nothing. Right: turned with and "
        "without interpolation. If the curves lie on each other, neither corners nor blur explain "
        "the fall.",
        "Two panels of accuracy against the angle, for both controls.",
        drawing,
    )


def _layers(results: Results) -> Figure:
    datasets = results.labels("dataset")
    drawing, axes = plotting.axes(len(datasets), height=3.0, sharey=True)
    for dataset, ax in zip(datasets, axes, strict=True):
        ax.set_yscale("log")
        for k, variant in enumerate(_variants(results, dataset)):
            points = results.sweep(
                "layer", "equivariance error", scale=1, dataset=dataset, variant=variant
            )
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
        "How far a layer's map of a turned picture is from the turned map, as a share of its "
        "size. Group networks are exact to rounding (below 1e-6) in every layer, whatever they "
        "were trained on. For the others, see whether training on turned pictures makes any layer "
        "more equivariant.",
        "Curves of the equivariance error against the layer, one for each variant.",
        drawing,
    )


def _training(results: Results) -> Figure:
    datasets = results.labels("dataset")
    drawing, axes = plotting.axes(len(datasets), height=3.0, sharey=False)
    for dataset, ax in zip(datasets, axes, strict=True):
        chosen = results.history[results.history["dataset"] == dataset]
        for split, dashed in (("train", False), ("validation", True)):
            for k, (name, points) in enumerate(plotting.curves(chosen, "variant", "loss", split)):
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
