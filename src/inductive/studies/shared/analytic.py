"""Measurements of analytic studies, which train nothing: the same quantities for every seed."""

from collections.abc import Callable
from typing import Any

from inductive.core.run import Run
from inductive.training.measurements import MeasurementTable


class Measures(dict[tuple[str, tuple[tuple[str, int | float], ...]], float]):
    """The measurements of one seed: (metric, its coordinates sorted by name) -> value."""

    def add(self, metric: str, value: float, **coordinates: int | float) -> None:
        """Add one value; it replaces an earlier one of the same metric and coordinates."""
        self[metric, tuple(sorted(coordinates.items()))] = float(value)


def measured(run: Run, measure: Callable[..., Measures]) -> MeasurementTable:
    """The values of `measure(seed, **run.evaluation)` for every seed of a run.

    Rows are ordered as the first seed's values were added; every seed must give the same metrics
    and coordinates.
    """
    table = MeasurementTable(run.seeds)
    per_seed = [measure(seed, **run.evaluation) for seed in run.seeds]
    for key in per_seed[0]:
        metric, coordinates = key[0], dict[str, Any](key[1])
        table.add([measures[key] for measures in per_seed], metric, **coordinates)
    return table
