"""Figures of the translation study."""

import numpy as np

from inductive.analysis.results import Results
from inductive.data.generated.boxes import Boxes
from inductive.report import figures as plotting
from inductive.report.elements import Figure
from inductive.studies.translation.tables import TEST, published_cell, runs_of


def figures(results: Results) -> list[Figure]:
    """Samples, heat maps, sweeps over the shift, training curves."""
    return [_samples(results), _heat(results), _cross(results), _shift(results), _training(results)]


def _labels(results: Results, protocol: str, name: str) -> list[str]:
    """The values of a label in one protocol, in the order of the runs."""
    return list(dict.fromkeys(str(run.labels[name]) for run in runs_of(results, protocol)))


def _samples(results: Results) -> Figure:
    boxes: Boxes = results.load_data(results.runs[0])
    drawing, axes = plotting.axes(8, height=1.5)
    panels = [("train", 0, "training"), ("test", boxes.swap, "test (swapped)")]
    for group, (split, shift, title) in enumerate(panels):
        labels = boxes.labels(split)
        examples = [*np.flatnonzero(labels == 0)[:2], *np.flatnonzero(labels == 1)[:2]]
        for k, i in enumerate(examples):
            ax = axes[4 * group + k]
            ax.imshow(_draw(boxes, split, i, shift), interpolation="nearest")
            ax.set_xticks([])
            ax.set_yticks([])
            ax.grid(False)
            ax.set_xlabel(f"class {labels[i]}")
            if k == 0:
                ax.set_title(title, loc="left", fontsize=10)
    return Figure(
        "samples",
        "The images",
        "Class 0 has red on the left, class 1 green. In training class 0 is always above class 1; "
        "in the test it is always below. A network that uses the height is wrong on every image.",
        "Eight black images with a red and a green square, four for training, four for testing.",
        drawing,
    )


def _draw(boxes: Boxes, split: str, i: int, shift: int) -> np.ndarray:
    """Image i as (size, size, 3) in [0, 1], like `Boxes.images`, which imports torch (1.3 s)."""
    image = np.zeros((boxes.size, boxes.size, 3))
    direction = 1 - 2 * boxes.labels(split)[i]
    for channel, (x, y) in enumerate(boxes.corners[split][i]):
        top = y + shift * direction
        image[top : top + boxes.square, x : x + boxes.square, channel] = 1
    return image


def _heat(results: Results) -> Figure:
    nets = _labels(results, "course", "net")
    paddings = _labels(results, "course", "padding")

    def measured(net: str, padding: str) -> float:
        e = results.accuracy(protocol="course", net=net, padding=padding, **TEST)
        return e.mean if e else np.nan

    def published(net: str, padding: str) -> float:
        cell = published_cell(results, net, padding)
        return cell.test if cell else np.nan

    drawing, axes = plotting.axes(2, height=1.4 + 0.4 * len(nets))
    panels = {
        title: np.array([[value(net, padding) for padding in paddings] for net in nets])
        for title, value in (("here", measured), ("published", published))
    }
    for ax, (title, values) in zip(axes, panels.items(), strict=True):
        plotting.heat_map(ax, values, nets, paddings, title)
        ax.tick_params(axis="x", rotation=35)
    best = paddings[int(np.nanargmax(panels["here"][0]))]
    return Figure(
        "heat-map",
        "The course table as heat maps",
        "Test accuracy in % with the bands swapped, course protocol. 0 means that the network "
        "decides by the height alone; 100 that it decides by the order of the squares.",
        f"Two heat maps of test accuracy by network and padding; the best padding here is {best}.",
        drawing,
    )


def _cross(results: Results) -> Figure:
    runs = runs_of(results, "clean")
    nets, modes = _labels(results, "clean", "net"), _labels(results, "clean", "mode")
    amounts = sorted({int(run.labels["amount"]) for run in runs})
    drawing, axes = plotting.axes(len(nets), height=1.2 + 0.45 * len(modes))
    for net, ax in zip(nets, axes, strict=True):
        values = np.full((len(modes), len(amounts)), np.nan)
        for run in runs:
            if run.labels["net"] != net:
                continue
            amount, padding = run.labels["amount"], run.labels["padding"]
            e = results.accuracy(protocol="clean", net=net, padding=padding, **TEST)
            row = modes.index(str(run.labels["mode"])) if amount else slice(None)
            if e:
                values[row, amounts.index(amount)] = e.mean
        plotting.heat_map(ax, values, modes, [f"{a} px" for a in amounts], net)
    return Figure(
        "cross",
        "Padding mode crossed with padding amount",
        "Test accuracy in % with the bands swapped, clean protocol. The published comparison pads "
        "by 1 or 2 pixels depending on the mode; here every mode is combined with every amount. "
        "Without padding (0 px) all modes are the same network, so that column is one run.",
        "Heat maps of test accuracy by padding mode and padding amount.",
        drawing,
    )


def _shift(results: Results) -> Figure:
    nets = _labels(results, "course", "net")
    drawing, axes = plotting.axes(2, len(nets), height=3.0 * len(nets), sharex=True, sharey=True)
    for i, net in enumerate(nets):
        for ax, metric in zip(axes[2 * i : 2 * i + 2], ("accuracy", "consistency"), strict=True):
            for k, padding in enumerate(_labels(results, "course", "padding")):
                points = results.sweep("shift", metric, protocol="course", net=net, padding=padding)
                plotting.band(ax, points, padding, k, limits=plotting.PERCENT)
            ax.set_title(f"{net}: {metric}", fontsize=10)
            ax.set_ylim(0, 100)
    axes[0].set_ylabel("%")
    for ax in axes[-2:]:
        ax.set_xlabel("shift towards the other band (pixels)")
    axes[0].legend(fontsize=8)
    return Figure(
        "shift",
        "Accuracy and consistency against the shift",
        "Left: accuracy on images moved towards the band of the other class; at the right end the "
        "bands are swapped. Right: the share of images that are classified as they are without a "
        "shift. Course protocol, best epoch, mean and 95 % interval over seeds. For a network that "
        "is invariant to translation the curves are flat.",
        "Curves of accuracy and consistency against the vertical shift, one for each padding.",
        drawing,
    )


def _training(results: Results) -> Figure:
    nets = _labels(results, "course", "net")
    course = results.history[results.history["protocol"] == "course"]
    drawing, axes = plotting.axes(len(nets), height=3.0, sharey=True)
    for net, ax in zip(nets, axes, strict=True):
        ax.set_yscale("log")
        history = course[course["net"] == net]
        for split, dashed in [("train", False), ("validation", True)]:
            for k, (name, points) in enumerate(plotting.curves(history, "padding", "loss", split)):
                label = "" if dashed else name
                plotting.band(ax, points, label, k, dashed, limits=plotting.POSITIVE)
        ax.set_title(net, fontsize=10)
        ax.set_xlabel("epoch")
    axes[0].set_ylabel("cross-entropy")
    axes[0].legend(fontsize=8)
    return Figure(
        "training",
        "Training",
        "Cross-entropy while training (solid) and on validation images (dashed), course protocol, "
        "mean and 95 % interval over seeds. A curve ends where the first seed stops. A low loss "
        "does not show which feature was learnt, height or order: compare it with the test "
        "accuracy above.",
        "Curves of training and validation loss against the epoch, one for each padding.",
        drawing,
    )
