"""Tables and figures of the oversmoothing study."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from inductive.claims.verdicts import published
from inductive.report import plotting
from inductive.report.elements import Figure, Table
from inductive.report.results import Results, plus_minus

MEASURES = (
    ("feature std", "std of features over nodes"),
    ("feature std, relative", "std / root mean square"),
    ("Dirichlet energy", "Dirichlet energy"),
    ("Dirichlet energy, relative", "energy / squared norm"),
    ("mean average distance", "mean cosine distance"),
    ("gradient norm", "gradient of the loss (norm)"),
)
REMEDIES = (
    "self, a matrix of one's own beside that of the neighbours' mean; residual, the input added to "
    "the output; pair-norm and batch-norm after every layer; he, initial weights times √2; "
    "he-unregularised, besides that no dropout and no weight decay; gcnii, the first layer mixed "
    "into every one and weights near the identity"
)
PUBLISHED = "published GCN"
NAMES = {"celltypegraph": "tissue cells", "cora": "citation graph"}


def _depths(results: Results, graph: str, remedy: str) -> list[int]:
    wanted = {"graph": graph, "remedy": remedy}.items()
    return sorted(int(r.labels["depth"]) for r in results.runs if wanted <= r.labels.items())


def tables(results: Results) -> list[Table]:
    """Accuracy by depth and remedy beside published figures; the course's table for tissues."""
    made = [_accuracy_table(results)]
    if "celltypegraph" in results.labels("graph"):
        made.append(_tissue_table(results))
    return made


def _figures_of(results: Results, graph: str) -> dict[str, Any]:
    """Published figures about a graph, which say nothing about a user's own."""
    kinds = {r.data.kind for r in results.runs if r.labels["graph"] == graph}
    found: dict[str, Any] = published()["oversmoothing"].get(graph, {})
    return {} if kinds == {"own"} else found


def _accuracy_table(results: Results) -> Table:
    rows, data = [], []
    for graph in results.labels("graph"):
        theirs = _figures_of(results, graph).get("accuracy", {})
        for remedy in results.labels("remedy"):
            for depth in _depths(results, graph, remedy):
                where = {"graph": graph, "remedy": remedy, "depth": depth, "split": "test"}
                best = results.accuracy(**where, selection="best")
                last = results.accuracy(**where, selection="last")
                known = theirs.get(remedy, {}).get(depth)
                rows.append(
                    [
                        NAMES[graph],
                        remedy,
                        str(depth),
                        plus_minus(best),
                        plus_minus(last),
                        f"{known:.1f}" if known else "—",
                    ]
                )
                data += [
                    (graph, remedy, depth, selection, e.mean, e.low, e.high, e.sd, e.n)
                    for selection, e in [("best", best), ("last", last)]
                    if e
                ]
    source = published()["oversmoothing"]["cora"]["source"]
    columns = ["graph", "remedy", "depth", "selection", "mean", "low", "high", "sd", "n"]
    return Table(
        "accuracy",
        "Test accuracy by depth and remedy",
        f"In %, mean ± 95 % confidence interval over {len(results.runs[0].seeds)} seeds. Depth "
        "counts graph convolutions. Best: the epoch with the lowest validation loss; last: the "
        f"last epoch. Remedies: {REMEDIES}. Published, on the real Cora: {source}. Others "
        "who took that code to 8 layers with its settings for two report 16 % "
        "(github.com/DropEdge/DropEdge, issue 8). What he and he-unregularised gain on the plain "
        "network is what its initial weights and its regularisation cost it.",
        ["graph", "remedy", "depth", "best epoch", "last epoch", "published"],
        rows,
        pd.DataFrame(data, columns=columns),
    )


def _tissue_table(results: Results) -> Table:
    rows, data = [], []
    theirs = _figures_of(results, "celltypegraph")
    for remedy in results.labels("remedy"):
        for depth in _depths(results, "celltypegraph", remedy):
            where = {"graph": "celltypegraph", "remedy": remedy, "depth": depth}
            where |= {"split": "validation", "selection": "last"}
            found = [
                results.estimate(metric, scale=scale, **where)
                for metric, scale in [
                    ("accuracy", 100),
                    ("class accuracy", 100),
                    ("accuracy, sd over specimens", 100),
                    ("std of log-probabilities", 1),
                ]
            ]
            losses = results.history.query(
                "graph == 'celltypegraph' and remedy == @remedy and depth == @depth"
                " and split == 'train' and metric == 'loss'"
            )
            final = losses[losses["epoch"] == losses["epoch"].max()]["value"].mean()
            course = theirs.get("course", {}).get(depth, {}) if remedy == "none" else {}
            measures = ("accuracy", "class_accuracy", "std_log_softmax", "train_loss", "seconds")
            known = [course.get(k) for k in measures]
            shown = [f"{value:g}" if value is not None else "—" for value in known]
            rows.append([remedy, str(depth), *(plus_minus(e) for e in found), f"{final:.2f}"])
            rows[-1].append(" / ".join(shown))
            data.append((remedy, depth, *(e.mean if e else np.nan for e in found), final))
    columns = [
        "remedy",
        "depth",
        "accuracy",
        "class accuracy",
        "sd over specimens",
        "std of outputs",
        "training loss",
    ]
    return Table(
        "tissues",
        "Tissue cells as the course measures them",
        "Validation specimens, last epoch; mean ± 95 % interval over seeds. Class accuracy is the "
        "mean over classes without the embryo sac. Std of outputs is the course's measure, of all "
        "log-probabilities of a specimen: it mixes nodes with classes, so it does not tell whether "
        "nodes are alike. Published: accuracy, class accuracy (%), that spread, the last training "
        "loss and the seconds of 25 epochs, of one run on the real tissues.",
        [*columns, "published"],
        rows,
        pd.DataFrame(data, columns=columns),
    )


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
    theirs = ""
    for ax, graph in zip(axes, graphs, strict=True):
        for k, remedy in enumerate(results.labels("remedy")):
            points = []
            for depth in _depths(results, graph, remedy):
                where = {"graph": graph, "remedy": remedy, "depth": depth}
                e = results.accuracy(**where, split="test", selection="best")
                if e:
                    points.append((depth, e.mean, e.low, e.high))
            if points:
                frame = pd.DataFrame(points, columns=["at", "mean", "low", "high"])
                plotting.band(ax, frame, remedy, k, limits=plotting.PERCENT)
        known = _figures_of(results, graph).get("accuracy", {}).get("none", {})
        if known:
            at, values = list(known), list(known.values())
            ax.plot(at, values, "<", color=plotting.INK, label=PUBLISHED)
            theirs = f"; black triangles ({PUBLISHED}): the plain network on the real Cora"
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
        f"seeds, by remedy{theirs}.",
        "Curves of test accuracy against the number of graph convolutions, one a remedy.",
        drawing,
    )


