"""The limits of the aggregators, and every aggregator on every task. Imports no torch."""

from typing import Any

from inductive.core.errors import InputError
from inductive.core.run import Run
from inductive.data.registry import Datasets
from inductive.data.tissues import check_split
from inductive.studies.aggregation.families import PARAMETER
from inductive.studies.aggregation.settings import Grid, Settings


def runs(settings: Settings, datasets: Datasets) -> list[Run]:
    """The analytic run of the limits, then the runs task by task."""
    planned = [_limits(settings)]
    for task, task_settings in settings.tasks.entries().items():
        name, _, target = task.partition("-")
        extra = {"target": target} if target else {}
        dataset = datasets.resolve(name, **extra)
        common = {"graph": name} | task_settings.model_dump(exclude={"grid"})
        if name == "celltypegraph":
            common["split"] = settings.split.model_dump()
            check_split(dataset, common["split"])
        if name == "neighbourhoods":
            common["split"] = "thirds"
        aggregators = _aggregators(task_settings.grid)
        if not aggregators:
            raise InputError(
                f"aggregation.tasks.{task}.grid: is empty; at least one aggregator is needed"
            )
        planned += [
            Run(
                study="aggregation",
                variant=f"{task}-{_name(aggregator)}",
                labels={"task": task} | {k: str(v) for k, v in aggregator.items()},
                training=common | {"aggregator": aggregator},
                evaluation={},
                seeds=settings.seeds.seeds,
                looks=settings.seeds.looks,
                dataset=dataset,
            )
            for aggregator in aggregators
        ]
    return planned


def _limits(settings: Settings) -> Run:
    return Run(
        study="aggregation",
        variant="limits",
        labels={"task": "limits", "family": "", "parameter": "", "exponent": "", "learnt": ""},
        training={},
        evaluation=settings.limits.model_dump(),
        seeds=settings.seeds.seeds,
        looks=settings.seeds.looks,
        dataset=None,
    )


def _aggregators(grid: Grid) -> list[dict[str, Any]]:
    """Every fixed aggregator of a grid, and those that are learnt from a starting point."""
    fixed = [
        {"family": family, "parameter": value, "exponent": exponent, "learnt": "fixed"}
        for family in PARAMETER
        for value in getattr(grid, family)
        for exponent in grid.exponents
    ]
    learnt = [
        {"family": family, "parameter": start, "exponent": 0.0, "learnt": "learnt"}
        for family in PARAMETER
        for start in getattr(grid.learnt, family)
    ]
    return fixed + learnt


def _name(aggregator: dict[str, Any]) -> str:
    learnt = "-learnt" if aggregator["learnt"] == "learnt" else ""
    return f"{aggregator['family']}{aggregator['parameter']}-eta{aggregator['exponent']}{learnt}"
