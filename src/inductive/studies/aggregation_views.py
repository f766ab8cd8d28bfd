"""Tables and figures of the aggregation study."""

import math

import numpy as np
import pandas as pd

from inductive.report import plotting
from inductive.report.elements import Figure, Table
from inductive.report.results import Results, plus_minus
from inductive.studies.aggregation import PARAMETER, SYMBOL

# What a point of the two families is called; η is 0 but for the sum.
KNOWN = {
    ("softmax", 0.0): "mean",
    ("softmax", math.inf): "max",
    ("softmax", -math.inf): "min",
    ("power", 0.0): "geometric mean",
    ("power", 1.0): "mean",
    ("power", math.inf): "max",
    ("power", -math.inf): "min",
}

EXPONENTS = {
    0.0: "η = 0 leaves the number of neighbours out",
    1.0: "η = 1 multiplies by the number of neighbours",
}


def _name(family: str, parameter: str, exponent: str) -> str:
    value, eta = float(parameter), float(exponent)
    shown = {math.inf: "∞", -math.inf: "-∞"}.get(value, f"{value:g}")
    known = KNOWN.get((family, value))
    if known == "mean" and eta == 1:
        known = "sum"
    elif known and eta:
        known = f"{known} · n^{eta:g}"
    plain = f"{SYMBOL[family]} = {shown}, η = {eta:g}"
    return f"{known} ({plain})" if known else plain


def _tasks(results: Results) -> list[str]:
    return [task for task in results.labels("task") if task != "limits"]


def tables(results: Results) -> list[Table]:
    """Accuracy of every aggregator, where learnt ones ended, and the limits."""
    return [_accuracy_table(results), _learnt_table(results), _limits_table(results)]


def _accuracy_table(results: Results) -> Table:
    rows, data = [], []
    for run in results.runs:
        label = run.labels
        if label["task"] == "limits":
            continue
        where = {k: label[k] for k in ("task", "family", "parameter", "exponent", "learnt")}
        found = [results.accuracy(**where, split="test", selection=s) for s in ("best", "last")]
        name = _name(label["family"], label["parameter"], label["exponent"])
        shown = f"learnt from {name}" if label["learnt"] == "learnt" else name
        rows.append([label["task"], label["family"], shown, *(plus_minus(e) for e in found)])
        best = found[0]
        if best:
            data.append((*where.values(), best.mean, best.low, best.high, best.sd, best.n))
    columns = [
        "task",
        "family",
        "parameter",
        "exponent",
        "learnt",
        "mean",
        "low",
        "high",
        "sd",
        "n",
    ]
    return Table(
        "accuracy",
        "Test accuracy by aggregator",
        f"In %, mean ± 95 % confidence interval over {len(results.runs[0].seeds)} seeds. The tasks "
        "neighbourhoods-x ask whether the x of a node and its neighbours is large: there the "
        "aggregator x is right, and with a threshold behind it makes no mistake.",
        ["task", "family", "aggregator", "best epoch", "last epoch"],
        rows,
        pd.DataFrame(data, columns=columns),
    )


def _learnt_table(results: Results) -> Table:
    rows, data = [], []
    for run in results.runs:
        label = run.labels
        if label["learnt"] != "learnt":
            continue
        where = {k: label[k] for k in ("task", "family", "parameter", "learnt")}
        own = PARAMETER[label["family"]].replace("_", " ")
        layers = results.select(**where, selection="last", metric=own, axis="layer")["at"]
        for layer in dict.fromkeys(layers):
            at = {"axis": "layer", "at": layer, "selection": "last", **where}
            found = [results.estimate(metric, **at) for metric in (own, "exponent")]
            shown = [plus_minus(e, 2) for e in found]
            start = f"{SYMBOL[label['family']]} = {float(label['parameter']):g}, η = 0"
            rows.append([label["task"], label["family"], start, layer, *shown])
            data.append((*where.values(), layer, *(e.mean if e else np.nan for e in found)))
    return Table(
        "learnt",
        "Where learnt aggregators ended",
        "λ of the softmax family or q of the power mean, and η, after the last epoch; mean ± 95 % "
        "interval over seeds. λ = 0 and q = 1 are the mean, large ones the max, small ones the "
        "min; η = 1 makes a mean a sum.",
        ["task", "family", "started at", "layer", "λ or q", "η"],
        rows,
        pd.DataFrame(
            data, columns=["task", "family", "start", "learnt", "layer", "parameter", "exponent"]
        ),
    )


