"""Tables and figures of the citation study."""

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import breadth_first_order

from inductive.claims.statistics import estimate
from inductive.claims.verdicts import published
from inductive.data import registry
from inductive.report import plotting
from inductive.report.elements import Figure, Table
from inductive.report.results import Results, plus_minus


def _models(results: Results) -> list[str]:
    return list(dict.fromkeys(str(run.labels["model"]) for run in results.runs))


def _splits(results: Results) -> list[str]:
    return list(dict.fromkeys(str(run.labels["on"]) for run in results.runs))


def _published(results: Results, model: str, split: str) -> list[tuple[str, float, float | None]]:
    """Figures about Cora, which say nothing about a user's own graph."""
    if results.runs[0].data.kind == "own":
        return []
    cells = published()["citation"]["cells"].get(model, {})
    return [tuple(entry) for entry in cells.get(split, [])]


def tables(results: Results) -> list[Table]:
    """Accuracy beside published figures, and accuracy under noise."""
    return [_accuracy_table(results), _noise_table(results)]


def _accuracy_table(results: Results) -> Table:
    rows, data = [], []
    for split in _splits(results):
        for model in _models(results):
            found = {
                selection: results.accuracy(
                    model=model, on=split, split="test", selection=selection
                )
                for selection in ("best", "last")
            }
            theirs = "; ".join(
                f"{mean:.1f}{f' ± {sd:.1f}' if sd else ''} ({who})"
                for who, mean, sd in _published(results, model, split)
            )
            rows.append([model, split, *(plus_minus(e) for e in found.values()), theirs or "—"])
            data += [
                (model, split, selection, e.mean, e.low, e.high, e.sd, e.n)
                for selection, e in found.items()
                if e
            ]
    n = len(results.runs[0].seeds)
    return Table(
        "accuracy",
        "Test accuracy by model, split and selection rule",
        f"In %, mean ± 95 % confidence interval over {n} seeds. Best: the epoch with the lowest "
        "validation loss. Last: the last epoch. Published figures are of the real Cora, their ± "
        "is a standard deviation over runs; PyG's random splits take 500 nodes for validation and "
        "1,000 for testing, Shchur's, which ours follow, 30 a class and the rest.",
        ["model", "split", "best epoch", "last epoch", "published"],
        rows,
        pd.DataFrame(
            data, columns=["model", "split", "selection", "mean", "low", "high", "sd", "n"]
        ),
    )


def _noise_table(results: Results) -> Table:
    frames = []
    for axis in ("edge noise", "feature noise"):
        for model in _models(results):
            for split in _splits(results):
                sweep = results.sweep(axis, model=model, on=split)
                frames.append(sweep.assign(noise=axis, model=model, split=split))
    data = pd.concat(frames, ignore_index=True)
    shown = data[data["split"] == _splits(results)[0]]
    rows = []
    for (noise, at), group in shown.groupby(["noise", "at"], sort=False):
        means = [f"{m:.1f}" for m in group["mean"]]
        rows.append([str(noise), f"{at:g}", *means])
    return Table(
        "noise",
        "Test accuracy under noise",
        f"In %, mean over seeds, {_splits(results)[0]} split, best epoch. The noise is in the "
        "graph that the trained network reads: random edges added, as a share of the edges there "
        "are, or a share of the nodes with their features shuffled among them.",
        ["noise", "amount", *_models(results)],
        rows,
        data,
    )


def figures(results: Results) -> list[Figure]:
    """Accuracy, noise, attention, training curves."""
    drawn = [_accuracy(results), _noise(results)]
    if "GAT" in _models(results):
        drawn += [_attention(results), _cost(results)]
    return [*drawn, _training(results)]


def _accuracy(results: Results) -> Figure:
    models, splits = _models(results), _splits(results)
    drawing, axes = plotting.axes(len(splits), height=2.9, sharey=True)
    facts = registry.facts(results.runs[0].data)
    for ax, split in zip(axes, splits, strict=True):
        for k, model in enumerate(models):
            rows = results.select(
                model=model, on=split, split="test", selection="best", metric="accuracy", axis=""
            )
            values = 100 * rows["value"].to_numpy()
            e = estimate(values)
            spread = np.linspace(-0.25, 0.25, len(values)) if len(values) > 1 else [0.0]
            ax.plot(k + np.asarray(spread), values, ".", color=plotting.COLOURS[k], alpha=0.5)
            if np.isfinite(e.half_width):
                ax.errorbar(k, e.mean, e.half_width, fmt="_", color=plotting.INK, capsize=4)
            for j, (_, mean, _) in enumerate(_published(results, model, split)):
                label = "published (real Cora)" if k == j == 0 else None
                ax.plot(k + 0.38, mean, "<", color=plotting.INK, markersize=5, label=label)
        known = "bayes_accuracy_test" if split == "public" else "bayes_accuracy"
        if known in facts:
            bayes = 100 * facts[known]
            ax.axhline(bayes, color=plotting.INK, linestyle=":", label="best from features alone")
        ax.set_xticks(range(len(models)), models)
        ax.set_title(f"{split} split", fontsize=10)
    axes[0].set_ylabel("test accuracy (%)")
    axes[0].legend(fontsize=8, loc="lower left")
    return Figure(
        "accuracy",
        "With and without the graph",
        "Test accuracy, one dot a seed, best epoch; bar: mean and 95 % interval; triangles: "
        "published means on the real Cora. On generated data the dotted line is Bayes' rule on the "
        "features alone, which on average no classifier without the graph can pass.",
        "Dots of test accuracy for every model, in one panel for each kind of split.",
        drawing,
    )


