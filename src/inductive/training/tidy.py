"""Collecting measurements as tidy rows."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from torch import Tensor

from inductive import store

COLUMNS = ["seed", "selection", "split", "metric", "axis", "at", "value"]


class Tidy:
    """Rows of seed, selection, split, metric, axis, at, value.

    `axis` and `at` say where on a sweep a value was measured; both are empty outside sweeps.
    """

    def __init__(self, seeds: Sequence[int]) -> None:
        self.seeds = seeds
        self.rows: list[tuple[object, ...]] = []

    def add(
        self,
        values: Tensor | Sequence[float],
        selection: str,
        split: str,
        metric: str,
        axis: str = "",
        at: object = "",
    ) -> None:
        """One value a seed."""
        numbers = values.tolist() if isinstance(values, Tensor) else values
        for seed, value in zip(self.seeds, numbers, strict=True):
            self.rows.append((seed, selection, split, metric, axis, at, float(value)))

    def add_constant(self, value: float, metric: str, axis: str = "", at: object = "") -> None:
        """One value that no seed changes, a shape say."""
        self.add([value] * len(self.seeds), "", "", metric, axis, at)


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Floats with six significant digits, lines ending in a line feed, atomically."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([f"{cell:.6g}" if isinstance(cell, float) else cell for cell in row])
    store.write_text(path, text.getvalue())
