"""The measurements of the trained networks of the oversmoothing study."""

import math
import time

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
from inductive.studies.oversmoothing.task import Training, task
from inductive.studies.shared.graph_accuracies import add_accuracies
from inductive.studies.shared.many_graphs import ManyGraphsTask
from inductive.studies.shared.node_task import Probe
from inductive.studies.shared.whole_graph import WholeGraphTask
from inductive.training.ensemble import Ensemble
from inductive.training.measurements import MeasurementTable

REPEATS = 5
"""Timed passes, of which the median counts."""


def evaluate(
    run: Run, data: Graph | Tissues, trained: dict[str, Ensemble], device: torch.device
) -> MeasurementTable:
    """Accuracy, every layer's output before and after training, and the time of a step."""
    training = Training(**run.training)
    table = MeasurementTable(run.seeds)
    node_task = task(run, data, device)
    add_accuracies(table, node_task, training.split, data, trained, device)
    initial = Ensemble.initialise(node_task.build, run.seeds, device)
    for selection, ensemble in [("initial", initial), ("last", trained["last"])]:
        rows = []
        for i, seed in enumerate(run.seeds):
            by_graph = [_layer_metrics(ensemble.select(i), p) for p in node_task.probes(seed)]
            rows.append({key: sum(m[key] for m in by_graph) / len(by_graph) for key in by_graph[0]})
        for metric, layer in rows[0]:
            values = [row[metric, layer] for row in rows]
            table.add(values, metric, selection=selection, layer=layer)
    _add_times(table, node_task, trained["last"], training.depth)
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


def _add_times(
    table: MeasurementTable,
    node_task: WholeGraphTask | ManyGraphsTask,
    ensemble: Ensemble,
    depth: int,
) -> None:
    """The time of a forward and backward pass; it differs from one measurement to the next."""
    seconds = []
    for i, seed in enumerate(ensemble.seeds):
        graph, nodes, labels = node_task.probes(seed)[0]
        times = []
        for _ in range(REPEATS):
            begun = time.perf_counter()
            with torch.enable_grad():
                scores = ensemble.select(i).trainable()(graph)[0]
                torch.autograd.backward(F.cross_entropy(scores[nodes], labels))
            float(scores[0, 0])  # waits for a GPU
            times.append(time.perf_counter() - begun)
        seconds.append(sorted(times)[REPEATS // 2])
    table.add([1000 * s for s in seconds], "milliseconds per step")
    table.add([math.log2(1000 * s / depth) for s in seconds], "log2 milliseconds per layer")
