"""Tables and figures of the citation study."""

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from inductive.analysis.results import Results, plus_minus
from inductive.analysis.statistics import estimate
from inductive.report import figures as plotting
from inductive.report.elements import Figure, Table

NOISE = {"edge_noise": "edge noise", "feature_noise": "feature noise"}
"""Coordinate -> its name in tables."""


def _published(results: Results, model: str, split: str) -> list[tuple[str, float, float | None]]:
    """(source, mean, standard deviation) of published figures. They are for Cora, so there are
    none for a user's own graph."""
    if results.runs[0].data.kind == "own":
        return []
    cells = results.published["cells"].get(model, {})
    return [tuple(entry) for entry in cells.get(split, [])]


def tables(results: Results) -> list[Table]:
    """Accuracy beside published figures, and accuracy under noise."""
    return [_accuracy_table(results), _noise_table(results)]


def _accuracy_table(results: Results) -> Table:
    rows, data = [], []
    for split in results.labels("on"):
        for model in results.labels("model"):
            where = {"model": model, "on": split, "split": "test"}
            estimates = {
                selection: results.accuracy(**where, selection=selection)
                for selection in ("best", "last")
            }
            published = "; ".join(
                f"{mean:.1f}{f' ± {sd:.1f}' if sd else ''} ({source})"
                for source, mean, sd in _published(results, model, split)
            )
            shown = [plus_minus(e) for e in estimates.values()]
            rows.append([model, split, *shown, published or "—"])
            data += [
                (model, split, selection, e.mean, e.low, e.high, e.sd, e.n)
                for selection, e in estimates.items()
                if e
            ]
    return Table(
        "accuracy",
        "Test accuracy by model, split and selection rule",
        f"In %, mean ± 95 % confidence interval over {results.seed_counts}. Best: the epoch with "
        "the lowest validation loss. Last: the last epoch. Published figures are for the real "
        "Cora; their ± is a standard deviation over runs. PyG's random splits have 500 validation "
        "nodes and 1,000 test nodes; those of Shchur et al., which ours follow, have 30 "
        "validation nodes per class and test on the rest.",
        ["model", "split", "best epoch", "last epoch", "published"],
        rows,
        pd.DataFrame(
            data, columns=["model", "split", "selection", "mean", "low", "high", "sd", "n"]
        ),
    )


def _noise_table(results: Results) -> Table:
    frames = []
    for coordinate, noise in NOISE.items():
        for model in results.labels("model"):
            for split in results.labels("on"):
                sweep = results.sweep(coordinate, model=model, on=split)
                frames.append(sweep.assign(noise=noise, model=model, split=split))
    data = pd.concat(frames, ignore_index=True)
    first = results.labels("on")[0]
    rows = []
    for (noise, at), group in data[data["split"] == first].groupby(["noise", "at"], sort=False):
        means = [f"{m:.1f}" for m in group["mean"]]
        rows.append([str(noise), f"{at:g}", *means])
    return Table(
        "noise",
        "Test accuracy under noise",
        f"In %, mean over seeds, {first} split, best epoch. The noise is in the graph that the "
        "trained network reads: random edges are added (amount: their number as a share of the "
        "number of edges), or the features of some nodes are shuffled among them (amount: the "
        "share of the nodes).",
        ["noise", "amount", *results.labels("model")],
        rows,
        data,
    )


def figures(results: Results) -> list[Figure]:
    """Accuracy, noise, attention, training curves."""
    drawn = [_accuracy(results), _noise(results)]
    if "GAT" in results.labels("model"):
        drawn += [_attention(results), _cost(results)]
    return [*drawn, _training(results)]


def _accuracy(results: Results) -> Figure:
    models, splits = results.labels("model"), results.labels("on")
    drawing, axes = plotting.axes(len(splits), height=2.9, sharey=True)
    facts = results.facts(results.runs[0])
    for ax, split in zip(axes, splits, strict=True):
        for k, model in enumerate(models):
            where = {"model": model, "on": split, "split": "test", "selection": "best"}
            values = 100 * results.select("accuracy", **where)["value"].to_numpy()
            e = estimate(values)
            offsets = np.linspace(-0.25, 0.25, len(values)) if len(values) > 1 else np.zeros(1)
            ax.plot(k + offsets, values, ".", color=plotting.COLOURS[k], alpha=0.5)
            if np.isfinite(e.half_width):
                ax.errorbar(k, e.mean, e.half_width, fmt="_", color=plotting.INK, capsize=4)
            for j, (_, mean, _) in enumerate(_published(results, model, split)):
                label = "published (real Cora)" if k == j == 0 else None
                ax.plot(k + 0.38, mean, "<", color=plotting.INK, markersize=5, label=label)
        fact = "bayes_accuracy_test" if split == "public" else "bayes_accuracy"
        if fact in facts:
            bayes = 100 * facts[fact]
            ax.axhline(bayes, color=plotting.INK, linestyle=":", label="best from features alone")
        ax.set_xticks(range(len(models)), models)
        ax.set_title(f"{split} split", fontsize=10)
    axes[0].set_ylabel("test accuracy (%)")
    axes[0].legend(fontsize=8, loc="lower left")
    return Figure(
        "accuracy",
        "With and without the graph",
        "Test accuracy, one dot per seed, best epoch; bar: mean and 95 % interval; triangles: "
        "published means on the real Cora. On generated data the dotted line is the accuracy of "
        "Bayes' rule on the features alone, which no classifier without the graph can exceed on "
        "average.",
        "Dots of test accuracy for every model, in one panel for each kind of split.",
        drawing,
    )