def _limits_table(results: Results) -> Table:
    rows = results.select(task="limits", axis="")
    found = [
        [str(metric), f"{group['value'].max():.1e}"]
        for metric, group in rows.groupby("metric", sort=False)
    ]
    return Table(
        "limits",
        "Identities",
        "Largest error over random neighbourhoods and seeds, in double precision, relative to the "
        "exact value.",
        ["identity", "largest error"],
        found,
        pd.DataFrame(found, columns=["identity", "error"]),
    )


def figures(results: Results) -> list[Figure]:
    """The way to the limits, accuracy on the grid, where learnt parameters went."""
    drawn = [_limits(results)]
    known = [task for task in _tasks(results) if task.startswith("neighbourhoods")]
    if known:
        drawn.append(_known(results, known))
    fixed = {r.labels["task"] for r in results.runs if r.labels["learnt"] == "fixed"}
    drawn += [_grid(results, t) for t in _tasks(results) if t in fixed and t not in known]
    if "learnt" in results.labels("learnt"):
        drawn.append(_paths(results))
    return drawn


def _limits(results: Results) -> Figure:
    drawing, axes = plotting.axes(3, height=3.0)
    for ax, (names, axis, flip) in zip(
        axes,
        [
            (("softmax - max", "softmax - min"), "λ", 1),
            (("power mean - max", "power mean - min"), "q", 1),
            (("softmax - mean", "log-sum-exp - mean"), "λ", -1),
        ],
        strict=True,
    ):
        ax.set_xscale("log")
        ax.set_yscale("log")
        for k, name in enumerate(names):
            points = results.sweep(axis, name, scale=1, task="limits")
            points = points.assign(at=points["at"].abs())
            points = points[np.isfinite(points["at"]) & (points["at"] > 0) & (points["mean"] > 0)]
            plotting.band(ax, points.sort_values("at"), name, k, limits=plotting.POSITIVE)
        ax.set_xlabel(f"|{axis}|")
        ax.legend(fontsize=7)
        if flip < 0:
            ax.invert_xaxis()
    axes[0].set_ylabel("largest error")
    return Figure(
        "limits",
        "On the way to the limits",
        "Largest error over random neighbourhoods against the parameter, mean and 95 % interval "
        "over seeds; at ±∞ and at 0 the limits' own formulas are used and the error is rounding. "
        "Right: as λ falls to 0 the softmax average becomes the mean, but log-sum-exp / λ, by "
        "whose limit a source argues, grows without bound (log n / λ): the conclusion holds, that "
        "step does not.",
        "Three panels of error against λ or q: towards max and min, and towards the mean.",
        drawing,
    )


def _known(results: Results, tasks: list[str]) -> Figure:
    drawing, axes = plotting.axes(
        len(tasks), width=max(7.2, 2.2 * len(tasks)), height=3.4, sharey=True
    )
    names: list[str] = []
    for run in results.runs:
        label = run.labels
        if label["task"] in tasks:
            name = _name(label["family"], label["parameter"], label["exponent"])
            names.append(f"learnt, {label['family']}" if label["learnt"] == "learnt" else name)
    order = list(dict.fromkeys(names))
    for ax, task in zip(axes, tasks, strict=True):
        for run in results.runs:
            label = run.labels
            if label["task"] != task:
                continue
            where = {k: label[k] for k in ("task", "family", "parameter", "exponent", "learnt")}
            learnt = label["learnt"] == "learnt"
            name = _name(label["family"], label["parameter"], label["exponent"])
            place = order.index(f"learnt, {label['family']}" if learnt else name)
            e = results.accuracy(**where, split="test", selection="last")
            if e:
                ax.plot(e.mean, place, "D" if learnt else "o", color=plotting.COLOURS[learnt])
        ax.set_title(task.removeprefix("neighbourhoods-"), fontsize=10)
        ax.set_yticks(range(len(order)), order, fontsize=8)
        ax.set_xlim(45, 102)
    drawing.supxlabel("test accuracy (%)", fontsize=10)
    return Figure(
        "known",
        "Tasks whose right aggregator is known",
        "Is the mean, max, min or sum of the numbers around a node large? Mean test accuracy after "
        "the last epoch by aggregator; diamonds: λ or q and η learnt. The right aggregator can "
        "reach 100 %; the best constant guess has 50 %.",
        "Panels, one for each right aggregator, of accuracy by the aggregator used.",
        drawing,
    )


