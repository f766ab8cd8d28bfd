"""The measurements of an evaluation: one table in long format, and arrays for reports."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save

from inductive.core.errors import InputError
from inductive.core.files import write_bytes
from inductive.training.csv_file import write_csv

if TYPE_CHECKING:  # reading artefacts does not need torch
    from torch import Tensor

FIXED = ("seed", "selection", "split", "metric")
"""The columns that every measurement has, besides its coordinates and its value."""
Row = tuple[int, str, str, str, dict[str, int | float], float]


class MeasurementTable:
    """Measurements of some seeds: seed, selection, split, metric, coordinates, value.

    A coordinate is a number that gives the condition of a measurement (`shift=4`, `layer=2`); every
    coordinate is a column, empty for measurements that do not have it. `artefacts` holds arrays and
    `notes` small JSON values, by name; those of one seed are named '<seed>/<name>'. Measurements
    that are means over test examples keep the outcome of every example as such an array.
    """

    def __init__(self, seeds: Sequence[int]) -> None:
        self.seeds = tuple(seeds)
        self.rows: list[Row] = []
        self.artefacts: dict[str, np.ndarray] = {}
        self.notes: dict[str, Any] = {}

    def add(
        self,
        values: "Tensor | Sequence[float]",
        metric: str,
        *,
        selection: str = "",
        split: str = "",
        **coordinates: int | float,
    ) -> None:
        """One value per seed, (S,)."""
        each = values if isinstance(values, Sequence) else values.tolist()
        for seed, value in zip(self.seeds, each, strict=True):
            self.rows.append((seed, selection, split, metric, coordinates, float(value)))

    def add_outcomes(
        self,
        outcomes: "np.ndarray | Tensor",
        metric: str,
        *,
        selection: str = "",
        split: str = "",
        **coordinates: int | float,
    ) -> None:
        """The mean over test examples as the value of each seed, and the outcomes themselves.

        `outcomes` (S, N) are bool, 0 and 1, or any numbers. A column is one test example, the same
        one for every seed, also of other tables of the run. They are kept as an artefact of each
        seed (see `outcomes_name`): outcomes of 0 and 1 as uint8, others as float32.
        Raises ValueError for another shape and where there is no example.
        """
        plain = outcomes if isinstance(outcomes, np.ndarray) else outcomes.detach().cpu().numpy()
        if plain.ndim != 2 or plain.shape[0] != len(self.seeds) or not plain.shape[1]:
            raise ValueError(
                f"{metric}: expected outcomes of {len(self.seeds)} seeds on at least one example, "
                f"found the shape {plain.shape}"
            )
        means = plain.astype(np.float64).mean(1).tolist()
        self.add(means, metric, selection=selection, split=split, **coordinates)
        name = outcomes_name(metric, selection, split, coordinates)
        for seed, row in zip(self.seeds, plain, strict=True):
            # The type depends on the seed's own outcomes alone, so that files do not depend on
            # which seeds were measured together.
            binary = bool(np.isin(row, (0, 1)).all())
            self.keep(name, row.astype(np.uint8 if binary else np.float32), seed)

    def add_constant(self, value: float, metric: str, **coordinates: int | float) -> None:
        """One value that is the same for every seed, such as a shape or a parameter count."""
        self.add([value] * len(self.seeds), metric, selection="", split="", **coordinates)

    def keep(self, name: str, array: "np.ndarray | Tensor", seed: int | None = None) -> None:
        """Keep an array for reports and statistics, of one seed or of all."""
        plain = array if isinstance(array, np.ndarray) else array.detach().cpu().numpy()
        self.artefacts[_key(name, seed)] = np.ascontiguousarray(plain)

    def note(self, name: str, value: Any, seed: int | None = None) -> None:
        """Keep a small value that JSON can hold (a text, names), of one seed or of all."""
        self.notes[_key(name, seed)] = value

    def extend(self, other: "MeasurementTable") -> None:
        """Add the measurements of other seeds, and their artefacts and notes of other names."""
        self.rows += other.rows
        self.artefacts = other.artefacts | self.artefacts
        self.notes = other.notes | self.notes

    def select(self, seeds: Sequence[int]) -> "MeasurementTable":
        """The measurements of these seeds, with their artefacts and notes and the common ones."""
        chosen = MeasurementTable(seeds)
        chosen.rows = [row for row in self.rows if row[0] in chosen.seeds]
        chosen.artefacts = {k: v for k, v in self.artefacts.items() if _belongs(k, chosen.seeds)}
        chosen.notes = {k: v for k, v in self.notes.items() if _belongs(k, chosen.seeds)}
        return chosen

    def of_seed(self, seed: int) -> list[Row]:
        """The rows of one seed, in the order in which they were measured."""
        return [row for row in self.rows if row[0] == seed]


def outcomes_name(
    metric: str, selection: str, split: str, coordinates: Mapping[str, int | float]
) -> str:
    """The name, without the seed, of the artefact that holds the outcomes of a measurement.

    Coordinates are in the order of their names; 4 and 4.0 give the same name.
    """
    at = ",".join(f"{name}={_text(coordinates[name])}" for name in sorted(coordinates))
    return "/".join(("outcomes", metric, selection, split, at))


def _text(value: int | float) -> str:
    """A coordinate as text. A float that was read from a table of measurements has the same one."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _key(name: str, seed: int | None) -> str:
    return name if seed is None else f"{seed}/{name}"