def _noise(results: Results) -> Figure:
    split = _splits(results)[0]
    drawing, axes = plotting.axes(2, height=3.0, sharey=True)
    names = {
        "edge noise": "random edges added (share of the edges)",
        "feature noise": "nodes with shuffled features (share)",
    }
    for ax, (axis, label) in zip(axes, names.items(), strict=True):
        for k, model in enumerate(_models(results)):
            points = results.sweep(axis, model=model, on=split)
            plotting.band(ax, points, model, k, limits=plotting.PERCENT)
        ax.set_xlabel(label)
    axes[0].set_ylabel("test accuracy (%)")
    axes[0].legend(fontsize=8)
    return Figure(
        "noise",
        "Noisy neighbours",
        f"Test accuracy when the graph that the trained network reads is disturbed, {split} split, "
        "mean and 95 % interval over seeds. The network without the graph (MLP) cannot notice the "
        "edges and has no neighbours to fall back on when its own features are wrong.",
        "Two panels of curves: accuracy against added random edges, and against shuffled features.",
        drawing,
    )


def _attention(results: Results) -> Figure:
    split = _splits(results)[0]
    drawing, (left, right) = plotting.axes(2, height=2.8)
    rows = results.select(model="GAT", on=split, metric="attention entropy")
    heads = rows.groupby(pd.to_numeric(rows["at"]))["value"]
    for head, values in heads:
        e = estimate(values.to_numpy())
        half = e.half_width if np.isfinite(e.half_width) else 0
        left.errorbar(head, e.mean, half, fmt="o", color=plotting.COLOURS[0], capsize=3)
    left.axhline(1, color=plotting.INK, linestyle=":")
    left.set_xlabel("head")
    left.xaxis.set_major_locator(MaxNLocator(integer=True))
    left.set_ylabel("entropy / entropy of uniform")
    kinds = ("same class", "other class", "itself")
    rows = results.select(model="GAT", on=split, metric="relative attention")
    for k, kind in enumerate(kinds):
        e = estimate(rows[rows["at"] == kind]["value"].to_numpy())
        half = e.half_width if np.isfinite(e.half_width) else 0
        right.errorbar(k, e.mean, half, fmt="o", color=plotting.COLOURS[1], capsize=3)
    right.axhline(1, color=plotting.INK, linestyle=":")
    right.set_xticks(range(3), kinds)
    right.set_xlim(-0.5, 2.5)
    right.set_ylabel("attention / uniform attention")
    return Figure(
        "attention",
        "What the attention attends to",
        f"First layer of the GAT, {split} split, mean and 95 % interval over seeds. Left: the "
        "entropy of a node's attention, 1 (dotted) where it is a plain average of its neighbours. "
        "Right: attention by the kind of neighbour, 1 where all get the same.",
        "Left: attention entropy for each head. Right: relative attention to neighbours of the "
        "same class, of another class, and to the node itself.",
        drawing,
    )


def _cost(results: Results) -> Figure:
    """Attention scores a head has to compute, on ever larger neighbourhoods of one node."""
    graph = registry.load(results.runs[0].data)
    n = graph.num_nodes
    adjacency = coo_matrix((np.ones(graph.edges.shape[1]), graph.edges), shape=(n, n)).tocsr()
    hub = int(np.bincount(graph.edges.ravel(), minlength=n).argmax())
    order = breadth_first_order(adjacency, hub, directed=False, return_predecessors=False)
    rank = np.full(n, n)
    rank[order] = np.arange(len(order))
    last = np.sort(rank[graph.edges].max(axis=0))  # an edge is in once both its ends are
    sizes = np.unique(np.geomspace(16, len(order), 12).astype(int))
    sparse = 2 * np.searchsorted(last, sizes) + sizes
    slopes = [np.polyfit(np.log(sizes), np.log(y), 1)[0] for y in (sparse, sizes**2)]
    drawing, (ax,) = plotting.axes(1, height=2.6)
    ax.loglog(sizes, sizes**2, marker="s", markersize=4, label=f"all pairs: n^{slopes[1]:.2f}")
    ax.loglog(sizes, sparse, marker="o", markersize=4, label=f"GAT, edges: n^{slopes[0]:.2f}")
    ax.set_xlabel("nodes n")
    ax.set_ylabel("attention scores a head")
    ax.legend(fontsize=8)
    return Figure(
        "cost",
        "What attention costs",
        "Scores that one head computes for the n nodes nearest to the best linked node: a GAT one "
        "for every edge, each way, and every node, a Transformer one for every pair. Exponents are "
        "fitted to the counts.",
        f"Two curves of counts against nodes; at {sizes[-1]} nodes the GAT computes {sparse[-1]} "
        f"scores, all pairs are {sizes[-1] ** 2}.",
        drawing,
    )


def _training(results: Results) -> Figure:
    split = _splits(results)[0]
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
        f"Loss and accuracy while training, with dropout (solid), and on validation nodes, without "
        f"(dashed), {split} split, mean over seeds.",
        "Curves of loss and accuracy against the epoch for every model.",
        drawing,
    )
