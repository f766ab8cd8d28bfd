"""The runs of the attention study: one per part. Imports no torch."""

from inductive.core.run import Run
from inductive.data.registry import Datasets
from inductive.studies.attention.settings import Settings
from inductive.studies.shared.analytic_plan import part_runs


def runs(settings: Settings, datasets: Datasets) -> list[Run]:
    """Scaling, heads, order, efficient forms, relative attention, cost."""
    return part_runs("attention", settings.seeds, settings.model_dump(exclude={"seeds"}))
