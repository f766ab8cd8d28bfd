"""Tables and figures of the translation study."""

from typing import Any

import numpy as np
import pandas as pd

from inductive.claims.statistics import same_as
from inductive.claims.verdicts import published
from inductive.data import registry
from inductive.report import plotting
from inductive.report.elements import Figure, Table
from inductive.report.results import Results, plus_minus

TEST: dict[str, Any] = {"split": "test", "selection": "best"}
PUBLISHED_SEEDS = 10
FAR = 3  # points: what a published figure is asked to be reproduced within


def _variants(results: Results, protocol: str) -> list[dict[str, object]]:
    return [run.labels for run in results.runs if run.labels["protocol"] == protocol]


def _nets(results: Results, protocol: str) -> list[str]:
    return list(dict.fromkeys(str(v["net"]) for v in _variants(results, protocol)))


def _paddings(results: Results, protocol: str) -> list[str]:
    return list(dict.fromkeys(str(v["padding"]) for v in _variants(results, protocol)))


def tables(results: Results) -> list[Table]:
    """The course table beside the published, the clean one, and what repair and images change."""
    found = [_course_table(results), _clean_table(results), _repair_table(results)]
    return [*found, _draws_table(results)] if _variants(results, "draws") else found


def _course_table(results: Results) -> Table:
    rows, data, far = [], [], []
    cells = published()["translation"]["cells"]
    for labels in _variants(results, "course"):
        net, padding = labels["net"], labels["padding"]
        key = {"protocol": "course", "net": net, "padding": padding}
        validation = results.accuracy(**key, split="validation", selection="last")
        heldout = results.accuracy(**key, split="heldout", selection="last")
        test = results.accuracy(**key, **TEST)
        known = cells.get(net, {}).get(padding)
        theirs = [f"{known[i]:.1f} (sd {known[i + 1]:.1f})" if known else "—" for i in (0, 2)]
        ours = [plus_minus(e) for e in (validation, heldout, test)]
        rows.append([f"{net} {padding}", ours[0], theirs[0], ours[1], ours[2], theirs[1]])
        if known and test and test.n > 1 and abs(test.mean - known[2]) > FAR:
            means, spread = same_as(test, known[2], known[3], PUBLISHED_SEEDS)
            far.append(
                f"{net} {padding} {test.mean - known[2]:+.1f} (p {means:.2g}; deviations "
                f"{test.sd:.1f} and {known[3]:.1f}, p {spread:.2g})"
            )
        for split, e in [("validation", validation), ("heldout", heldout), ("test", test)]:
            if e:
                published_mean = (
                    known[{"validation": 0, "test": 2}[split]]
                    if known and split != "heldout"
                    else np.nan
                )
                data.append((net, padding, split, e.mean, e.low, e.high, e.n, published_mean))
    columns = ["net", "padding", "split", "mean", "low", "high", "n", "published_mean"]
    farther = (
        f" Tests farther than {FAR} points from the published mean, with Welch's p of equal means "
        f"and the F test's of equal standard deviations: {'; '.join(far)}."
        if far
        else ""
    )
    seeds = len(results.runs[0].seeds)
    return Table(
        "course",
        "Course protocol, beside the published table",
        f"Accuracy in %, mean ± 95 % confidence interval over {seeds} seeds; published: mean and "
        f"standard deviation over {PUBLISHED_SEEDS}. Validation and held-out are of the last "
        "epoch, test of the epoch with the lowest validation loss, as published. Validation images "
        "are training images here and test images are the same with the bands swapped; held-out "
        "images are new draws. Images are drawn from seed "
        f"{results.runs[0].labels['data_seed']}; the course has 42.{farther}",
        ["variant", "validation", "published", "held-out", "test (swapped)", "published"],
        rows,
        pd.DataFrame(data, columns=columns),
    )


def _clean_table(results: Results) -> Table:
    rows, data = [], []
    for labels in _variants(results, "clean"):
        net, padding = labels["net"], labels["padding"]
        key = {"protocol": "clean", "net": net, "padding": padding, "selection": "best"}
        found = {s: results.accuracy(**key, split=s) for s in ("validation", "heldout", "test")}
        rows.append([f"{net} {padding}", *(plus_minus(e) for e in found.values())])
        for split, e in found.items():
            if e:
                data.append((net, padding, split, e.mean, e.low, e.high, e.n))
    return Table(
        "clean",
        "Clean protocol",
        "Accuracy in %, mean ± 95 % confidence interval over seeds, all of the same epoch, the one "
        "with the lowest validation loss. Training, validation, held-out and test images are "
        "independent draws; training is shuffled.",
        ["variant", "validation", "held-out", "test (swapped)"],
        rows,
        pd.DataFrame(data, columns=["net", "padding", "split", "mean", "low", "high", "n"]),
    )


