"""Tables and figures of the gradients study."""

import pandas as pd

from inductive.report import plotting
from inductive.report.elements import Figure, Table
from inductive.report.results import Results, plus_minus


def _named(results: Results, part: str, beginning: str) -> list[str]:
    metrics = dict.fromkeys(results.select(part=part)["metric"])
    return [metric for metric in metrics if metric.startswith(beginning)]


def _pairs(results: Results) -> list[tuple[str, str, str, str]]:
    """Part, axis, the measured metric and its bound."""
    chains = _named(results, "chains", "log10 of the largest")
    pairs = [("chains", "depth", "largest |f'|, unit weights", "bound, unit weights")]
    pairs += [("chains", "depth", m, m.replace("largest |f'|", "bound")) for m in chains]
    singular = _named(results, "recurrent", "log10 σ_max")
    return pairs + [("recurrent", "n", m, "log10 of the bound") for m in singular]


def tables(results: Results) -> list[Table]:
    """Measured and bound, at the ends and in the middle; at every depth in the CSV."""
    rows, data = [], []
    for part, axis, metric, bound in _pairs(results):
        places = results.sweep(axis, metric, scale=1, part=part)["at"].tolist()
        for at in places:
            found = [results.estimate(m, axis, part=part, at=f"{at:g}") for m in (metric, bound)]
            if at in (places[0], places[len(places) // 2], places[-1]):
                rows.append([metric, f"{axis} {at:g}", *(plus_minus(e, 3) for e in found)])
            data.append((metric, axis, at, *(e.mean if e else None for e in found)))
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
    for k, metric in enumerate(
        ["largest |f'|, unit weights", "share of inputs without gradient, unit weights"]
    ):
        points = results.sweep("depth", metric, scale=1, part="chains")
        plotting.band(left, points, metric.removesuffix(", unit weights"), k, limits=plotting.SHARE)
    left.set_ylim(-0.05, 1.35)  # room for the legend
    left.set_yticks([0, 0.25, 0.5, 0.75, 1])
    left.set_title("unit weights", fontsize=10)
    left.legend(fontsize=8)
    for k, metric in enumerate(_named(results, "chains", "log10 of the largest")):
        points = results.sweep("depth", metric, scale=1, part="chains")
        bound = metric.replace("largest |f'|", "bound")
        limits = results.sweep("depth", bound, scale=1, part="chains")
        plotting.band(right, points, metric.split(", ")[1], k)
        right.plot(limits["at"], limits["mean"], "_", color=plotting.INK, markersize=14)
    right.set_ylabel("log10 of the largest |f'|")
    right.set_title("other weights", fontsize=10)
    right.legend(fontsize=8)
    for ax in (left, right):
        ax.set_xlabel("layers")
    return Figure(
        "chains",
        "Chains of ReLU units",
        "Left: with unit weights no derivative is above 1, and those of inputs that a unit has cut "
        "off are 0. Right: with other weights the largest derivative is the product of the weights "
        "(dashes: the bound ∏|w|), so it vanishes or explodes with depth as that product does.",
        "Two panels against depth: derivatives with unit weights, and with other weights.",
        drawing,
    )


def _recurrent(results: Results) -> Figure:
    drawing, (ax,) = plotting.axes(1, height=3.2)
    for k, metric in enumerate(_named(results, "recurrent", "log10 σ_max")):
        points = results.sweep("n", metric, scale=1, part="recurrent")
        plotting.band(ax, points, metric.split(", ")[1], k)
    limits = results.sweep("n", "log10 of the bound", scale=1, part="recurrent")
    ax.plot(limits["at"], limits["mean"], "--", color=plotting.INK, label="bound (1/16)^(n-1)")
    ax.set_xlabel("n")
    ax.set_ylabel("log10 σ_max(dx_n / dx_1)")
    ax.legend(fontsize=8)
    return Figure(
        "recurrent",
        "A sigmoid recurrent network",
        "Largest singular value of the Jacobian from step 1 to step n where that of W is 1/4, the "
        "largest over starting points, mean and 95 % interval over seeds: every step loses a "
        "factor of 16, a quarter from W and a quarter from the sigmoid's steepest slope, or more.",
        "Logarithm of the largest singular value against n, a line for each width, and the bound.",
        drawing,
    )
