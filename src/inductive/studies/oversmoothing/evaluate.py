"""The measurements of the trained networks of the oversmoothing study."""

import numpy as np
import torch
import torch.nn.functional as F

from inductive.core.run import Run
from inductive.data.graph import Graph
from inductive.data.tissues import Tissues
from inductive.studies.oversmoothing.smoothness import (
    dirichlet_energy,
    feature_std,
    mean_average_distance,
    root_mean_square,
)
from inductive.studies.oversmoothing.step_times import add_times
from inductive.studies.oversmoothing.task import Training, task
from inductive.studies.shared.graph_accuracies import add_accuracies, differs_by_seed
from inductive.studies.shared.many_graphs import ManyGraphsTask
from inductive.studies.shared.node_task import Probe
from inductive.studies.shared.whole_graph import WholeGraphTask
from inductive.training.ensemble import Ensemble
from inductive.training.measurements import MeasurementTable

COMPARED = ("feature std", "feature std, relative", "mean average distance")
"""Measures of a layer whose value for every specimen is kept."""


def evaluate(
    run: Run, data: Graph | Tissues, trained: dict[str, Ensemble], device: torch.device
) -> MeasurementTable:
    """Accuracy, every layer's output before and after training, and the time of a step."""
    training = Training(**run.training)
    table = MeasurementTable(run.seeds)
    node_task = task(run, data, device)
    add_accuracies(table, node_task, training.split, data, trained, device)
    # A tissue is measured on its validation specimens, a single graph as a whole.
    specimens = isinstance(data, Tissues) and not differs_by_seed(training.split)
    initial = Ensemble.initialise(node_task.build, run.seeds, device)
    for selection, ensemble in [("initial", initial), ("last", trained["last"])]:
        for (metric, layer), by_seed in _by_probe(node_task, ensemble).items():
            if specimens and metric in COMPARED:
                outcomes = np.array(by_seed)  # (S, specimens)
                table.add_outcomes(outcomes, metric, selection=selection, layer=layer)
            else:
                means = [sum(own) / len(own) for own in by_seed]
                table.add(means, metric, selection=selection, layer=layer)
    add_times(table, training, node_task, trained["last"], device)
    return table


def _layer_metrics(single: Ensemble, probe: Probe) -> dict[tuple[str, int], float]:
    """(metric, layer, counted from 1) -> value, for the network of one seed on one graph."""
    graph, nodes, labels = probe
    with torch.enable_grad():
        outputs = single.trainable().inspect(graph, "layer_outputs")
        loss = F.cross_entropy(outputs[-1][nodes], labels)
        gradients = torch.autograd.grad(loss, outputs)
    metrics = {}
    for layer, (output, gradient) in enumerate(zip(outputs, gradients, strict=True), start=1):
        h = output.detach()
        size = root_mean_square(h) or 1.0
        energy = dirichlet_energy(h, graph)
        std = feature_std(h)
        metrics["feature std", layer] = std
        metrics["feature std, relative", layer] = std / size
        metrics["Dirichlet energy", layer] = energy
        metrics["Dirichlet energy, relative", layer] = energy / (size**2 * h.numel())
        metrics["mean average distance", layer] = mean_average_distance(h)
        metrics["gradient norm", layer] = float(gradient.double().norm())
    return metrics


def _by_probe(
    node_task: WholeGraphTask | ManyGraphsTask, ensemble: Ensemble
) -> dict[tuple[str, int], list[list[float]]]:
    """(metric, layer) -> the values of each seed's network, by its graphs."""
    values: dict[tuple[str, int], list[list[float]]] = {}
    for i, seed in enumerate(ensemble.seeds):
        by_graph = [_layer_metrics(ensemble.select(i), p) for p in node_task.probes(seed)]
        for key in by_graph[0]:
            values.setdefault(key, []).append([m[key] for m in by_graph])
    return values
