"""Tables and figures of the graph algebra study."""

import networkx as nx
import numpy as np
import pandas as pd

from inductive.analysis.results import Results, plus_minus
from inductive.report import figures as plotting
from inductive.report.elements import Figure, Table
from inductive.studies.graph_algebra.matrices import FIRST, SECOND, adjacency, laplacian


def tables(results: Results) -> list[Table]:
    """Every identity with its largest error, and the nodes of the second graph."""
    return [_identities(results), _nodes(results)]


def _identities(results: Results) -> Table:
    frame = results.measurements
    differences = frame[(frame["part"] == "identities") & frame["node"].isna()]
    rows = [
        [str(metric), f"{group['value'].max():.2g}"]
        for metric, group in differences.groupby("metric", sort=False)
    ]
    return Table(
        "identities",
        "Every identity, computed in two ways",
        "Largest difference over seeds, in double precision; for the printed matrices and the "
        "walks, the number of wrong entries. The median's row is not an error: it shows that "
        "f(x + y) is not f(x) + f(y), as it would be for a product with any matrix.",
        ["identity", "largest difference"],
        rows,
        pd.DataFrame(rows, columns=["identity", "difference"]),
    )


def _nodes(results: Results) -> Table:
    count = len(adjacency(SECOND))
    rows, data = [], []
    for node in range(1, count + 1):
        degree, change = (
            results.estimate(metric, part="identities", node=node)
            for metric in ("degree", "change under L")
        )
        assert degree
        assert change
        named = "yes" if node in (2, 3, 5) else ""
        largest = "yes" if degree.mean == adjacency(SECOND).sum(1).max() else ""
        rows.append([str(node), f"{degree.mean:.0f}", plus_minus(change, 2), named, largest])
        data.append((node, degree.mean, change.mean, change.low, change.high))
    return Table(
        "nodes",
        "Which nodes change most under the Laplacian?",
        "The second graph: root mean square of (LX)_v for random features X of variance 1, which "
        "is √(d² + d); mean ± 95 % interval over seeds. The source names nodes 2, 3 and 5 as those "
        "of the highest degree; by its own matrix they are 2, 4 and 5.",
        ["node", "degree", "change", "named by the source", "highest degree"],
        rows,
        pd.DataFrame(data, columns=["node", "degree", "change", "low", "high"]),
    )


def figures(results: Results) -> list[Figure]:
    """The two graphs, their matrices, the median, and the cost of attention."""
    return [_graphs(), _matrices(), _change(results), _cost(results)]


def _graphs() -> Figure:
    drawing, axes = plotting.axes(2, height=2.8)
    for ax, edges, name in zip(axes, (FIRST, SECOND), ("first", "second"), strict=True):
        graph = nx.Graph(edges)
        largest = max(dict(graph.degree).values())
        colours = [
            plotting.COLOURS[1] if graph.degree[node] == largest else plotting.COLOURS[0]
            for node in graph
        ]
        positions = nx.planar_layout(graph)
        nx.draw_networkx_edges(graph, positions, ax=ax, edge_color=plotting.INK)
        nx.draw_networkx_nodes(graph, positions, ax=ax, node_color=colours)
        nx.draw_networkx_labels(graph, positions, ax=ax, font_color="white")
        ax.set_title(f"{name} graph", fontsize=10)
        ax.set_axis_off()
    return Figure(
        "graphs",
        "The two graphs of the source",
        "With the source's numbers. In orange the nodes of the highest degree: 1 and 3 in the "
        "first graph, 2, 4 and 5 in the second.",
        "Drawings of two graphs, with five and with six nodes.",
        drawing,
    )


