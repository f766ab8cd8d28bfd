"""Properties of a measured quantity, declared once per study for its report and its claims."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Metric:
    """A quantity that an evaluation measures."""

    unit: str = ""
    """As shown to readers; empty for a pure number."""
    scale: float = 1.0
    """Shown value = stored value x scale: shares are stored in [0, 1] and shown in percent."""
    better: str = ""
    """`higher` or `lower`; empty where neither is."""
    coordinates: frozenset[str] = frozenset()
    """Every coordinate column that some of its measurements have."""


def share(*coordinates: str, better: str = "higher") -> Metric:
    """A share of examples, stored in [0, 1] and shown in percent."""
    return Metric("%", 100.0, better, frozenset(coordinates))


def number(*coordinates: str, unit: str = "", better: str = "") -> Metric:
    """A quantity that is shown as it is stored."""
    return Metric(unit, 1.0, better, frozenset(coordinates))


TRAINED: dict[str, Metric] = {
    "epoch": number(),
    "share of epochs": number(),
    "diverged in epoch": number(),
}
"""Metrics that the pipeline measures for every trained run."""
