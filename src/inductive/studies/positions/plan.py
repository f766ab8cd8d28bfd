"""The runs of the positions study: one per part. Imports no torch."""

from inductive.core.run import Run
from inductive.data.registry import Datasets
from inductive.studies.positions.settings import Settings
from inductive.studies.shared.analytic_plan import part_runs


def runs(settings: Settings, datasets: Datasets) -> list[Run]:
    """The encodings themselves, the scores, and the cross terms by dimension."""
    return part_runs("positions", settings.seeds, settings.model_dump(exclude={"seeds"}))