def _matrices() -> Figure:
    first, second = adjacency(FIRST), adjacency(SECOND)
    matrices = [
        ("A, first graph", first),
        ("A²", first @ first),
        ("L, second graph", laplacian(second)),
    ]
    drawing, axes = plotting.axes(3, height=2.6)
    for ax, (title, matrix) in zip(axes, matrices, strict=True):
        ax.imshow(matrix, cmap="coolwarm", vmin=-3, vmax=3)
        ax.grid(False)
        ticks = np.arange(len(matrix))
        ax.set_xticks(ticks, ticks + 1)
        ax.set_yticks(ticks, ticks + 1)
        ax.set_title(title, fontsize=10)
        for (i, j), value in np.ndenumerate(matrix):
            colour = "white" if abs(value) > 2 else "black"
            ax.text(j, i, str(value), ha="center", va="center", fontsize=9, color=colour)
    return Figure(
        "matrices",
        "Adjacency, its square, and the Laplacian",
        "Entry u, v of A² counts the walks of two steps from u to v; its diagonal holds the "
        "degrees. Rows of L = D - A sum to 0: L maps features that are equal for all nodes to 0.",
        "Three matrices with their entries.",
        drawing,
    )


def _change(results: Results) -> Figure:
    drawing, (left, right) = plotting.axes(2, height=2.8)
    points = results.sweep("node", "change under L", part="identities")
    degree = results.sweep("node", "degree", part="identities")["mean"]
    left.bar(points["at"], points["mean"], color=plotting.COLOURS[0])
    left.plot(points["at"], np.sqrt(degree**2 + degree), "_", color=plotting.INK, markersize=18)
    left.set_xlabel("node of the second graph")
    left.set_ylabel("change under L")
    names, differences = ["mean", "median"], []
    for k, name in enumerate(names):
        e = results.estimate(f"additivity broken by the {name}", part="identities")
        assert e
        differences.append(f"{e.mean:.1g} for the {name}")
        right.errorbar(k, max(e.mean, 1e-17), fmt="o", color=plotting.COLOURS[k])
    right.set_yscale("log")
    right.set_xticks(range(2), names)
    right.set_xlim(-0.5, 1.5)
    right.set_ylabel("mean |f(x+y) - f(x) - f(y)|")
    return Figure(
        "change",
        "Change under L, and why a median is not a product with a matrix",
        "Left: root mean square change of random features under L by node; dashes: √(d² + d). "
        f"Right: how far aggregation over neighbours is from additive: {', '.join(differences)}. "
        "For a product with a matrix the difference is rounding.",
        "Left: bars of change by node. Right: deviation from additivity for the mean and for the "
        "median.",
        drawing,
    )


def _cost(results: Results) -> Figure:
    drawing, axes = plotting.axes(2, height=3.0)
    panels = [
        (axes[0], "edges", ["graph attention"]),
        (axes[1], "nodes", ["dense attention", "graph attention at 8 neighbours"]),
    ]
    for ax, coordinate, names in panels:
        ax.set_xscale("log")
        ax.set_yscale("log")
        for k, name in enumerate(names):
            points = results.sweep(coordinate, f"milliseconds, {name}", part="cost")
            exponent = results.estimate(f"exponent, {name}", part="cost")
            assert exponent
            label = f"{name}: ∝ {coordinate}^{exponent.mean:.2f}"
            plotting.band(ax, points, label, k, limits=plotting.POSITIVE)
        ax.set_xticks(points["at"], [f"{at:,.0f}" for at in points["at"]], fontsize=8)
        ax.minorticks_off()
        ax.set_xlabel(coordinate)
        ax.legend(fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1))
    axes[0].set_ylabel("milliseconds per pass")
    return Figure(
        "cost",
        "The cost of attention",
        "Time of one pass, mean and 95 % interval over repeats, on the machine that the head of "
        "the page names; exponents are fitted to those of the larger half of the "
        "sizes that take at least four times as long as the smallest one. Left: a GAT layer "
        "on a fixed number of nodes. Right: attention between all pairs, and over 8 neighbours "
        "each.",
        "Time against edges and against nodes on logarithmic axes.",
        drawing,
    )
