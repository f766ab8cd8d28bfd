"""Plans of analytic studies, which train nothing: one run per part. Imports no torch."""

from collections.abc import Sequence
from typing import Any

from inductive.core.run import Run
from inductive.core.settings import SeedPlan


def part_runs(
    study: str,
    seeds: SeedPlan,
    parts: dict[str, dict[str, Any]],
    registered: Sequence[str] = (),
) -> list[Run]:
    """One run per part of a study, with that part's settings as its evaluation.

    `registered` are the entries of open registries that the study's `evaluate.py` uses.
    """
    return [
        Run(
            study=study,
            variant=part,
            labels={"part": part},
            training={},
            evaluation=settings,
            seeds=seeds.seeds,
            looks=seeds.looks,
            dataset=None,
            registered=tuple(registered),
        )
        for part, settings in parts.items()
    ]


def part_settings(runs: Sequence[Run], part: str) -> dict[str, Any]:
    """The settings of one part of a study, for its report."""
    return next(run.evaluation for run in runs if run.labels["part"] == part)
