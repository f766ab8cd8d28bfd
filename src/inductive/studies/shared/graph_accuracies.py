"""Accuracies of trained node classifiers, on one graph and on tissues."""

from functools import cache

import numpy as np
import torch

from inductive.data.graph import Graph
from inductive.data.tissues import EMBRYO_SAC, Tissues
from inductive.studies.shared.graph_tasks import Split, split_of
from inductive.studies.shared.many_graphs import LabelledGraph, ManyGraphsTask, split_ensemble
from inductive.studies.shared.node_accuracy import node_accuracy
from inductive.studies.shared.whole_graph import WholeGraphTask
from inductive.training.ensemble import Ensemble
from inductive.training.measurements import MeasurementTable


def add_accuracies(
    table: MeasurementTable,
    task: WholeGraphTask | ManyGraphsTask,
    split: Split,
    data: Graph | Tissues,
    trained: dict[str, Ensemble],
    device: torch.device,
) -> None:
    """Accuracy on every part of the split; of tissues also the published measures."""
    for selection, ensemble in trained.items():
        if isinstance(data, Tissues):
            _add_specimens(table, split, data, selection, ensemble, device)
            continue
        assert isinstance(task, WholeGraphTask)
        predicted = ensemble(task.graph).argmax(-1).cpu().numpy()
        splits = [split_of(split, data, seed) for seed in ensemble.seeds]
        for part in splits[0]:
            shares = [
                node_accuracy(classes, data.labels, nodes[part])
                for classes, nodes in zip(predicted, splits, strict=True)
            ]
            table.add(shares, "accuracy", selection=selection, split=part)


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
        values: dict[str, list[float]] = {}
        for i, single in enumerate(split_ensemble(ensemble)):
            accuracies, spreads = [], []
            for specimen in splits[i][part].tolist():
                item = graph(specimen)
                scores = single(item.graph)[0]
                spreads.append(float(scores.log_softmax(1).std()))
                predicted = scores[item.known].argmax(1).cpu().numpy()
                accuracies.append(specimen_accuracy(predicted, item.labels.cpu().numpy()))
            mean, sd = np.nanmean(accuracies, axis=0), np.nanstd(accuracies, axis=0)
            for name, value in [
                ("accuracy", mean[0]),
                ("class accuracy", mean[1]),
                ("accuracy, sd over specimens", sd[0]),
                ("class accuracy, sd over specimens", sd[1]),
                ("std of log-probabilities", np.mean(spreads)),
            ]:
                values.setdefault(name, []).append(float(value))
        for name, of_seeds in values.items():
            table.add(of_seeds, name, selection=selection, split=part)


def specimen_accuracy(predicted: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Accuracy over all nodes, and the mean of the accuracies of the classes that occur in `labels`
    but for the embryo sac (NaN where there is no other). Classes are (n,) each."""
    right = predicted == labels
    present = [c for c in np.unique(labels) if c != EMBRYO_SAC]
    by_class = [right[labels == c].mean() for c in present]
    return float(right.mean()), float(np.mean(by_class)) if by_class else float("nan")