def _belongs(key: str, seeds: Sequence[int]) -> bool:
    """Whether an artefact or note is of all seeds or of one of these."""
    seed, slash, _ = key.partition("/")
    return not slash or not seed.isdecimal() or int(seed) in seeds


def read_measurements(folder: Path) -> MeasurementTable:
    """The table that `write_measurements` and `write_artefacts` wrote into a folder."""
    with open(folder / "measurements.csv", encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        names = [name for name in reader.fieldnames or () if name not in (*FIXED, "value")]
        rows = [
            (
                int(row["seed"]),
                row["selection"],
                row["split"],
                row["metric"],
                {name: _number(row[name]) for name in names if row[name] != ""},
                float(row["value"]),
            )
            for row in reader
        ]
    table = MeasurementTable(list(dict.fromkeys(row[0] for row in rows)))
    table.rows = rows
    table.artefacts, table.notes = read_artefacts(folder / "artefacts.safetensors")
    return table


def _number(text: str) -> int | float:
    """A coordinate as it was written: an integer stays one."""
    return int(text) if text.lstrip("-").isdecimal() else float(text)


def write_measurements(path: Path, table: MeasurementTable, seeds: Sequence[int]) -> None:
    """The table as CSV, seed by seed in the order of `seeds`, so that its bytes do not depend on
    which seeds were measured together. Coordinates are sorted by name."""
    names = sorted({name for row in table.rows for name in row[4]})
    rows = (
        (*row[:4], *(row[4].get(name, "") for name in names), row[5])
        for seed in seeds
        for row in table.of_seed(seed)
    )
    write_csv(path, [*FIXED, *names, "value"], rows)


def write_artefacts(path: Path, table: MeasurementTable) -> None:
    """The table's arrays and notes as one safetensors file."""
    notes = json.dumps(table.notes, sort_keys=True, ensure_ascii=False, allow_nan=False)
    write_bytes(path, save(dict(sorted(table.artefacts.items())), metadata={"notes": notes}))


def read_artefacts(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays and notes that `write_artefacts` wrote. InputError where there is no such file."""
    if not path.is_file():
        raise InputError(f"{path}: no such file; delete {path.parent} to have it made again")
    with safe_open(path, framework="np") as file:
        notes = json.loads((file.metadata() or {}).get("notes", "{}"))
        return {name: file.get_tensor(name) for name in file.keys()}, notes  # noqa: SIM118
