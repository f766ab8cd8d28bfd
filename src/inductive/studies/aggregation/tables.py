"""Tables of the aggregation study."""

import numpy as np
import pandas as pd

from inductive.analysis.results import Results, plus_minus
from inductive.report.elements import Table
from inductive.studies.aggregation.names import LABELS, SYMBOL, aggregator_name, own_parameter


def tables(results: Results) -> list[Table]:
    """Accuracy of every aggregator, final values of learnt ones, and the limits."""
    return [_accuracy_table(results), _learnt_table(results), _limits_table(results)]


def _accuracy_table(results: Results) -> Table:
    rows, data = [], []
    for run in results.runs:
        labels = run.labels
        if labels["task"] == "limits":
            continue
        where = {k: labels[k] for k in LABELS}
        best, last = (
            results.accuracy(**where, split="test", selection=s) for s in ("best", "last")
        )
        name = aggregator_name(labels)
        shown = f"learnt from {name}" if labels["learnt"] == "learnt" else name
        rows.append([labels["task"], labels["family"], shown, plus_minus(best), plus_minus(last)])
        if best:
            data.append((*where.values(), best.mean, best.low, best.high, best.sd, best.n))
    return Table(
        "accuracy",
        "Test accuracy by aggregator",
        f"In %, mean ± 95 % confidence interval over {results.seed_counts}. The tasks "
        "neighbourhoods-x ask whether the x over a node and its neighbours is large: there the "
        "aggregator x is correct and, followed by a threshold, makes no error.",
        ["task", "family", "aggregator", "best epoch", "last epoch"],
        rows,
        pd.DataFrame(data, columns=[*LABELS, "mean", "low", "high", "sd", "n"]),
    )


def _learnt_table(results: Results) -> Table:
    rows, data = [], []
    for run in results.runs:
        labels = run.labels
        if labels["learnt"] != "learnt":
            continue
        where = {k: labels[k] for k in ("task", "family", "parameter", "learnt")}
        own = own_parameter(labels["family"])
        layers = results.select(own, **where, selection="last", layer="any")["layer"]
        for layer in map(int, dict.fromkeys(layers)):
            estimates = [
                results.estimate(metric, **where, selection="last", layer=layer)
                for metric in (own, "exponent")
            ]
            shown = [plus_minus(e, 2) for e in estimates]
            start = f"{SYMBOL[labels['family']]} = {float(labels['parameter']):g}, η = 0"
            rows.append([labels["task"], labels["family"], start, str(layer), *shown])
            data.append((*where.values(), layer, *(e.mean if e else np.nan for e in estimates)))
    return Table(
        "learnt",
        "Final values of learnt aggregators",
        "λ of the softmax family or q of the power mean, and η, after the last epoch; mean ± 95 % "
        "interval over seeds. λ = 0 and q = 1 are the mean, large values approach the max, large "
        "negative ones the min; η = 1 makes a mean a sum.",
        ["task", "family", "started at", "layer", "λ or q", "η"],
        rows,
        pd.DataFrame(
            data, columns=["task", "family", "start", "learnt", "layer", "parameter", "exponent"]
        ),
    )


def _limits_table(results: Results) -> Table:
    frame = results.measurements
    exact = frame["inverse_temperature"].isna() & frame["power"].isna()
    rows = [
        [str(metric), f"{group['value'].max():.1e}"]
        for metric, group in frame[(frame["task"] == "limits") & exact].groupby(
            "metric", sort=False
        )
    ]
    return Table(
        "limits",
        "Identities",
        "Largest error over random neighbourhoods and seeds, in double precision, relative to the "
        "exact value.",
        ["identity", "largest error"],
        rows,
        pd.DataFrame(rows, columns=["identity", "error"]),
    )
