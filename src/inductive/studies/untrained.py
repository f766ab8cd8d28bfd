"""What the studies share that train nothing: a run for each part, a measurement for each seed."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from inductive.run import Run, code_of

if TYPE_CHECKING:
    from inductive.training.tidy import Tidy

Found = dict[tuple[str, str, Any], float]
"""(metric, axis, at) -> value, for one seed."""


def part_runs(module: str, block: dict[str, Any], parts: Iterable[str]) -> list[Run]:
    """A run for each part of a study, whose numbers are those under its name in the block."""
    return [
        Run(
            study=module.rsplit(".", 1)[1],
            variant=part,
            labels={"part": part},
            training=block[part],
            evaluation={},
            seeds=tuple(block["seeds"]),
            dataset=None,
            code=code_of(module, None),
        )
        for part in parts
    ]


def measured(run: Run, measure: Callable[..., Found]) -> "Tidy":
    """The rows of `measure(seed, **numbers)` for every seed of a run."""
    from inductive.training.tidy import Tidy

    tidy = Tidy(run.seeds)
    rows = [measure(seed, **run.training) for seed in run.seeds]
    for metric, axis, at in rows[0]:
        tidy.add([row[metric, axis, at] for row in rows], "", "", metric, axis, at)
    return tidy
