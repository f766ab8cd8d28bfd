"""Tiles, folds, the plan, and the measures of a mask against scikit-learn and plain loops."""

from typing import Any

import numpy as np
import pytest
import torch
from scipy import ndimage
from scipy.spatial.distance import cdist
from sklearn.metrics import f1_score, jaccard_score

from inductive.core.errors import InputError
from inductive.nn.unet import UNet, receptive_radius
from inductive.studies.segmentation.agreement import boundary, boundary_f1, overlap
from inductive.studies.segmentation.border_weights import SIGMA, border_weights
from inductive.studies.segmentation.evaluate import evaluate
from inductive.studies.segmentation.task import folds, task
from inductive.studies.segmentation.tiles import mirrored, overlap_tile
from inductive.training.ensemble import Ensemble


@pytest.mark.parametrize("skips", [True, False])
@pytest.mark.parametrize("depth", [1, 2])
def test_scores_of_tiles_equal_those_of_the_whole_image(depth: int, skips: bool) -> None:
    torch.manual_seed(0)
    net = UNet(channels=3, depth=depth, skips=skips).double()
    margin = -(-receptive_radius(depth) // 2**depth) * 2**depth
    image = torch.rand(1, 1, 64, 64, dtype=torch.float64)
    tiled = overlap_tile(lambda x: net(x)[None], image, tile=16, margin=margin)[0]
    whole = torch.nn.functional.pad(image, [margin] * 4, mode="reflect")
    inner = slice(margin, margin + 64)
    torch.testing.assert_close(tiled, net(whole)[..., inner, inner], rtol=0, atol=1e-10)


def test_odd_tiles_and_sizes() -> None:
    image = torch.rand(2, 1, 50, 70)
    out = overlap_tile(lambda x: x[None], image, tile=16, margin=4)
    torch.testing.assert_close(out[0], image)


@pytest.mark.parametrize("size", [2, 3, 7])
def test_mirroring_may_be_wider_than_the_image(size: int) -> None:
    positions = mirrored(size, 3 * size, 4 * size)
    expected = np.pad(np.arange(size), (3 * size, 4 * size), mode="reflect")
    np.testing.assert_array_equal(positions.numpy(), expected)


def test_overlap_against_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    predicted, true = rng.random((2, 3, 9, 9)) < 0.7, rng.random((3, 9, 9)) < 0.8
    scores = overlap(predicted, true)
    for i in range(2):
        assert scores["Dice"][i] == pytest.approx(f1_score(true.ravel(), predicted[i].ravel()))
        assert scores["IoU"][i] == pytest.approx(jaccard_score(true.ravel(), predicted[i].ravel()))
        assert scores["accuracy"][i] == pytest.approx((true == predicted[i]).mean())


@pytest.mark.parametrize("tolerance", [0, 1, 2])
def test_boundary_f1_against_all_pairs_of_pixels(tolerance: float) -> None:
    rng = np.random.default_rng(1)
    predicted = ndimage.gaussian_filter(rng.random((1, 20, 20)), (0, 2, 2)) > 0.5
    true = ndimage.gaussian_filter(rng.random((1, 20, 20)), (0, 2, 2)) > 0.5
    a, b = np.argwhere(boundary(predicted)[0]), np.argwhere(boundary(true)[0])
    distances = cdist(a, b)
    precision = (distances.min(1) <= tolerance).mean()
    recall = (distances.min(0) <= tolerance).mean()
    expected = 2 * precision * recall / (precision + recall)
    assert boundary_f1(predicted, true, tolerance) == pytest.approx(expected)
    assert boundary_f1(true, true, 0) == 1
    assert boundary_f1(np.ones_like(true), true, tolerance) == 0


def test_boundaries_are_on_both_sides_of_an_edge() -> None:
    mask = np.zeros((1, 4, 4), bool)
    mask[0, :, 2:] = True
    expected = np.zeros((1, 4, 4), bool)
    expected[0, :, 1:3] = True
    np.testing.assert_array_equal(boundary(mask), expected)


def test_border_weights_against_distances_to_every_cell() -> None:
    cells = np.zeros((40, 40), bool)
    cells[2:15, 2:18] = cells[2:15, 22:38] = cells[20:38, 5:35] = True
    labels, count = ndimage.label(cells)
    distances = np.stack([ndimage.distance_transform_edt(labels != n) for n in range(1, count + 1)])
    nearest = np.sort(distances, axis=0)[:2].sum(0)
    expected = np.exp(-(nearest**2) / (2 * SIGMA**2)) * (labels == 0)
    np.testing.assert_allclose(border_weights(cells), expected, atol=1e-3)


def test_folds_are_a_partition_in_blocks() -> None:
    parts = folds(30, 5)
    assert np.concatenate(parts).tolist() == list(range(30))
    assert parts[4].tolist() == [24, 25, 26, 27, 28, 29]


def test_sweep_variants_are_run_at_the_other_depths_and_all_in_every_fold(make_runs: Any) -> None:
    changes = {"depths": [1, 2], "folds": [0, 1], "sweep_variants": ["skips"]}
    runs = make_runs("segmentation", changes)
    assert [run.variant for run in runs if run.labels["fold"] == 0] == [
        "skips-depth2-fold0",
        "no-skips-matched-depth2-fold0",
        "border-weighted-depth2-fold0",
        "skips-depth1-fold0",
    ]
    assert len(runs) == 8
    assert [run.labels["base"] for run in runs[::2]] == [True, True, True, False]
    assert runs[2].training["skips"] is False
    assert runs[4].training["border_weight"] == 5


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"folds": [2]}, "segmentation.folds: 2 is not one of 2 parts"),
        ({"crop": 34}, "segmentation.crop: 34 pixels cannot be halved 2 times"),
        ({"sweep_variants": ["skip"]}, "no variant is called 'skip'"),
    ],
)
def test_invalid_settings_are_refused(
    make_runs: Any, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        make_runs("segmentation", changes)


def test_the_masks_of_the_report_are_those_of_each_seeds_last_epoch(
    make_runs: Any, make_data: Any
) -> None:
    run = make_runs("segmentation")[0]
    data, device = make_data(run), torch.device("cpu")
    segmentation = task(run, data, device)
    ensemble = Ensemble.initialise(segmentation.build, run.seeds, device)
    with torch.no_grad():
        table = evaluate(run, data, {"last": ensemble}, device)
        index = table.notes["shown image"]
        assert index == segmentation.parts["validation"][0]
        segmentation.parts["validation"] = np.array([index])
        for i, seed in enumerate(run.seeds):
            scores = segmentation.whole(ensemble.select(i), "validation")
            expected = scores[0, 0, 0].numpy() > 0
            np.testing.assert_array_equal(table.artefacts[f"{seed}/mask"], expected)
