"""The measurements of the graph algebra study, on the CPU."""

import torch

from inductive.core.run import Run
from inductive.studies.graph_algebra.attention_cost import CostSizes, add_times
from inductive.studies.graph_algebra.identities import identity_differences
from inductive.studies.shared.analytic import measured
from inductive.training.measurements import MeasurementTable


def measure(run: Run, device: torch.device) -> MeasurementTable:
    """Every identity, or the time of attention by edges and by nodes."""
    if run.labels["part"] == "identities":
        return measured(run, identity_differences)
    table = MeasurementTable(run.seeds)
    add_times(table, CostSizes(**run.evaluation))
    return table
