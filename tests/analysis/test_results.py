"""Results as frames and estimates, against the values that were written."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inductive.analysis.results import Results, plus_minus
from inductive.analysis.statistics import estimate
from inductive.core.errors import InputError
from inductive.core.metric import number, share
from inductive.training.measurements import MeasurementTable, write_artefacts
from toy_results import ACCURACY, METRICS, RUNS, SEEDS, make_results

TEST = {"selection": "best", "split": "test"}


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return make_results(tmp_path)


def test_measurements_keep_texts_and_values_as_they_are(results: Results) -> None:
    frame = results.measurements
    columns = ["net", "depth", "seed", "selection", "split", "metric"]
    assert list(frame.columns) == [*columns, "layer", "noise", "shift", "value"]
    assert set(frame["net"]) == {"NA", "", "sizes"}
    assert set(frame["selection"]) == {"best", ""}
    assert frame["value"].isna().sum() == 1
    for name in ("layer", "noise", "shift"):
        assert frame[name].dtype == float
    rows = frame[frame["net"] == "NA"]
    assert rows[rows["shift"].eq(8) & rows["noise"].eq(0.3)]["value"].tolist() == [0.0] * 3
    assert len(frame) == 12 + 4 + 6


def test_history_is_of_trained_runs(results: Results) -> None:
    history = results.history
    assert list(history.columns) == ["net", "depth", "seed", "epoch", "split", "metric", "value"]
    assert set(history["net"]) == {"NA", ""}
    assert history["value"].isna().sum() == 2
    only = Results("toy", RUNS[2:], results.paths, METRICS)
    assert only.history.empty
    assert list(only.history.columns) == list(history.columns)


@pytest.mark.parametrize(
    ("where", "values"),
    [
        ({"net": "NA"}, ACCURACY["NA", ""]),
        ({"depth": 2} | TEST, ACCURACY["NA", ""]),
        ({"net": "NA", "shift": 0}, ACCURACY["NA", "shift"]),
        ({"shift": "smallest"}, ACCURACY["NA", "shift"]),
        ({"shift": "largest"}, [0.1, 0.2, 0.3]),
        ({"shift": 8, "noise": 0.3}, [0.0] * 3),
        ({"noise": 0.3}, []),
        ({"net": "NA", "seed": 1}, [0.82]),
        ({"net": "huge"}, []),
        ({"net": "NA", "split": "train"}, []),
    ],
)
def test_selected_rows(results: Results, where: dict[str, Any], values: list[float]) -> None:
    assert results.select("accuracy", **where)["value"].tolist() == values


def test_any_is_every_row_that_has_the_coordinate(results: Results) -> None:
    assert len(results.select("accuracy", shift="any")) == 6
    assert len(results.select("accuracy", shift="any", noise="any")) == 3


def test_names_that_do_not_exist_are_refused(results: Results) -> None:
    with pytest.raises(KeyError, match="unknown metric 'acuracy'; did you mean 'accuracy'"):
        results.select("acuracy")
    with pytest.raises(ValueError, match="unknown column 'nett'; did you mean 'net'"):
        results.select("accuracy", nett="NA")
    with pytest.raises(ValueError, match="unknown column 'layer'"):
        results.select("accuracy", layer=1)
    with pytest.raises(KeyError, match="unknown label 'model'"):
        results.labels("model")
    assert results.labels("net") == ["NA", "", "sizes"]


def test_measurements_that_are_not_declared_are_refused(tmp_path: Path) -> None:
    metric = {name: m for name, m in METRICS.items() if name != "diverged in epoch"}
    with pytest.raises(ValueError, match="undeclared metric 'diverged in epoch'"):
        _ = make_results(tmp_path / "a", metric).measurements
    coordinate = METRICS | {"accuracy": share("shift"), "map size": number("layer", "noise")}
    with pytest.raises(ValueError, match="undeclared coordinate 'noise' of metric 'accuracy'"):
        _ = make_results(tmp_path / "b", coordinate).measurements


@pytest.mark.parametrize("name", ["depth", "seed", "metric", "value"])
def test_a_coordinate_must_not_have_the_name_of_another_column(results: Results, name: str) -> None:
    with pytest.raises(ValueError, match=f"a coordinate is named like a column: {name}"):
        Results("toy", RUNS, results.paths, METRICS | {"size": number(name)})


def test_estimates_are_in_the_unit_of_the_metric(results: Results) -> None:
    expected = estimate(100.0 * np.array(ACCURACY["NA", ""]))
    assert results.estimate("accuracy", net="NA", **TEST) == expected
    assert results.accuracy(net="NA") == expected
    size = results.estimate("map size", net="sizes", layer=2)
    assert size is not None
    assert (size.mean, size.n) == (4.0, 3)
    assert results.accuracy(net="huge") is None


def test_estimates_count_values_that_are_not_finite(results: Results) -> None:
    e = results.accuracy(net="")
    assert e == estimate(np.array([90.0, 70.0]))._replace(not_finite=1)
    assert plus_minus(e) == "80.0 ± 127.1 (1 of 3 not finite)"
    assert plus_minus(estimate(np.array([np.nan, np.inf]))) == "— (2 of 2 not finite)"
    assert plus_minus(estimate(np.array([1.0, np.inf])), 2) == "1.00 (1 of 2 not finite)"
    assert plus_minus(estimate(np.array([1.0, 2.0, 3.0]))) == "2.0 ± 2.5"
    assert plus_minus(None) == "—"


def test_a_sweep_is_sorted_and_without_other_coordinates(results: Results) -> None:
    sweep = results.sweep("shift", net="NA", **TEST)
    assert list(sweep.columns) == ["at", "mean", "low", "high", "n"]
    assert sweep["at"].tolist() == [0.0, 8.0]
    assert sweep["mean"].tolist() == pytest.approx([60, 20])
    expected = estimate(100.0 * np.array(ACCURACY["NA", "shift"]))
    assert tuple(sweep.iloc[0])[1:] == expected[:4]
    assert results.sweep("layer", "map size")["mean"].tolist() == [8.0, 4.0]


def test_folds_of_a_seed_count_once(results: Results) -> None:
    """Two depths in place of folds: their mean per seed, and none where one is not finite."""
    e = results.accuracy(**TEST)
    means = 100.0 * np.array([(0.81 + 0.9) / 2, (0.86 + 0.7) / 2])
    assert e == estimate(means)._replace(not_finite=1)


def test_artefacts_and_notes_are_of_a_seed_or_of_all(results: Results) -> None:
    run = RUNS[0]
    assert results.artefact(run, "scores").tolist() == [[0, 1, 2], [3, 4, 5]]
    assert results.artefact(run, "scores", seed=1).tolist() == [7.0, 7.0]
    assert results.note(run, "classes") == ["red", "green"]
    assert results.note(run, "text", seed=0) == "Once"
    with pytest.raises(KeyError, match="0/scores"):
        results.artefact(run, "scores", seed=0)


def test_outcomes_are_of_one_measurement_by_seed(results: Results) -> None:
    outcomes = np.array([[0, 1, 1], [1, 1, 1], [0, 0, 1]])
    losses = np.array([[0.5, 2.0], [0.25, 1.0], [0.125, 0.0]])
    table = MeasurementTable(SEEDS)
    table.add_outcomes(
        outcomes == 1, "accuracy", selection="best", split="test", shift=8, noise=0.3
    )
    table.add_outcomes(losses, "loss")
    run = RUNS[0]
    write_artefacts(results.paths.evaluation(run) / "artefacts.safetensors", table)
    read = results.outcomes(run, "accuracy", noise=0.3, shift=8.0, **TEST)
    assert read is not None
    assert list(read) == list(SEEDS)
    np.testing.assert_array_equal(list(read.values()), outcomes)
    # Differences of shares that are stored as unsigned integers.
    assert (read[0] - read[1]).tolist() == [-1, 0, 0]
    read = results.outcomes(run, "loss")
    assert read is not None
    np.testing.assert_array_equal(list(read.values()), losses)
    for where in ({"shift": 8}, {"shift": 0, "noise": 0.3}, {}):
        assert results.outcomes(run, "accuracy", **TEST, **where) is None
    assert results.outcomes(run, "accuracy", shift=8, noise=0.3) is None


def test_runs_without_outcomes_have_none(results: Results) -> None:
    assert results.outcomes(RUNS[0], "accuracy", **TEST) is None


def test_provenance_is_of_every_part(results: Results) -> None:
    assert [made["wall_seconds"] for made in results.made] == [30, 60, 30, 60, 6]


def test_diverged_networks_are_counted(results: Results) -> None:
    assert (results.networks, results.diverged) == (6, 1)


@pytest.mark.parametrize("file", ["history.csv", "measurements.csv", "artefacts.safetensors"])
def test_damaged_files_are_refused(results: Results, file: str) -> None:
    results.verify()
    path = next(results.paths.folder.rglob(file))
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(InputError, match="damaged"):
        results.verify()


def test_missing_files_are_refused(results: Results) -> None:
    (results.paths.evaluation(RUNS[2]) / "evaluation.json").unlink()
    with pytest.raises(InputError, match="no such file"):
        results.verify()
