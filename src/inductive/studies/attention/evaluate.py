"""The measurements of each part of the attention study."""

from collections.abc import Callable
from functools import partial

import torch

from inductive.core.run import Run
from inductive.studies.attention.cost import cost
from inductive.studies.attention.identities import forms, relative
from inductive.studies.attention.properties import heads, order, scale
from inductive.studies.shared.analytic import Measures, measured
from inductive.training.measurements import MeasurementTable


def measure(run: Run, device: torch.device) -> MeasurementTable:
    """One of the six parts. Only the cost is measured on `device`, all else on the CPU."""
    parts: dict[str, Callable[..., Measures]] = {
        "scale": scale,
        "heads": heads,
        "order": order,
        "forms": forms,
        "relative": relative,
        "cost": partial(cost, device=device),
    }
    return measured(run, parts[str(run.labels["part"])])
