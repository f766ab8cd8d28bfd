"""The runs of the geometry study: one per part. Imports no torch."""

from inductive.core.run import Run
from inductive.data.registry import Datasets
from inductive.studies.geometry.settings import Settings
from inductive.studies.shared.analytic_plan import part_runs


def runs(settings: Settings, datasets: Datasets) -> list[Run]:
    """Projections, almost orthogonal sets, angles."""
    return part_runs("geometry", settings.seeds, settings.model_dump(exclude={"seeds"}))
