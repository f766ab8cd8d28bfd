"""Figures of the oversmoothing study."""

import pandas as pd
from matplotlib.ticker import MaxNLocator

from inductive.analysis.results import Results
from inductive.report import figures as plotting
from inductive.report.elements import Figure
from inductive.studies.oversmoothing.tables import NAMES, depths_of, published_for

METRICS = (
    ("feature std", "std of features over nodes"),
    ("feature std, relative", "std / root mean square"),
    ("Dirichlet energy", "Dirichlet energy"),
    ("Dirichlet energy, relative", "energy / squared norm"),
    ("mean average distance", "mean cosine distance"),
    ("gradient norm", "gradient of the loss (norm)"),
)
"""Metrics of a layer and their titles."""
PUBLISHED = "published GCN"


def figures(results: Results) -> list[Figure]:
    """Accuracy by depth, layers before and after training, gradients, curves, time."""
    drawn = [_accuracy(results)]
    for graph in results.labels("graph"):
        drawn += [_layers(results, graph), _remedies(results, graph)]
    return [
        *drawn,
        *(_training(results, graph) for graph in results.labels("graph")),
        _time(results),
    ]


def _accuracy(results: Results) -> Figure:
    graphs = results.labels("graph")
    drawing, axes = plotting.axes(len(graphs), height=3.6)
    triangles = ""
    for ax, graph in zip(axes, graphs, strict=True):
        for k, remedy in enumerate(results.labels("remedy")):
            points = []
            for depth in depths_of(results, graph, remedy):
                where = {"graph": graph, "remedy": remedy, "depth": depth}
                e = results.accuracy(**where, split="test", selection="best")
                if e:
                    points.append((depth, e.mean, e.low, e.high))
            if points:
                frame = pd.DataFrame(points, columns=["at", "mean", "low", "high"])
                plotting.band(ax, frame, remedy, k, limits=plotting.PERCENT)
        published = published_for(results, graph).get("accuracy", {}).get("none", {})
        if published:
            at, values = list(published), list(published.values())
            ax.plot(at, values, "<", color=plotting.INK, label=PUBLISHED)
            triangles = f"; black triangles ({PUBLISHED}): the plain network on the real Cora"
        ax.set_xscale("log", base=2)
        ax.set_xlabel("graph convolutions")
        ax.set_title(NAMES[graph], fontsize=10)
        ax.xaxis.set_major_formatter("{x:.0f}")
    axes[0].set_ylabel("test accuracy (%)")
    plotting.legend(drawing, axes, columns=5)
    return Figure(
        "accuracy",
        "Accuracy against depth",
        "Test accuracy at the epoch with the lowest validation loss, mean and 95 % interval over "
        f"seeds, by remedy{triangles}.",
        "Curves of test accuracy against the number of graph convolutions, one per remedy.",
        drawing,
    )


def _positive(points: pd.DataFrame) -> pd.DataFrame:
    """The points that a logarithmic axis can show."""
    return points[points["mean"] > 0]


def _layers(results: Results, graph: str) -> Figure:
    drawing, axes = plotting.axes(3, 2, height=5.2)
    depths = depths_of(results, graph, "none")
    for ax, (metric, title) in zip(axes, METRICS, strict=True):
        ax.set_yscale("log")
        for k, depth in enumerate(depths):
            for selection, dashed in [("last", False), ("initial", True)]:
                where = {"graph": graph, "remedy": "none", "depth": depth}
                points = _positive(results.sweep("layer", metric, selection=selection, **where))
                label = "" if dashed else f"{depth}"
                plotting.band(ax, points, label, k, dashed, limits=plotting.POSITIVE)
        ax.set_title(title, fontsize=9)
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    for ax in axes[3:]:
        ax.set_xlabel("layer")
    plotting.legend(drawing, axes, columns=len(depths), title="depth")
    return Figure(
        f"layers-{graph}",
        f"Layer by layer: {NAMES[graph]}",
        "The plain network: the output of each layer after training (solid) and before (dashed), "
        "mean and 95 % interval over seeds, by depth; the last layer gives the scores. Standard "
        "deviation and energy also fall when features only become smaller; their relative forms "
        "and the cosine distance do not depend on scale, and fall only where nodes become "
        "similar. A missing point is 0.",
        "Six panels against the layer: standard deviation and energy of features, raw and "
        "relative, cosine distance of nodes, and gradient norm, for networks of several depths.",
        drawing,
    )


