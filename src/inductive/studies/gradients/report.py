"""Tables and figures of the gradients study."""

from typing import Any, NamedTuple

import pandas as pd

from inductive.analysis.results import Results, plus_minus
from inductive.report import figures as plotting
from inductive.report.elements import Figure, Table
from inductive.studies.shared.analytic_plan import part_settings

UNIT, DEAD = "largest |f'|, unit weights", "share of inputs without gradient, unit weights"
CHAIN, JACOBIAN = "log10 of the largest |f'|", "log10 σ_max of the Jacobian"
BOUND = "log10 of the bound"
SYMBOLS = {"depth": "depth", "steps": "n"}
"""The symbol of a coordinate in tables."""


class _Quantity(NamedTuple):
    """A measured quantity and its bound along one coordinate, as selectors of `Results`."""

    name: str
    coordinate: str
    measured: dict[str, Any]
    bound: dict[str, Any]


def _quantities(results: Results) -> list[_Quantity]:
    chains, recurrent = {"part": "chains"}, {"part": "recurrent"}
    bound = {"metric": "bound, unit weights"} | chains
    quantities = [_Quantity(UNIT, "depth", {"metric": UNIT} | chains, bound)]
    for scale in part_settings(results.runs, "chains")["scales"]:
        where = chains | {"scale": scale}
        name = f"{CHAIN}, {_weights(scale)}"
        measured, bound = {"metric": CHAIN} | where, {"metric": BOUND} | where
        quantities.append(_Quantity(name, "depth", measured, bound))
    for width in part_settings(results.runs, "recurrent")["widths"]:
        measured = {"metric": JACOBIAN, "width": width} | recurrent
        name = f"{JACOBIAN}, width {width}"
        quantities.append(_Quantity(name, "steps", measured, {"metric": BOUND} | recurrent))
    return quantities


def _weights(scale: float) -> str:
    return f"weights about {scale:g}"


def tables(results: Results) -> list[Table]:
    """Measured and bound, at the ends and in the middle; at every depth in the CSV."""
    rows, data = [], []
    for q in _quantities(results):
        symbol = SYMBOLS[q.coordinate]
        points = results.sweep(q.coordinate, **q.measured)["at"].tolist()
        shown = (points[0], points[len(points) // 2], points[-1])
        for at in points:
            position = {q.coordinate: at}
            estimates = [
                results.estimate(**q.measured, **position),
                results.estimate(**q.bound, **position),
            ]
            if at in shown:
                rows.append([q.name, f"{symbol} {at:g}", *(plus_minus(e, 3) for e in estimates)])
            data.append((q.name, symbol, at, *(e.mean if e else None for e in estimates)))
    return [
        Table(
            "bounds",
            "Measured derivatives and their bounds",
            "Mean ± 95 % interval over seeds, in double precision; each the largest over inputs.",
            ["quantity", "at", "measured", "bound"],
            rows,
            pd.DataFrame(data, columns=["metric", "axis", "at", "measured", "bound"]),
        )
    ]


def figures(results: Results) -> list[Figure]:
    """Chains and the recurrent network."""
    return [_chains(results), _recurrent(results)]


def _chains(results: Results) -> Figure:
    drawing, (left, right) = plotting.axes(2, height=3.2)
    for k, metric in enumerate([UNIT, DEAD]):
        points = results.sweep("depth", metric, part="chains")
        plotting.band(left, points, metric.removesuffix(", unit weights"), k, limits=plotting.SHARE)
    left.set_ylim(-0.05, 1.35)  # room for the legend
    left.set_yticks([0, 0.25, 0.5, 0.75, 1])
    left.set_title("unit weights", fontsize=10)
    left.legend(fontsize=8)
    for k, scale in enumerate(part_settings(results.runs, "chains")["scales"]):
        points = results.sweep("depth", CHAIN, part="chains", scale=scale)
        bounds = results.sweep("depth", BOUND, part="chains", scale=scale)
        plotting.band(right, points, _weights(scale), k)
        right.plot(bounds["at"], bounds["mean"], "_", color=plotting.INK, markersize=14)
    right.set_ylabel("log10 of the largest |f'|")
    right.set_title("other weights", fontsize=10)
    right.legend(fontsize=8)
    for ax in (left, right):
        ax.set_xlabel("layers")
    return Figure(
        "chains",
        "Chains of ReLU units",
        "Left: with unit weights no derivative is above 1, and the derivative is 0 where a unit is "
        "inactive. Right: with other weights the largest derivative is the product of the weights "
        "(dashes: the bound ∏|w|), so it vanishes or explodes with depth as that product does.",
        "Two panels against depth: derivatives with unit weights, and with other weights.",
        drawing,
    )


def _recurrent(results: Results) -> Figure:
    drawing, (ax,) = plotting.axes(1, height=3.2)
    settings = part_settings(results.runs, "recurrent")
    largest = settings["largest"]
    for k, width in enumerate(settings["widths"]):
        points = results.sweep("steps", JACOBIAN, part="recurrent", width=width)
        plotting.band(ax, points, f"width {width}", k)
    bounds = results.sweep("steps", BOUND, part="recurrent")
    ax.plot(
        bounds["at"], bounds["mean"], "--", color=plotting.INK, label=f"bound ({largest:g}/4)^(n-1)"
    )
    ax.set_xlabel("n")
    ax.set_ylabel("log10 σ_max(dx_n / dx_1)")
    ax.legend(fontsize=8)
    return Figure(
        "recurrent",
        "A sigmoid recurrent network",
        f"Largest singular value of the Jacobian from step 1 to step n where that of W is "
        f"{largest:g}, the largest over starting points, mean and 95 % interval over seeds. Every "
        f"step multiplies it by at most {largest:g} (from W) times 1/4 (the sigmoid's largest "
        "slope).",
        "Logarithm of the largest singular value against n, one line per width, and the bound.",
        drawing,
    )
