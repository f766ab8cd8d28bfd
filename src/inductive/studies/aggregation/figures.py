"""Figures of the aggregation study."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from inductive.analysis.results import Results
from inductive.report import figures as plotting
from inductive.report.elements import Figure
from inductive.studies.aggregation.families import PARAMETER
from inductive.studies.aggregation.names import (
    LABELS,
    SYMBOL,
    aggregator_name,
    own_parameter,
    trained_tasks,
)

EXPONENTS = {
    0.0: "η = 0 ignores the number of neighbours",
    1.0: "η = 1 multiplies by the number of neighbours",
}


def figures(results: Results) -> list[Figure]:
    """The approach to the limits, accuracy on the grid, final values of learnt parameters."""
    drawn = [_limits(results)]
    tasks = trained_tasks(results)
    known = [task for task in tasks if task.startswith("neighbourhoods")]
    if known:
        drawn.append(_known(results, known))
    fixed = {r.labels["task"] for r in results.runs if r.labels["learnt"] == "fixed"}
    drawn += [_grid(results, task) for task in tasks if task in fixed and task not in known]
    if "learnt" in results.labels("learnt"):
        drawn.append(_learnt(results))
    return drawn


def _limits(results: Results) -> Figure:
    drawing, axes = plotting.axes(3, height=3.0)
    panels = [
        (("softmax - max", "softmax - min"), "inverse_temperature", "|λ|"),
        (("power mean - max", "power mean - min"), "power", "|q|"),
        (("softmax - mean", "log-sum-exp - mean"), "inverse_temperature", "|λ|"),
    ]
    for ax, (metrics, coordinate, label) in zip(axes, panels, strict=True):
        ax.set_xscale("log")
        ax.set_yscale("log")
        for k, metric in enumerate(metrics):
            points = results.sweep(coordinate, metric, task="limits")
            points = points.assign(at=points["at"].abs())
            points = points[np.isfinite(points["at"]) & (points["at"] > 0) & (points["mean"] > 0)]
            plotting.band(ax, points.sort_values("at"), metric, k, limits=plotting.POSITIVE)
        ax.set_xlabel(label)
        ax.legend(fontsize=7)
    axes[2].invert_xaxis()  # the limit of the mean is at 0
    axes[0].set_ylabel("largest error")
    return Figure(
        "limits",
        "Convergence to the limits",
        "Largest error over random neighbourhoods against the parameter, mean and 95 % interval "
        "over seeds; at ±∞ and at 0 the limits have their own formulas, and the error is rounding. "
        "Right: as λ falls to 0 the softmax average becomes the mean, but log-sum-exp / λ, whose "
        "limit a source uses in its argument, grows without bound (log n / λ): the conclusion "
        "holds, but this step of the argument does not.",
        "Three panels of error against λ or q: towards max and min, and towards the mean.",
        drawing,
    )


def _known(results: Results, tasks: list[str]) -> Figure:
    width = max(7.2, 2.2 * len(tasks))
    drawing, axes = plotting.axes(len(tasks), width=width, height=3.4, sharey=True)

    def row_name(labels: dict[str, str]) -> str:
        learnt = labels["learnt"] == "learnt"
        return f"learnt, {labels['family']}" if learnt else aggregator_name(labels)

    shown = [run.labels for run in results.runs if run.labels["task"] in tasks]
    order = list(dict.fromkeys(map(row_name, shown)))
    for ax, task in zip(axes, tasks, strict=True):
        for labels in shown:
            if labels["task"] != task:
                continue
            where = {k: labels[k] for k in LABELS}
            learnt = labels["learnt"] == "learnt"
            row = order.index(row_name(labels))
            e = results.accuracy(**where, split="test", selection="last")
            if e:
                ax.plot(e.mean, row, "D" if learnt else "o", color=plotting.COLOURS[learnt])
        ax.set_title(task.removeprefix("neighbourhoods-"), fontsize=10)
        ax.set_yticks(range(len(order)), order, fontsize=8)
        ax.set_xlim(45, 102)
    drawing.supxlabel("test accuracy (%)", fontsize=10)
    return Figure(
        "known",
        "Tasks with a known correct aggregator",
        "The task: is the mean, max, min or sum of the values around a node large? Mean test "
        "accuracy after the last epoch by aggregator; diamonds: λ or q and η learnt. The correct "
        "aggregator can reach 100 %; the best constant prediction has 50 %.",
        "Panels, one for each correct aggregator, of accuracy by the aggregator used.",
        drawing,
    )


def _grid(results: Results, task: str) -> Figure:
    where = {"task": task, "learnt": "fixed", "split": "test", "selection": "best"}
    rows_of = {f: results.select("accuracy", **where, family=f) for f in PARAMETER}
    families = [family for family, rows in rows_of.items() if len(rows)]
    columns = {f: sorted(set(rows_of[f]["parameter"]), key=float) for f in families}
    exponents = sorted({e for f in families for e in rows_of[f]["exponent"]}, key=float)
    counts = [len(values) for values in columns.values()]
    # The size follows from the number of cells: few cells do not fill the whole width.
    width = min(7.2, 1.6 * len(families) + 0.7 * sum(counts))
    drawing, axes = plotting.axes(
        len(families), width=width, height=1.0 + 0.5 * len(exponents), width_ratios=counts
    )
    for ax, (family, values) in zip(axes, columns.items(), strict=True):
        means = np.full((len(exponents), len(values)), np.nan)
        for (exponent, value), group in rows_of[family].groupby(["exponent", "parameter"]):
            means[exponents.index(exponent), values.index(value)] = 100 * group["value"].mean()
        plotting.heat_map(
            ax, means, [f"{float(e):g}" for e in exponents], values, f"{family} family"
        )
        ax.set_xlabel(f"{SYMBOL[family]}")
        ax.set_ylabel("η")
    return Figure(
        f"grid-{task}",
        f"Every fixed aggregator: {task}",
        "Mean test accuracy (%) over seeds at the epoch with the lowest validation loss. "
        + "; ".join(EXPONENTS[float(e)] for e in exponents if float(e) in EXPONENTS)
        + ".",
        "Accuracy by the parameter and the size exponent, a heat map for each family.",
        drawing,
    )


def _learnt(results: Results) -> Figure:
    drawing, axes = plotting.axes(2, height=3.6)
    for ax, family in zip(axes, PARAMETER, strict=True):
        for k, task in enumerate(trained_tasks(results)):
            where = {"task": task, "family": family, "learnt": "learnt", "selection": "last"}
            x, y = (
                results.select(metric, **where, layer="any")["value"].to_numpy()
                for metric in (own_parameter(family), "exponent")
            )
            if len(x):
                colour, marker = plotting.COLOURS[k % 7], plotting.MARKERS[k % 7]
                ax.plot(x, y, marker, color=colour, alpha=0.6, markersize=4, label=task)
        labels = pd.DataFrame([run.labels for run in results.runs])
        learnt = labels[(labels["learnt"] == "learnt") & (labels["family"] == family)]
        for start in learnt["parameter"].unique():
            ax.plot(float(start), 0, "+", color=plotting.INK, markersize=12)
        _parameter_axis(ax)
        ax.set_xlabel(f"{SYMBOL[family]} learnt")
        ax.set_title(f"{family} family", fontsize=10)
    axes[0].set_ylabel("η learnt")
    plotting.legend(drawing, axes, columns=3)
    return Figure(
        "learnt",
        "Final values of learnt parameters",
        "One point per seed and layer after the last epoch; crosses: starting points. Large values "
        "on the horizontal axis approach the max, large negative ones the min; λ = 0 and q = 1 are "
        "the mean, and with η = 1 the sum.",
        "Two panels of points: the learnt parameter against the learnt size exponent, by task.",
        drawing,
    )


def _parameter_axis(ax: Axes) -> None:
    """A logarithmic axis in both directions, linear around 0."""
    ax.set_xscale("symlog", linthresh=2)
    low, high = ax.get_xlim()
    low, high = min(low, -2.5), max(high, 2.5)
    ax.set_xlim(low, high)
    ticks = [t for t in (-1000, -100, -10, -2, 0, 2, 10, 100, 1000) if low <= t <= high]
    ax.set_xticks(ticks, [str(t) for t in ticks])