def _remedies(results: Results, graph: str) -> Figure:
    remedies = [r for r in results.labels("remedy") if depths_of(results, graph, r)]
    depths = [depth for r in remedies for depth in depths_of(results, graph, r)]
    deep = max((depth for depth in depths if depth <= 32), default=max(depths))
    drawing, axes = plotting.axes(2, height=3.0)
    for ax, metric in zip(axes, ("mean average distance", "gradient norm"), strict=True):
        ax.set_yscale("log")
        for k, remedy in enumerate(remedies):
            where = {"graph": graph, "remedy": remedy, "depth": deep}
            points = _positive(results.sweep("layer", metric, selection="last", **where))
            if len(points):
                plotting.band(ax, points, remedy, k, limits=plotting.POSITIVE)
        ax.set_xlabel("layer")
        ax.set_title(dict(METRICS)[metric], fontsize=10)
    plotting.legend(drawing, axes, columns=5)
    return Figure(
        f"remedies-{graph}",
        f"Effects of the remedies: {NAMES[graph]}, {deep} layers",
        "After training, mean and 95 % interval over seeds. Left: how different the nodes still "
        "are. Right: the gradient of the loss that reaches a layer. A network can fail because of "
        "either.",
        "Two panels against the layer: cosine distance of nodes and gradient norm, by remedy.",
        drawing,
    )


def _training(results: Results, graph: str) -> Figure:
    history = results.history
    plain = history[(history["graph"] == graph) & (history["remedy"] == "none")]
    drawing, axes = plotting.axes(2, height=3.0, sharey=True)
    for ax, part in zip(axes, ("train", "validation"), strict=True):
        for k, (name, points) in enumerate(plotting.curves(plain, "depth", "loss", part)):
            plotting.band(ax, points, name, k, limits=plotting.POSITIVE)
        ax.set_xlabel("epoch")
        ax.set_title(part, fontsize=10)
    axes[0].set_ylabel("cross-entropy")
    axes[0].legend(fontsize=8, title="depth", title_fontsize=8)
    return Figure(
        f"training-{graph}",
        f"Training by depth: {NAMES[graph]}",
        "Loss of the plain network, training with dropout and validation without, mean and 95 % "
        "interval over seeds.",
        "Two panels of loss against the epoch, one curve per depth.",
        drawing,
    )


def _time(results: Results) -> Figure:
    graphs = results.labels("graph")
    drawing, axes = plotting.axes(len(graphs), height=2.8)
    for ax, graph in zip(axes, graphs, strict=True):
        points = []
        for depth in depths_of(results, graph, "none"):
            where = {"graph": graph, "remedy": "none", "depth": depth}
            e = results.estimate("milliseconds per step", **where)
            if e:
                points.append((depth, e.mean, e.low, e.high))
        ax.set_xscale("log", base=2)
        ax.set_yscale("log")
        frame = pd.DataFrame(points, columns=["at", "mean", "low", "high"])
        plotting.band(ax, frame, "measured", 0, limits=plotting.POSITIVE)
        if len(frame):
            deepest = frame.iloc[-1]
            line = deepest["mean"] * frame["at"] / deepest["at"]
            ax.plot(frame["at"], line, ":", color=plotting.INK, label="proportional to depth")
        ax.xaxis.set_major_formatter("{x:.0f}")
        ax.set_xlabel("graph convolutions")
        ax.set_title(NAMES[graph], fontsize=10)
    axes[0].set_ylabel("milliseconds per step")
    axes[0].legend(fontsize=8)
    return Figure(
        "time",
        "Time against depth",
        "One forward and backward pass over one graph, median of five, mean and 95 % interval over "
        "seeds, on the machine that the head of the page names. The absolute values depend on that "
        "machine; their growth can be compared.",
        "Milliseconds per step against the number of graph convolutions.",
        drawing,
    )