def _grid(results: Results, task: str) -> Figure:
    chosen = {"task": task, "learnt": "fixed", "split": "test", "selection": "best"}
    rows_of = {f: results.select(**chosen, metric="accuracy", family=f) for f in PARAMETER}
    families = [family for family, rows in rows_of.items() if len(rows)]
    columns = {f: sorted(set(rows_of[f]["parameter"]), key=float) for f in families}
    exponents = sorted({e for f in families for e in rows_of[f]["exponent"]}, key=float)
    counts = [len(values) for values in columns.values()]
    # As large as its cells need, so that two of them do not fill a screen.
    width = min(7.2, 1.6 * len(families) + 0.7 * sum(counts))
    drawing, axes = plotting.axes(
        len(families), width=width, height=1.0 + 0.5 * len(exponents), width_ratios=counts
    )
    for ax, (family, values) in zip(axes, columns.items(), strict=True):
        rows = rows_of[family]
        means = np.full((len(exponents), len(values)), np.nan)
        for (exponent, value), group in rows.groupby(["exponent", "parameter"]):
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


def _paths(results: Results) -> Figure:
    drawing, axes = plotting.axes(2, height=3.6)
    for ax, family in zip(axes, PARAMETER, strict=True):
        own = PARAMETER[family].replace("_", " ")
        for k, task in enumerate(_tasks(results)):
            where = {"task": task, "family": family, "learnt": "learnt", "selection": "last"}
            x = results.select(**where, metric=own)["value"].to_numpy()
            y = results.select(**where, metric="exponent")["value"].to_numpy()
            if len(x):
                colour, marker = plotting.COLOURS[k % 7], plotting.MARKERS[k % 7]
                ax.plot(x, y, marker, color=colour, alpha=0.6, markersize=4, label=task)
        for start in {r.labels["parameter"] for r in results.runs if r.labels["family"] == family}:
            learnt = [r for r in results.runs if r.labels["learnt"] == "learnt"]
            if any((r.labels["family"], r.labels["parameter"]) == (family, start) for r in learnt):
                ax.plot(float(start), 0, "+", color=plotting.INK, markersize=12)
        ax.set_xscale("symlog", linthresh=2)
        low, high = ax.get_xlim()
        low, high = min(low, -2.5), max(high, 2.5)
        ax.set_xlim(low, high)
        ticks = [t for t in (-1000, -100, -10, -2, 0, 2, 10, 100, 1000) if low <= t <= high]
        ax.set_xticks(ticks, [str(t) for t in ticks])
        ax.set_xlabel(f"{SYMBOL[family]} learnt")
        ax.set_title(f"{family} family", fontsize=10)
    axes[0].set_ylabel("η learnt")
    plotting.legend(drawing, axes, columns=3)
    return Figure(
        "learnt",
        "Where learnt aggregators went",
        "One point a seed and layer after the last epoch; crosses: where they started. To the "
        "right lies the max, to the left the min, λ = 0 and q = 1 are the mean, and with η = 1 the "
        "sum.",
        "Two panels of points: the learnt parameter against the learnt size exponent, by task.",
        drawing,
    )
