"""Measurement tables: writing and reading, with any grouping of seeds."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from inductive.core.errors import InputError
from inductive.training.measurements import (
    MeasurementTable,
    read_artefacts,
    read_measurements,
    write_artefacts,
    write_measurements,
)


def measured(seeds: list[int]) -> MeasurementTable:
    table = MeasurementTable(seeds)
    for shift in (0, 4):
        values = torch.tensor([(seed + shift) / 3 for seed in seeds])
        table.add(values, "accuracy", selection="best", split="test", shift=shift)
    table.add([math.nan] * len(seeds), "loss", epsilon=0.5)
    table.add_constant(12, "parameters")
    table.keep("confusion", np.arange(4).reshape(2, 2))
    table.note("classes", ["a", "b"])
    for seed in seeds:
        table.keep("embedding", torch.full((2,), float(seed)), seed)
        table.note("text", f"of {seed}", seed)
    return table


def written(table: MeasurementTable, folder: Path, seeds: list[int]) -> list[bytes]:
    write_measurements(folder / "measurements.csv", table, seeds)
    write_artefacts(folder / "artefacts.safetensors", table)
    return [path.read_bytes() for path in sorted(folder.iterdir())]


def test_coordinates_are_columns_and_seeds_are_in_order(tmp_path: Path) -> None:
    write_measurements(tmp_path / "m.csv", measured([1, 0]), [0, 1])
    lines = (tmp_path / "m.csv").read_text().splitlines()
    assert lines == [
        "seed,selection,split,metric,epsilon,shift,value",
        "0,best,test,accuracy,,0,0",
        "0,best,test,accuracy,,4,1.33333",
        "0,,,loss,0.5,,nan",
        "0,,,parameters,,,12",
        "1,best,test,accuracy,,0,0.333333",
        "1,best,test,accuracy,,4,1.66667",
        "1,,,loss,0.5,,nan",
        "1,,,parameters,,,12",
    ]


def test_joined_tables_equal_one_table_of_all_seeds(tmp_path: Path) -> None:
    expected = written(measured([0, 1, 2]), tmp_path / "all", [0, 1, 2])
    written(measured([2, 0]), tmp_path / "some", [2, 0])
    joined = measured([1])
    joined.extend(read_measurements(tmp_path / "some"))
    assert written(joined, tmp_path / "joined", [0, 1, 2]) == expected


def test_a_selection_keeps_the_artefacts_and_notes_of_its_seeds(tmp_path: Path) -> None:
    expected = written(measured([1]), tmp_path / "alone", [1])
    assert written(measured([0, 1]).select([1]), tmp_path / "selected", [1]) == expected


def test_artefacts_and_notes_are_read_as_they_were_kept(tmp_path: Path) -> None:
    write_artefacts(tmp_path / "a.safetensors", measured([3]))
    arrays, notes = read_artefacts(tmp_path / "a.safetensors")
    assert arrays["confusion"].tolist() == [[0, 1], [2, 3]]
    assert arrays["3/embedding"].tolist() == [3.0, 3.0]
    assert notes == {"classes": ["a", "b"], "3/text": "of 3"}
    with pytest.raises(InputError, match="no such file"):
        read_artefacts(tmp_path / "missing.safetensors")


def test_every_seed_has_a_value() -> None:
    with pytest.raises(ValueError, match="zip"):
        MeasurementTable([0, 1]).add([0.5], "accuracy")
