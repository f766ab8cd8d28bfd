"""Seeds on demand: a study's runs with the seeds of its first look, of the next one, and so on.

After a look, the runs of undecided comparisons get more seeds, until a look needs no more seeds or
all are used. What a look says is in results/<preset>/studies/<study>/looks/<look>.json. Imports
neither pandas nor torch, because Snakemake plans with it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from inductive.core.errors import InputError
from inductive.core.files import read_json, write_json
from inductive.core.layout import PresetLayout
from inductive.core.run import Run


@dataclass(frozen=True)
class Look:
    """What a study needs after one of its looks, which count from 1."""

    look: int
    counts: dict[str, int]
    """Run id -> with how many seeds the next look needs it; all runs of the study."""
    undecided: list[str]
    """The claims for which the next look is taken."""
    done: bool
    """No run needs more seeds."""

    def write(self, path: Path) -> None:
        """Write the look as JSON."""
        write_json(path, vars(self))

    @classmethod
    def read(cls, path: Path) -> "Look":
        """The inverse of `write`. InputError where the file is missing or damaged."""
        content = read_json(path)
        fields = cls.__dataclass_fields__.keys()
        if not isinstance(content, dict) or content.keys() != fields:
            raise _unusable(path)
        look = cls(**content)
        if not isinstance(look.counts, dict) or not isinstance(look.done, bool):
            raise _unusable(path)
        return look


def number_of_looks(runs: Sequence[Run]) -> int:
    """How often the comparisons of these runs are looked at, at most."""
    return max((len(run.counts) for run in runs), default=1)


def states(runs: Sequence[Run], read: Callable[[int], Look]) -> Iterator[list[Run]]:
    """The runs with the seeds of the first look, then of the second, ..., up to the last one.

    `runs` have all their seeds; `read(look)` gives what a look says. Raises InputError where that
    is of other runs.
    """
    counts = {run.id: run.counts[0] for run in runs}
    yield [run.at(counts[run.id]) for run in runs]
    for number in range(1, number_of_looks(runs)):
        look = read(number)
        counts = _checked(look, runs, counts)
        if look.done:
            return
        yield [run.at(counts[run.id]) for run in runs]


def state(runs: Sequence[Run], read: Callable[[int], Look], look: int | None = None) -> list[Run]:
    """The runs with their seeds at a look, or, without one, with their final seeds.

    Raises InputError like `states`.
    """
    *_, last = islice(states(runs, read), look)
    return last


def reader(paths: PresetLayout, study: str) -> Callable[[int], Look]:
    """`read(look)` of a study's files."""
    return lambda number: Look.read(paths.look(study, number))


def states_on_disk(paths: PresetLayout, study: str, runs: Sequence[Run]) -> Iterator[list[Run]]:
    """Like `states`, as far as the looks are on the disk and are of these runs."""
    try:
        yield from states(runs, reader(paths, study))
    except InputError:
        return


def planned_runs(content: Mapping[str, Any], paths: PresetLayout) -> list[Run]:
    """The runs of a study's plan file with their final seeds. InputError without their looks."""
    runs = [Run.from_json(entry) for entry in content["runs"]]
    return state(runs, reader(paths, content["study"]))


def _checked(look: Look, runs: Sequence[Run], before: Mapping[str, int]) -> dict[str, int]:
    counts = look.counts
    fitting = counts.keys() == before.keys() and all(
        counts[run.id] in run.counts and counts[run.id] >= before[run.id] for run in runs
    )
    if not fitting:
        raise InputError(
            f"{runs[0].study}: look {look.look} is of other parameters; delete its file in looks/ "
            "to have it made again"
        )
    return counts


def _unusable(path: Path) -> InputError:
    return InputError(f"{path}: incomplete; delete it to have it made again")
