"""What the trained studies keep of every test example."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from inductive.core.run import Run
from inductive.studies import load
from inductive.studies.shared.outcomes import add_mean, note_examples
from inductive.training.ensemble import Ensemble
from inductive.training.measurements import MeasurementTable, outcomes_name

CPU = torch.device("cpu")
MakeRuns = Callable[..., list[Run]]
MakeData = Callable[[Run], Any]

LAYERS = {"feature std", "feature std, relative", "mean average distance"}
TEXTS = {"real words", "distinct words", "distinct 2-grams", "new 4-grams", "longest copy"}
KEPT = {
    "translation course-Net1-valid": {"accuracy"},
    "citation GAT-public": {"accuracy"},
    "rotation cifar10-p4": {
        "accuracy",
        "accuracy, upright",
        "accuracy, rotated once",
        "mean over angles",
        "mean consistency",
    },
    "galaxy course-plain": {"accuracy", "loss", "loss, share of chance"},
    "galaxy clean-plain": set(),
    "contrastive temperature-0.2": set(),
    "segmentation skips-depth2-fold1": set(),
    "oversmoothing cora-none-2": {"accuracy"},
    "oversmoothing celltypegraph-none-3": {"accuracy", "class accuracy"} | LAYERS,
    "aggregation neighbourhoods-max-softmax0-eta1": set(),
    "language rope-8": {
        "bits per character",
        "characters continued verbatim",
        "prompts continued verbatim",
        *TEXTS,
        *(f"{metric}, the text itself" for metric in TEXTS),
    },
}
"""Run -> metrics whose outcomes are kept."""


def measured(run: Run, data: Any) -> MeasurementTable:
    """The measurements of untrained networks."""
    study = load(run.study)
    task = study.module("task").task(run, data, CPU)
    networks = Ensemble.initialise(task.build, run.seeds, CPU)
    with torch.no_grad():
        table: MeasurementTable = study.module("evaluate").evaluate(
            run, data, {"best": networks, "last": networks}, CPU
        )
    return table


def outcomes_of(table: MeasurementTable) -> dict[str, np.ndarray]:
    return {name: array for name, array in table.artefacts.items() if "/outcomes/" in name}


def find(make_runs: MakeRuns, name: str, *changes: Any) -> Run:
    study, _, variant = name.partition(" ")
    return next(run for run in make_runs(study, *changes) if run.variant == variant)


@pytest.mark.parametrize("name", KEPT)
def test_a_value_is_the_mean_of_its_outcomes(
    make_runs: MakeRuns, make_data: MakeData, name: str
) -> None:
    run = find(make_runs, name)
    table = measured(run, make_data(run))
    kept, metrics = outcomes_of(table), set()
    for seed, selection, split, metric, coordinates, value in table.rows:
        own = kept.pop(f"{seed}/{outcomes_name(metric, selection, split, coordinates)}", None)
        if own is not None:
            assert own.mean(dtype=np.float64) == pytest.approx(value, rel=1e-6, abs=1e-6)
            metrics.add(metric)
    assert not kept
    assert metrics == KEPT[name]


@pytest.mark.parametrize("name", [name for name, metrics in KEPT.items() if metrics])
def test_a_seeds_outcomes_do_not_depend_on_the_seeds_measured_with_it(
    make_runs: MakeRuns, make_data: MakeData, name: str
) -> None:
    run = find(make_runs, name)
    data = make_data(run)
    together = measured(run, data).select([run.seeds[1]])
    alone = measured(replace(run, seeds=(run.seeds[1],)), data)
    expected, own = outcomes_of(alone), outcomes_of(together)
    assert own.keys() == expected.keys()
    for key, array in own.items():
        assert array.dtype == expected[key].dtype
        np.testing.assert_allclose(array, expected[key], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "changes", "sizes"),
    [
        ("citation GCN-random", {"splits": ["random"]}, {"train": 15, "test": 120}),
        ("galaxy clean-plain", {}, None),
        ("contrastive temperature-0.2", {}, None),
        ("aggregation neighbourhoods-max-softmax0-eta1", {}, {"train": 30, "test": 30}),
        ("oversmoothing celltypegraph-none-1", {"split": {"folds": 3}}, None),
        ("rotation cifar10-p4", {"datasets": {"cifar10": {"test": 12}}}, {"train": 32, "test": 12}),
    ],
)
def test_where_seeds_have_their_own_test_examples_the_sizes_of_a_split_are_noted(
    make_runs: MakeRuns,
    make_data: MakeData,
    name: str,
    changes: dict[str, Any],
    sizes: dict[str, int] | None,
) -> None:
    run = find(make_runs, name, changes)
    data = make_data(run)
    table = measured(run, data)
    assert not outcomes_of(table)
    noted = table.notes["examples"]
    assert noted.keys() == {"train", "test"}
    assert min(noted.values()) > 0
    assert sizes is None or noted == sizes
    # The note is that of all seeds, so it must not depend on which are measured together.
    for seed in run.seeds:
        assert measured(replace(run, seeds=(seed,)), data).notes["examples"] == noted


@pytest.mark.parametrize("name", [name for name, metrics in KEPT.items() if metrics])
def test_where_seeds_share_their_test_examples_no_sizes_are_noted(
    make_runs: MakeRuns, make_data: MakeData, name: str
) -> None:
    run = find(make_runs, name)
    assert "examples" not in measured(run, make_data(run)).notes


def test_a_column_is_one_test_image_whatever_the_order_of_a_seeds_images(
    make_runs: MakeRuns, make_data: MakeData
) -> None:
    run = find(make_runs, "rotation cifar10-plain")
    data = make_data(run)
    rotation = load("rotation").module("task").task(run, data, CPU)
    networks = Ensemble.initialise(rotation.build, run.seeds, CPU)
    table = measured(run, data)
    name = outcomes_name("accuracy, upright", "last", "test", {})
    images = np.flatnonzero(data.is_test)
    pixels = torch.from_numpy(data.pixels[images]).permute(0, 3, 1, 2).float() / 255
    orders = set()
    for i, seed in enumerate(run.seeds):
        orders.add(rotation.indices(seed, "test").numpy().tobytes())
        with torch.no_grad():
            scores = networks.select(i)(rotation.normalised(pixels, seed))[0]
        expected = scores.argmax(-1).numpy() == data.labels[images]
        np.testing.assert_array_equal(table.artefacts[f"{seed}/{name}"], expected)
    assert len(orders) == len(run.seeds)


def test_published_test_images_are_those_of_every_seed(
    make_runs: MakeRuns, make_data: MakeData
) -> None:
    """A data set of one's own may reserve test images; only training images then differ."""
    for name in ("galaxy clean-plain", "contrastive temperature-0.2"):
        run = find(make_runs, name)
        data = make_data(run)
        reserved = replace(data, is_test=np.arange(len(data.labels)) % 5 == 0)
        table = measured(run, reserved)
        assert "examples" not in table.notes
        kept = outcomes_of(table)
        assert kept
        assert {len(array) for array in kept.values()} == {int(reserved.is_test.sum())}
        assert not [key for key in kept if "/validation/" in key]


