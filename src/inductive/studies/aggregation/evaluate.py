"""The measurements of the aggregation study: trained networks, and limits of the aggregators."""

import torch

from inductive.core.run import Run
from inductive.data.graph import Graph
from inductive.data.tissues import Tissues
from inductive.studies.aggregation.limits import limit_errors
from inductive.studies.aggregation.task import Training, task
from inductive.studies.shared.analytic import measured
from inductive.studies.shared.graph_accuracies import add_accuracies
from inductive.training.ensemble import Ensemble
from inductive.training.measurements import MeasurementTable


def evaluate(
    run: Run, data: Graph | Tissues, trained: dict[str, Ensemble], device: torch.device
) -> MeasurementTable:
    """Accuracy on every part, and the final values of learnt parameters by layer."""
    table = MeasurementTable(run.seeds)
    split = Training(**run.training).split
    add_accuracies(table, task(run, data, device), split, data, trained, device)
    for selection, ensemble in trained.items():
        for name, values in ensemble.parameters.items():
            owner, _, quantity = name.rpartition(".")
            if owner.endswith("aggregator"):
                layer = int(owner.split(".")[1]) + 1 if owner.startswith("layers") else 1
                metric = quantity.replace("_", " ")
                table.add(values, metric, selection=selection, layer=layer)
    return table


def measure(run: Run, device: torch.device) -> MeasurementTable:
    """Largest errors of every limit on random neighbourhoods, on the CPU."""
    return measured(run, limit_errors)
