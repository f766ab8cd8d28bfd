"""The runs of the convolution study: one per part. Imports no torch."""

from inductive.core.run import Run
from inductive.data.registry import Datasets
from inductive.studies.convolution.settings import Settings
from inductive.studies.convolution.terms import SCIPY
from inductive.studies.shared.analytic_plan import part_runs


def runs(settings: Settings, datasets: Datasets) -> list[Run]:
    """One pixel, and the sizes."""
    parts = settings.model_dump(exclude={"seeds"})
    modes = [f"inductive.nn.padding_modes:{mode}" for mode in SCIPY]
    return part_runs("convolution", settings.seeds, parts, registered=modes)
