"""The identities, and the cost of attention. Imports no torch."""

from inductive.core.run import Run
from inductive.data.registry import Datasets
from inductive.studies.graph_algebra.settings import Settings
from inductive.studies.shared.analytic_plan import part_runs


def runs(settings: Settings, datasets: Datasets) -> list[Run]:
    """One analytic run per part."""
    parts = settings.model_dump(include={"identities", "cost"})
    return part_runs("graph_algebra", settings.seeds, parts)
