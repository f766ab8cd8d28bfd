"""The measurements of the trained networks."""

import torch

from inductive.core.run import Run
from inductive.data.graph import Graph
from inductive.studies.shared.node_accuracy import node_accuracy
from inductive.training.ensemble import Ensemble
from inductive.training.measurements import MeasurementTable

from .task import Training, tensors


def evaluate(
    run: Run, data: Graph, trained: dict[str, Ensemble], device: torch.device
) -> MeasurementTable:
    """Test accuracy of the weights at the lowest validation loss (best) and of the last ones."""
    table, training = MeasurementTable(run.seeds), Training(**run.training)
    graph = tensors(training, data, device)
    for selection, ensemble in trained.items():
        classes = ensemble(graph).argmax(-1).cpu().numpy()  # (S, N)
        values = [node_accuracy(of_seed, data.labels, data.test) for of_seed in classes]
        table.add(values, "accuracy", selection=selection, split="test", noise=training.noise)
    return table
