"""The translation study's networks, plan and task."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import ttost_ind

from inductive.analysis.results import Results
from inductive.core.errors import InputError
from inductive.core.layout import Layout, PresetLayout
from inductive.studies import load
from inductive.studies.translation import tables
from inductive.studies.translation.evaluate import evaluate
from inductive.studies.translation.figures import _draw
from inductive.studies.translation.networks import NETS
from inductive.studies.translation.task import task
from inductive.training.ensemble import Ensemble


@pytest.mark.parametrize(("amount", "side"), [(0, 2), (1, 4), (2, 6)])
def test_last_maps_of_the_course_networks(amount: int, side: int) -> None:
    for net in NETS.values():
        model = net(mode="zeros", amount=amount, size=32)
        assert model.features(torch.zeros(1, 3, 32, 32)).shape == (1, 64, side, side)
        assert model(torch.zeros(5, 3, 32, 32)).shape == (5, 2)


def test_net1_is_invariant_to_circular_shifts_by_its_stride() -> None:
    """With one pixel of circular padding and maps that the strides divide."""
    net = NETS["Net1"](mode="circular", amount=1, size=32)
    x = torch.rand(4, 3, 32, 32)
    shifted = torch.roll(x, (8, 16), dims=(2, 3))
    torch.testing.assert_close(net(x), net(shifted), rtol=1e-4, atol=1e-5)
    assert (net(x) - net(torch.roll(x, 3, dims=2))).abs().max() > 1e-4


def test_a_protocol_may_have_its_own_seeds_and_epochs(make_runs: Any) -> None:
    clean = {"nets": ["Net1"], "modes": ["zeros", "reflect"], "amounts": [0, 1]}
    changes = {"seeds": 4, "epochs": 9, "clean": clean | {"seeds": [3, 5], "epochs": 7}}
    runs = {run.variant: run for run in make_runs("translation", changes)}
    assert list(runs) == [
        "course-Net1-valid",
        "course-Net1-circular",
        "clean-Net1-none",
        "clean-Net1-zeros1",
        "clean-Net1-reflect1",
        "draws-Net1-valid-data7",
    ]
    seeds = {run.labels["protocol"]: (run.seeds, run.training["epochs"]) for run in runs.values()}
    assert seeds == {"course": ((0, 1, 2, 3), 9), "clean": ((3, 5), 7), "draws": ((0, 1, 2), 9)}
    assert runs["clean-Net1-reflect1"].registered == ("inductive.nn.padding_modes:reflect",)
    assert [run.labels["data_seed"] for run in runs.values()] == [42] * 5 + [7]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"evaluation": {"shifts": [17]}}, "translation.evaluation.shifts: 17 is beyond"),
        ({"clean": {"modes": ["cirular"]}}, "clean: cirular1: .*did you mean 'circular'"),
        ({"draws": {"paddings": ["vlid"]}}, "unknown padding 'vlid'; did you mean 'valid'"),
    ],
)
def test_invalid_settings_are_refused(
    make_runs: Any, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        make_runs("translation", changes)


def test_training_has_no_test_and_no_held_out_images(make_runs: Any, make_data: Any) -> None:
    run = make_runs("translation")[0]
    data = make_data(run)
    alone = data.only("train", "validation")
    with pytest.raises(KeyError):
        alone.images("test")
    translation = task(run, alone, torch.device("cpu"))
    assert len(translation.train[0]) == len(data.labels("train"))
    assert len(translation.validation[0]) == len(data.labels("validation"))


def test_evaluations_by_shift_agree_with_those_of_the_splits(
    make_runs: Any, make_data: Any
) -> None:
    run, device = make_runs("translation")[0], torch.device("cpu")
    data = make_data(run)
    ensemble = Ensemble.initialise(task(run, data, device).build, run.seeds, device)
    with torch.no_grad():
        table = evaluate(run, data, {"best": ensemble, "last": ensemble}, device)
    values = {
        (metric, selection, split, *coordinates.items()): value
        for seed, selection, split, metric, coordinates, value in table.rows
        if seed == run.seeds[0]
    }
    assert values["consistency", "best", "test", ("shift", 0)] == 1
    swapped = values["accuracy", "best", "test", ("shift", data.swap)]
    assert swapped == values["accuracy", "best", "test"]
    sizes = [values["map size", "", "", ("layer", i)] for i in (1, 2, 3, 4)]
    assert sizes == [values["map size by formula", "", "", ("layer", i)] for i in (1, 2, 3, 4)]
    assert sizes[-1] == 2


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_figures_show_the_images_of_the_networks(
    make_runs: Any, make_data: Any, split: str
) -> None:
    data = make_data(make_runs("translation")[0])
    shift = data.swap if split == "test" else 0
    images = data.images(split, shift).permute(0, 2, 3, 1).numpy()
    for i in range(4):
        np.testing.assert_array_equal(_draw(data, split, i, shift), images[i])


def test_cells_of_the_course_table_are_compared_by_equivalence(
    make_runs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The p of every cell is that of statsmodels' two one-sided tests, times Holm's factor."""
    runs = [run for run in make_runs("translation") if run.labels["protocol"] == "course"]
    random = np.random.default_rng(0)
    study, cells, expected, rows = load("translation"), {}, {}, []
    for run in runs:
        net, padding = run.labels["net"], run.labels["padding"]
        cells.setdefault(net, {})[padding] = [90.0, 1.5, 40.0, 2.0]
        for split, selection, mean, sd in (
            ("validation", "last", 90, 1.5),
            ("test", "best", 40, 2.0),
        ):
            ours = random.normal(mean, 1.0, 6)
            theirs = random.normal(0, 1, 10)
            theirs = mean + sd * (theirs - theirs.mean()) / theirs.std(ddof=1)
            expected[net, padding, split] = ttost_ind(ours, theirs, -3, 3, usevar="unequal")[0]
            rows += [
                {"selection": selection, "split": split, "metric": "accuracy", "seed": seed}
                | {"value": value / 100}
                | run.labels
                for seed, value in enumerate(ours)
            ]
    results = Results("translation", runs, PresetLayout(Layout(), "x"), study.metrics)
    results.published.update(study.published | {"cells": cells})
    frame = pd.DataFrame(rows).assign(shift=np.nan, layer=np.nan)
    monkeypatch.setattr(Results, "measurements", frame)
    found = tables._equivalence(results)
    assert found.keys() == expected.keys()
    adjusted = multipletests(list(expected.values()), method="holm")[1]
    assert list(found.values()) == pytest.approx(list(adjusted), rel=1e-6)