def _noise(results: Results) -> Figure:
    split = results.labels("on")[0]
    drawing, axes = plotting.axes(2, height=3.0, sharey=True)
    names = {
        "edge_noise": "random edges added (share of the edges)",
        "feature_noise": "nodes with shuffled features (share)",
    }
    for ax, (coordinate, label) in zip(axes, names.items(), strict=True):
        for k, model in enumerate(results.labels("model")):
            points = results.sweep(coordinate, model=model, on=split)
            plotting.band(ax, points, model, k, limits=plotting.PERCENT)
        ax.set_xlabel(label)
    axes[0].set_ylabel("test accuracy (%)")
    axes[0].legend(fontsize=8)
    return Figure(
        "noise",
        "Accuracy under noise",
        f"Test accuracy when noise is added to the graph that the trained network reads, {split} "
        "split, mean and 95 % interval over seeds. The network without the graph (MLP) does not "
        "depend on the edges, and cannot use neighbours where a node's own features are wrong.",
        "Two panels of curves: accuracy against added random edges, and against shuffled features.",
        drawing,
    )


def _finite(half_width: float) -> float:
    """The half width of an error bar: 0 where a single seed has no interval."""
    return half_width if np.isfinite(half_width) else 0.0


def _attention(results: Results) -> Figure:
    split = results.labels("on")[0]
    drawing, (left, right) = plotting.axes(2, height=2.8)
    heads = results.sweep("head", "attention entropy", model="GAT", on=split)
    for _, point in heads.iterrows():
        half = _finite(point["high"] - point["mean"])
        colour = plotting.COLOURS[0]
        left.errorbar(point["at"], point["mean"], half, fmt="o", color=colour, capsize=3)
    left.axhline(1, color=plotting.INK, linestyle=":")
    left.set_xlabel("head")
    left.xaxis.set_major_locator(MaxNLocator(integer=True))
    left.set_ylabel("entropy / entropy of uniform")
    kinds = ("same class", "other class", "itself")
    for k, kind in enumerate(kinds):
        relative = results.estimate(f"relative attention, {kind}", model="GAT", on=split)
        if relative:
            half, colour = _finite(relative.half_width), plotting.COLOURS[1]
            right.errorbar(k, relative.mean, half, fmt="o", color=colour, capsize=3)
    right.axhline(1, color=plotting.INK, linestyle=":")
    right.set_xticks(range(3), kinds)
    right.set_xlim(-0.5, 2.5)
    right.set_ylabel("attention / uniform attention")
    return Figure(
        "attention",
        "Attention by head and by kind of neighbour",
        f"First layer of the GAT, {split} split, mean and 95 % interval over seeds. Left: the "
        "entropy of a node's attention, 1 (dotted) where it is a plain average of its neighbours. "
        "Right: attention by the kind of neighbour, 1 where all have the same.",
        "Left: attention entropy for each head. Right: relative attention to neighbours of the "
        "same class, of another class, and to the node itself.",
        drawing,
    )


def _cost(results: Results) -> Figure:
    run = next(run for run in results.runs if run.labels["model"] == "GAT")
    sizes = results.artefact(run, "neighbourhood sizes")
    sparse = results.artefact(run, "graph attention scores")
    slopes = [np.polyfit(np.log(sizes), np.log(y), 1)[0] for y in (sparse, sizes**2)]
    drawing, (ax,) = plotting.axes(1, height=2.6)
    ax.loglog(sizes, sizes**2, marker="s", markersize=4, label=f"all pairs: n^{slopes[1]:.2f}")
    ax.loglog(sizes, sparse, marker="o", markersize=4, label=f"GAT, edges: n^{slopes[0]:.2f}")
    ax.set_xlabel("nodes n")
    ax.set_ylabel("attention scores per head")
    ax.legend(fontsize=8)
    return Figure(
        "cost",
        "The cost of attention",
        "The number of scores that one head computes for the n nodes nearest to the node with the "
        "highest degree. A GAT computes one for each direction of every edge and one for every "
        "node, a Transformer one for every pair. Exponents are fitted to the counts.",
        f"Two curves of counts against nodes; at {sizes[-1]} nodes the GAT computes {sparse[-1]} "
        f"scores, all pairs are {sizes[-1] ** 2}.",
        drawing,
    )


def _training(results: Results) -> Figure:
    split = results.labels("on")[0]
    history = results.history[results.history["on"] == split]
    drawing, axes = plotting.axes(2, height=3.0)
    limits = {"loss": plotting.POSITIVE, "accuracy": plotting.SHARE}
    for ax, metric in zip(axes, limits, strict=True):
        for part, dashed in [("train", False), ("validation", True)]:
            for k, (name, points) in enumerate(plotting.curves(history, "model", metric, part)):
                label = "" if dashed else name
                plotting.band(ax, points, label, k, dashed, limits=limits[metric])
        ax.set_xlabel("epoch")
        ax.set_ylabel({"loss": "cross-entropy", "accuracy": "accuracy"}[metric])
    axes[0].legend(fontsize=8)
    return Figure(
        "training",
        "Training",
        "Loss and accuracy on the training nodes while training, with dropout (solid), and on the "
        f"validation nodes, without (dashed), {split} split, mean over seeds.",
        "Curves of loss and accuracy against the epoch for every model.",
        drawing,
    )
