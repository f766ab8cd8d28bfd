"""Tables of the oversmoothing study."""

from typing import Any

import numpy as np
import pandas as pd

from inductive.analysis.results import Results, plus_minus
from inductive.report.elements import Table

REMEDIES = (
    "self, a separate linear map of the node's own features beside that of its neighbours' mean; "
    "residual, the input of a layer added to its output; pair-norm and batch-norm after every "
    "layer; he, initial weights times √2; he-unregularised, the same without dropout and weight "
    "decay; gcnii, the first layer mixed into every later one and weights near the identity"
)
NAMES = {"celltypegraph": "tissue cells", "cora": "citation graph"}
"""Value of the label `graph` -> its name for readers."""


def depths_of(results: Results, graph: str, remedy: str) -> list[int]:
    """The depths that a remedy was run at on a graph, ascending."""
    where = {"graph": graph, "remedy": remedy}.items()
    return sorted(int(run.labels["depth"]) for run in results.runs if where <= run.labels.items())


def published_for(results: Results, graph: str) -> dict[str, Any]:
    """Published values for a graph; none for a user's own graph."""
    kinds = {run.data.kind for run in results.runs if run.labels["graph"] == graph}
    figures: dict[str, Any] = results.published.get(graph, {})
    return {} if kinds == {"own"} else figures


def tables(results: Results) -> list[Table]:
    """Accuracy by depth and remedy with published values; the course's table for tissues."""
    all_tables = [_accuracy_table(results)]
    if "celltypegraph" in results.labels("graph"):
        all_tables.append(_tissue_table(results))
    return all_tables


def _accuracy_table(results: Results) -> Table:
    rows, data = [], []
    for graph in results.labels("graph"):
        published = published_for(results, graph).get("accuracy", {})
        for remedy in results.labels("remedy"):
            for depth in depths_of(results, graph, remedy):
                where = {"graph": graph, "remedy": remedy, "depth": depth, "split": "test"}
                best = results.accuracy(**where, selection="best")
                last = results.accuracy(**where, selection="last")
                known = published.get(remedy, {}).get(depth)
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
    source = results.published["cora"]["source"]
    columns = ["graph", "remedy", "depth", "selection", "mean", "low", "high", "sd", "n"]
    return Table(
        "accuracy",
        "Test accuracy by depth and remedy",
        f"In %, mean ± 95 % confidence interval over {results.seed_counts}. Depth is "
        "the number of graph convolutions. Best: the epoch with the lowest validation loss; last: "
        f"the last epoch. Remedies: {REMEDIES}. Published, on the real Cora: {source}. Users of "
        "that code report 16 % for 8 layers with its settings for two "
        "(github.com/DropEdge/DropEdge, issue 8). The gain of he and he-unregularised over the "
        "plain network shows how much its initial weights and its regularisation cost.",
        ["graph", "remedy", "depth", "best epoch", "last epoch", "published"],
        rows,
        pd.DataFrame(data, columns=columns),
    )


TISSUE_METRICS = (
    "accuracy",
    "class accuracy",
    "accuracy, sd over specimens",
    "std of log-probabilities",
)


def _tissue_table(results: Results) -> Table:
    rows, data = [], []
    published = published_for(results, "celltypegraph")
    for remedy in results.labels("remedy"):
        for depth in depths_of(results, "celltypegraph", remedy):
            where = {"graph": "celltypegraph", "remedy": remedy, "depth": depth}
            where |= {"split": "validation", "selection": "last"}
            estimates = [results.estimate(metric, **where) for metric in TISSUE_METRICS]
            final = _final_loss(results, remedy, depth)
            course = published.get("course", {}).get(depth, {}) if remedy == "none" else {}
            measures = ("accuracy", "class_accuracy", "std_log_softmax", "train_loss", "seconds")
            known = [course.get(measure) for measure in measures]
            shown = [f"{value:g}" if value is not None else "—" for value in known]
            rows.append([remedy, str(depth), *(plus_minus(e) for e in estimates), f"{final:.2f}"])
            rows[-1].append(" / ".join(shown))
            data.append((remedy, depth, *(e.mean if e else np.nan for e in estimates), final))
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
        "mean over classes without the embryo sac. Std of outputs is the course's measure, over "
        "all log-probabilities of a specimen: it mixes nodes with classes, so it does not show "
        "whether nodes are similar. Published: accuracy, class accuracy (%), that standard "
        "deviation, the last training loss and the seconds for 25 epochs, of one run on the real "
        "tissues.",
        [*columns, "published"],
        rows,
        pd.DataFrame(data, columns=columns),
    )


def _final_loss(results: Results, remedy: str, depth: int) -> float:
    """Mean over seeds of the training loss in the last epoch on tissues."""
    history = results.history
    losses = history[
        (history["graph"] == "celltypegraph")
        & (history["remedy"] == remedy)
        & (history["depth"] == depth)
        & (history["split"] == "train")
        & (history["metric"] == "loss")
    ]
    return float(losses[losses["epoch"] == losses["epoch"].max()]["value"].mean())
