"""Measurement tables: writing and reading, with any grouping of seeds."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from inductive.core.errors import InputError
from inductive.training.measurements import (
    MeasurementTable,
    outcomes_name,
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
    right = torch.tensor([[(seed + i) % 3 == 0 for i in range(5)] for seed in seeds])
    table.add_outcomes(right, "share right", selection="best", split="test", shift=4)
    # Of seed 0 all outcomes are 0 or 1, of the others not.
    bits = np.array([[seed * 0.3, 1.0] for seed in seeds])
    table.add_outcomes(bits, "bits")
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
        "0,best,test,share right,,4,0.4",
        "0,,,bits,,,0.5",
        "0,,,loss,0.5,,nan",
        "0,,,parameters,,,12",
        "1,best,test,accuracy,,0,0.333333",
        "1,best,test,accuracy,,4,1.66667",
        "1,best,test,share right,,4,0.2",
        "1,,,bits,,,0.65",
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


def test_the_value_is_the_mean_of_the_outcomes_that_are_kept() -> None:
    outcomes = torch.tensor([[True, False, True], [True, True, True]])
    for given, kind in [(outcomes, np.uint8), (outcomes.float().numpy(), np.uint8)]:
        table = MeasurementTable([4, 7])
        table.add_outcomes(given, "accuracy", selection="last", split="test", angle=90.0)
        assert [row[-1] for row in table.rows] == pytest.approx([2 / 3, 1])
        name = outcomes_name("accuracy", "last", "test", {"angle": 90})
        kept = [table.artefacts[f"{seed}/{name}"] for seed in (4, 7)]
        assert [array.dtype for array in kept] == [kind] * 2
        np.testing.assert_array_equal(kept, outcomes.numpy())
    table = MeasurementTable([4, 7])
    bits = np.random.default_rng(0).random((2, 1000))
    table.add_outcomes(torch.from_numpy(bits), "bits")
    assert [row[-1] for row in table.rows] == pytest.approx(bits.mean(1).tolist(), abs=1e-15)
    kept = [table.artefacts[f"{seed}/{outcomes_name('bits', '', '', {})}"] for seed in (4, 7)]
    assert kept[0].dtype == np.float32
    np.testing.assert_allclose(kept, bits, rtol=1e-6)


def test_an_outcome_that_is_not_a_number_is_kept_as_such() -> None:
    table = MeasurementTable([0])
    table.add_outcomes(np.array([[1.0, np.nan]]), "bits")
    assert math.isnan(table.rows[0][-1])
    np.testing.assert_array_equal(table.artefacts["0/outcomes/bits///"], [1, np.nan])


@pytest.mark.parametrize("shape", [(2,), (1, 3), (2, 0), (2, 3, 4)])
def test_outcomes_have_a_row_per_seed_and_a_column_per_example(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected outcomes of 2 seeds on at least one example"):
        MeasurementTable([0, 1]).add_outcomes(np.zeros(shape), "accuracy")


def test_names_of_outcomes_depend_on_values_not_on_types_or_order() -> None:
    name = outcomes_name("accuracy", "best", "test", {"shift": 4, "noise": 0.1})
    assert name == outcomes_name(
        "accuracy", "best", "test", {"noise": np.float64(0.1), "shift": 4.0}
    )
    others = [{}, {"shift": 4}, {"shift": 4, "noise": 0.2}, {"shift": 0.1, "noise": 4}]
    names = {outcomes_name("accuracy", "best", "test", other) for other in others}
    assert len(names | {name}) == 5
    large = [outcomes_name("time", "", "", {"edges": n}) for n in (1024000, 1024001)]
    assert len(set(large)) == 2
