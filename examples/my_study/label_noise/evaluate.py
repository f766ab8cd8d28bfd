"""The measurements of the trained networks."""

import torch

from inductive.core.run import Run
from inductive.data.graph import Graph
from inductive.training.ensemble import Ensemble
from inductive.training.measurements import MeasurementTable

from .task import Training, tensors


def evaluate(
    run: Run, data: Graph, trained: dict[str, Ensemble], device: torch.device
) -> MeasurementTable:
    """Test accuracy of the weights at the lowest validation loss (best) and of the last ones.

    Every seed has the same test nodes, so which of them are right is kept, and the verdicts then
    also say how far other test nodes might differ.
    """
    table, training = MeasurementTable(run.seeds), Training(**run.training)
    graph = tensors(training, data, device)
    for selection, ensemble in trained.items():
        classes = ensemble(graph).argmax(-1).cpu().numpy()  # (S, N)
        right = classes[:, data.test] == data.labels[data.test]
        where = {"selection": selection, "split": "test", "noise": training.noise}
        table.add_outcomes(right, "accuracy", **where)
    return table