def test_windows_and_texts_are_the_examples_of_a_language_model(
    make_runs: MakeRuns, make_data: MakeData
) -> None:
    run = find(make_runs, "language rope-8")
    table = measured(run, make_data(run))
    kept = {key.partition("/")[2]: array for key, array in outcomes_of(table).items()}
    window = kept[outcomes_name("bits per character", "last", "validation", {})]
    longer = kept[outcomes_name("bits per character", "last", "validation", {"relative_length": 1})]
    np.testing.assert_array_equal(window, longer)
    assert 1 < len(window) <= run.evaluation["windows"]
    texts = [array for name, array in kept.items() if "words" in name]
    assert {len(array) for array in texts} == {run.evaluation["samples"]["count"]}


def test_means_are_the_same_whether_outcomes_are_kept_or_not() -> None:
    outcomes = torch.rand(3, 50) < 0.3
    tables = [table_of(outcomes, same) for same in (True, False)]
    assert tables[0].rows == tables[1].rows
    assert len(tables[0].artefacts) == 3
    assert not tables[1].artefacts
    assert table_of(outcomes.numpy(), same=False).rows == tables[0].rows


def table_of(outcomes: Any, same: bool) -> MeasurementTable:
    table = MeasurementTable([0, 1, 2])
    add_mean(table, outcomes, "accuracy", same=same, selection="last", split="test", angle=90)
    return table


def test_the_sizes_of_a_split_are_numbers_of_examples() -> None:
    table = MeasurementTable([0])
    note_examples(table, {"train": np.arange(5), "validation": np.arange(2), "test": np.arange(3)})
    assert table.notes == {"examples": {"train": 5, "test": 3}}
