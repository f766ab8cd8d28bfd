"""Accuracies of trained node classifiers, on one graph and on tissues."""

from functools import cache

import numpy as np
import torch

from inductive.data.graph import Graph
from inductive.data.tissues import EMBRYO_SAC, Tissues
from inductive.studies.shared.graph_tasks import Split, split_of
from inductive.studies.shared.many_graphs import LabelledGraph, ManyGraphsTask, split_ensemble
from inductive.studies.shared.node_accuracy import nodes_right
from inductive.studies.shared.outcomes import add_mean, note_examples
from inductive.studies.shared.whole_graph import WholeGraphTask
from inductive.training.ensemble import Ensemble
from inductive.training.measurements import MeasurementTable


def differs_by_seed(split: Split) -> bool:
    """Whether every seed has its own test nodes or specimens."""
    return bool(split["folds"]) if isinstance(split, dict) else split == "thirds"


def add_accuracies(
    table: MeasurementTable,
    task: WholeGraphTask | ManyGraphsTask,
    split: Split,
    data: Graph | Tissues,
    trained: dict[str, Ensemble],
    device: torch.device,
) -> None:
    """Accuracy on every part of the split; of tissues also the published measures."""
    if differs_by_seed(split):
        note_examples(table, split_of(split, data, 0))  # folds differ by a few specimens
    for selection, ensemble in trained.items():
        if isinstance(data, Tissues):
            _add_specimens(table, split, data, selection, ensemble, device)
            continue
        assert isinstance(task, WholeGraphTask)
        predicted = ensemble(task.graph).argmax(-1).cpu().numpy()
        splits = [split_of(split, data, seed) for seed in ensemble.seeds]
        for part in splits[0]:
            right = [
                nodes_right(classes, data.labels, nodes[part])
                for classes, nodes in zip(predicted, splits, strict=True)
            ]
            add_mean(
                table,
                np.stack(right),
                "accuracy",
                same=part != "train" and not differs_by_seed(split),
                selection=selection,
                split=part,
            )


def _add_specimens(
    table: MeasurementTable,
    split: Split,
    data: Tissues,
    selection: str,
    ensemble: Ensemble,
    device: torch.device,
) -> None:
    """Means and standard deviations over specimens, and the course's measure of smoothness."""
    graph = cache(lambda i: LabelledGraph(data, i, device))
    splits = [split_of(split, data, seed) for seed in ensemble.seeds]
    for part in splits[0]:
        by_seed, spreads = [], []
        for i, single in enumerate(split_ensemble(ensemble)):
            accuracies, deviations = [], []
            for specimen in splits[i][part].tolist():
                item = graph(specimen)
                scores = single(item.graph)[0]
                deviations.append(float(scores.log_softmax(1).std()))
                predicted = scores[item.known].argmax(1).cpu().numpy()
                accuracies.append(specimen_accuracy(predicted, item.labels.cpu().numpy()))
            by_seed.append(np.array(accuracies))  # (specimens, 2)
            spreads.append(float(np.mean(deviations)))
        same = part != "train" and not differs_by_seed(split)
        for i, name in enumerate(("accuracy", "class accuracy")):
            values = [rows[:, i] for rows in by_seed]
            _add_specimen_mean(table, values, name, same, selection, part)
            sds = [float(np.nanstd(own)) for own in values]
            table.add(sds, f"{name}, sd over specimens", selection=selection, split=part)
        table.add(spreads, "std of log-probabilities", selection=selection, split=part)


def _add_specimen_mean(
    table: MeasurementTable,
    values: list[np.ndarray],
    metric: str,
    same: bool,
    selection: str,
    part: str,
) -> None:
    """The mean over each seed's specimens for which a value is defined, which depends on their
    labels alone."""
    if same and np.isfinite(values[0]).any():
        outcomes = np.stack(values)[:, np.isfinite(values[0])]
        table.add_outcomes(outcomes, metric, selection=selection, split=part)
    else:
        means = [float(np.nanmean(own)) for own in values]
        table.add(means, metric, selection=selection, split=part)


def specimen_accuracy(predicted: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Accuracy over all nodes, and the mean of the accuracies of the classes that occur in `labels`
    but for the embryo sac (NaN where there is no other). Classes are (n,) each."""
    right = predicted == labels
    present = [c for c in np.unique(labels) if c != EMBRYO_SAC]
    by_class = [right[labels == c].mean() for c in present]
    return float(right.mean()), float(np.mean(by_class)) if by_class else float("nan")