def _repair_table(results: Results) -> Table:
    """Pairs of variants that differ in the protocol only."""
    rows, data = [], []
    clean = {(v["net"], v["mode"], v["amount"]): v for v in _variants(results, "clean")}
    epochs = {str(run.labels): str(run.training["epochs"]) for run in results.runs}
    for labels in _variants(results, "course"):
        mode = "zeros" if labels["amount"] == 0 else labels["mode"]
        twin = clean.get((labels["net"], mode, labels["amount"]))
        if twin is None:
            continue
        before = results.accuracy(
            protocol="course", net=labels["net"], padding=labels["padding"], **TEST
        )
        after = results.accuracy(protocol="clean", net=twin["net"], padding=twin["padding"], **TEST)
        assert before is not None
        assert after is not None
        change = after.mean - before.mean
        name = f"{labels['net']} {labels['mode']} {labels['amount']}"
        lengths = f"{epochs[str(labels)]}, {epochs[str(twin)]}"
        rows.append([name, lengths, plus_minus(before), plus_minus(after), f"{change:+.1f}"])
        data.append((name, lengths, before.mean, after.mean, change))
    return Table(
        "repair",
        "What the repair changed",
        "Test accuracy in % (swapped bands), mean ± 95 % confidence interval over seeds, of the "
        "same network and padding under both protocols. Epochs: at most so many, course and clean.",
        ["variant", "epochs", "course", "clean", "change"],
        rows,
        pd.DataFrame(data, columns=["variant", "epochs", "course", "clean", "change"]),
    )


def _draws_table(results: Results) -> Table:
    """The course protocol on several draws of the images, and on which lie the published cells."""
    variants = _variants(results, "draws")
    seeds = list(dict.fromkeys(v["data_seed"] for v in variants))
    home = results.runs[0].labels["data_seed"]
    cells = published()["translation"]["cells"]["Net1"]
    rows, data = [], []
    for padding in dict.fromkeys(str(v["padding"]) for v in variants):
        found = []
        for protocol, seed in [("course", home), *(("draws", s) for s in seeds)]:
            key: dict[str, Any] = {"protocol": protocol, "net": "Net1", "padding": padding}
            e = results.accuracy(data_seed=seed, **key, **TEST)
            found.append(e)
            if e:
                data.append((padding, seed, e.mean, e.low, e.high, e.n))
        means = [e.mean for e in found if e]
        theirs = f"{cells[padding][2]:.1f}" if padding in cells else "—"
        between = f"{np.std(means, ddof=1):.1f}" if len(means) > 1 else "—"
        rows.append([f"Net1 {padding}", *(plus_minus(e) for e in found), between, theirs])
    return Table(
        "draws",
        "Other images of the same kind",
        "Test accuracy in % (swapped bands, best epoch), mean ± 95 % confidence interval over the "
        "seeds of the network, for several seeds of the images. Published standard deviations are "
        "over seeds of the network on one draw of the images; the spread between draws, in the "
        "last column but one, comes on top of them, so a published cell is reproduced no better "
        "than to that.",
        ["variant", *(f"images {s}" for s in [home, *seeds]), "sd between", "published"],
        rows,
        pd.DataFrame(data, columns=["padding", "data_seed", "mean", "low", "high", "n"]),
    )


def figures(results: Results) -> list[Figure]:
    """Samples, heat maps, sweeps over the shift, training curves."""
    return [_samples(results), _heat(results), _cross(results), _shift(results), _training(results)]


def _samples(results: Results) -> Figure:
    boxes = registry.load(results.runs[0].data)
    drawing, axes = plotting.axes(8, height=1.5)
    panels = [("train", 0, "training"), ("test", boxes.swap, "test (swapped)")]
    for group, (split, shift, title) in enumerate(panels):
        images = boxes.images(split, shift).permute(0, 2, 3, 1).numpy()
        labels = boxes.labels(split)
        chosen = [*np.flatnonzero(labels == 0)[:2], *np.flatnonzero(labels == 1)[:2]]
        for k, i in enumerate(chosen):
            ax = axes[4 * group + k]
            ax.imshow(images[i], interpolation="nearest")
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
        "in the test it is always below. A network that reads the height is wrong on every image.",
        "Eight black images with a red and a green square, four for training, four for testing.",
        drawing,
    )