def _sweep(results: Results, metric: str, when: str, **where: Any) -> pd.DataFrame:
    return results.sweep("layer", metric, scale=1, selection=when, **where)


def _layers(results: Results, graph: str) -> Figure:
    drawing, axes = plotting.axes(3, 2, height=5.2)
    depths = _depths(results, graph, "none")
    for ax, (metric, title) in zip(axes, MEASURES, strict=True):
        ax.set_yscale("log")
        for k, depth in enumerate(depths):
            for when, dashed in [("last", False), ("initial", True)]:
                where = {"graph": graph, "remedy": "none", "depth": depth}
                points = _positive(_sweep(results, metric, when, **where))
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
        "The plain network: what each layer's output is like after training (solid) and before "
        "(dashed), mean and 95 % interval over seeds, by depth; the last layer gives the scores. "
        "Raw spread and raw energy also fall when features merely shrink; relative ones and the "
        "cosine distance, which know no scale, fall only where nodes become alike. A missing point "
        "is 0.",
        "Six panels against the layer: spread and energy of features, raw and relative, cosine "
        "distance of nodes, and gradient norm, for networks of several depths.",
        drawing,
    )


def _positive(points: pd.DataFrame) -> pd.DataFrame:
    """What a logarithmic axis can show."""
    return points[points["mean"] > 0]


def _remedies(results: Results, graph: str) -> Figure:
    chosen = [r for r in results.labels("remedy") if _depths(results, graph, r)]
    depths = [d for r in chosen for d in _depths(results, graph, r)]
    deep = max((d for d in depths if d <= 32), default=max(depths))
    drawing, axes = plotting.axes(2, height=3.0)
    for ax, metric in zip(axes, ("mean average distance", "gradient norm"), strict=True):
        ax.set_yscale("log")
        for k, remedy in enumerate(chosen):
            where = {"graph": graph, "remedy": remedy, "depth": deep}
            points = _positive(_sweep(results, metric, "last", **where))
            if len(points):
                plotting.band(ax, points, remedy, k, limits=plotting.POSITIVE)
        ax.set_xlabel("layer")
        ax.set_title(dict(MEASURES)[metric], fontsize=10)
    plotting.legend(drawing, axes, columns=5)
    return Figure(
        f"remedies-{graph}",
        f"What the remedies do: {NAMES[graph]}, {deep} layers",
        "After training, mean and 95 % interval over seeds. Left: how unlike nodes still are. "
        "Right: how much of the loss's gradient reaches a layer. A network can fail by either.",
        "Two panels against the layer: cosine distance of nodes and gradient norm, by remedy.",
        drawing,
    )


def _training(results: Results, graph: str) -> Figure:
    history = results.history
    chosen = history[(history["graph"] == graph) & (history["remedy"] == "none")]
    drawing, axes = plotting.axes(2, height=3.0, sharey=True)
    for ax, part in zip(axes, ("train", "validation"), strict=True):
        for k, (name, points) in enumerate(plotting.curves(chosen, "depth", "loss", part)):
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
        "Two panels of loss against the epoch, one curve a depth.",
        drawing,
    )


def _time(results: Results) -> Figure:
    graphs = results.labels("graph")
    drawing, axes = plotting.axes(len(graphs), height=2.8)
    for ax, graph in zip(axes, graphs, strict=True):
        points = []
        for depth in _depths(results, graph, "none"):
            where = {"graph": graph, "remedy": "none", "depth": depth}
            e = results.estimate("milliseconds a step", **where)
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
    axes[0].set_ylabel("milliseconds a step")
    axes[0].legend(fontsize=8)
    return Figure(
        "time",
        "Time against depth",
        "One forward and backward pass over one graph, median of five, mean and 95 % interval over "
        "seeds, on the machine that the head of the page names. Only how it grows says something.",
        "Milliseconds a step against the number of graph convolutions.",
        drawing,
    )
