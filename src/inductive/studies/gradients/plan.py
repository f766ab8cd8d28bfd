"""The runs of the gradients study: one per part. Imports no torch."""

from inductive.core.run import Run
from inductive.data.registry import Datasets
from inductive.studies.gradients.settings import Settings
from inductive.studies.shared.analytic_plan import part_runs


def runs(settings: Settings, datasets: Datasets) -> list[Run]:
    """The chains, and the recurrent network."""
    return part_runs("gradients", settings.seeds, settings.model_dump(exclude={"seeds"}))