def _heat(results: Results) -> Figure:
    nets, paddings = _nets(results, "course"), _paddings(results, "course")
    cells = published()["translation"]["cells"]

    def ours(net: str, padding: str) -> float:
        e = results.accuracy(protocol="course", net=net, padding=padding, **TEST)
        return e.mean if e else np.nan

    values = np.array([[ours(n, p) for p in paddings] for n in nets])
    theirs = np.array(
        [[cells[n][p][2] if p in cells[n] else np.nan for p in paddings] for n in nets]
    )
    drawing, (left, right) = plotting.axes(2, height=1.4 + 0.4 * len(nets))
    plotting.heat_map(left, values, nets, paddings, "here")
    plotting.heat_map(right, theirs, nets, paddings, "published")
    for ax in (left, right):
        ax.tick_params(axis="x", rotation=35)
    best = paddings[int(np.nanargmax(values[0]))]
    return Figure(
        "heat-map",
        "The course table at a glance",
        "Test accuracy in % with the bands swapped, course protocol. 0 means that the network read "
        "the height and nothing else; 100 that it read the order of the squares.",
        f"Two heat maps of test accuracy by network and padding; the best padding here is {best}.",
        drawing,
    )


def _cross(results: Results) -> Figure:
    variants = _variants(results, "clean")
    nets = _nets(results, "clean")
    modes = list(dict.fromkeys(str(v["mode"]) for v in variants))
    amounts = sorted({int(str(v["amount"])) for v in variants})
    drawing, axes = plotting.axes(len(nets), height=1.2 + 0.45 * len(modes))
    for net, ax in zip(nets, axes, strict=True):
        values = np.full((len(modes), len(amounts)), np.nan)
        for v in variants:
            e = results.accuracy(protocol="clean", net=net, padding=v["padding"], **TEST)
            column = amounts.index(int(str(v["amount"])))
            row = slice(None) if v["amount"] == 0 else modes.index(str(v["mode"]))
            if e and v["net"] == net:
                values[row, column] = e.mean
        plotting.heat_map(ax, values, modes, [f"{a} px" for a in amounts], net)
    return Figure(
        "cross",
        "Padding mode crossed with padding amount",
        "Test accuracy in % with the bands swapped, clean protocol. The published comparison pads "
        "by 1 or 2 pixels depending on the mode; here every mode meets every amount. Without "
        "padding (0 px) the mode does not exist, so that column is one run.",
        "Heat maps of test accuracy by padding mode and padding amount.",
        drawing,
    )


def _shift(results: Results) -> Figure:
    nets = _nets(results, "course")
    drawing, axes = plotting.axes(2, len(nets), height=3.0 * len(nets), sharex=True, sharey=True)
    for i, net in enumerate(nets):
        for ax, metric in zip(axes[2 * i : 2 * i + 2], ("accuracy", "consistency"), strict=True):
            for k, padding in enumerate(_paddings(results, "course")):
                key: dict[str, Any] = {"protocol": "course", "net": net, "padding": padding}
                points = results.sweep("shift", metric, **key)
                plotting.band(ax, points, padding, k, limits=plotting.PERCENT)
            ax.set_title(f"{net}: {metric}", fontsize=10)
            ax.set_ylim(0, 100)
    axes[0].set_ylabel("%")
    for ax in axes[-2:]:
        ax.set_xlabel("shift towards the other band (pixels)")
    axes[0].legend(fontsize=8)
    return Figure(
        "shift",
        "From home to the other band",
        "Left: accuracy on images moved towards the band of the other class; at its right end "
        "the bands are swapped. Right: the share of images that keep the class they were given "
        "without a shift. Course protocol, best epoch, mean and 95 % interval over seeds. A network"
        " that is invariant to translation draws a flat line.",
        "Curves of accuracy and consistency against the vertical shift, one for each padding.",
        drawing,
    )


def _training(results: Results) -> Figure:
    nets = _nets(results, "course")
    history = results.history[results.history["protocol"] == "course"]
    drawing, axes = plotting.axes(len(nets), height=3.0, sharey=True)
    for net, ax in zip(nets, axes, strict=True):
        ax.set_yscale("log")
        chosen = history[history["net"] == net]
        for split, dashed in [("train", False), ("validation", True)]:
            for k, (name, points) in enumerate(plotting.curves(chosen, "padding", "loss", split)):
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
        "mean and 95 % interval over seeds. A curve ends where the first seed stops. The height is "
        "the easier thing to read: compare how far a loss falls with the test accuracy above.",
        "Curves of training and validation loss against the epoch, one for each padding.",
        drawing,
    )
