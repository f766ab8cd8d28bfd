"""U-Nets, tiles, deformations, and the measures of a mask against scikit-learn and plain loops."""

import numpy as np
import pytest
import torch
from scipy import ndimage
from scipy.spatial.distance import cdist
from sklearn.metrics import f1_score, jaccard_score

from inductive.nn.deformation import NUMBERS, crops
from inductive.nn.tiles import mirrored, overlap_tile
from inductive.nn.unet import UNet, matched_channels, num_parameters, reach
from inductive.studies.segmentation_metrics import (
    SIGMA,
    border_weights,
    boundary,
    boundary_f1,
    overlap,
)
from inductive.studies.segmentation_task import folds


@pytest.mark.parametrize("skips", [True, False])
@pytest.mark.parametrize("depth", [1, 2])
def test_tiles_give_what_the_whole_image_gives(depth: int, skips: bool) -> None:
    torch.manual_seed(0)
    net = UNet(channels=3, depth=depth, skips=skips).double()
    margin = -(-reach(depth) // 2**depth) * 2**depth
    image = torch.rand(1, 1, 64, 64, dtype=torch.float64)
    tiled = overlap_tile(lambda x: net(x)[None], image, tile=16, margin=margin)[0]
    whole = torch.nn.functional.pad(image, [margin] * 4, mode="reflect")
    inner = slice(margin, margin + 64)
    torch.testing.assert_close(tiled, net(whole)[..., inner, inner], rtol=0, atol=1e-10)


def test_reach_is_how_far_a_change_is_felt() -> None:
    torch.manual_seed(0)
    net, depth = UNet(channels=2, depth=2, skips=True).double(), 2
    x = torch.rand(1, 1, 96, 96, dtype=torch.float64, requires_grad=True)
    for place in (44, 45, 46, 47, 48):
        (gradient,) = torch.autograd.grad(net(x)[0, 0, place, 48], x)
        felt = gradient[0, 0].abs().sum(1).nonzero()[:, 0]
        assert (felt - place).abs().max() <= reach(depth)


def test_matched_networks_have_as_many_parameters() -> None:
    for channels, depth in ((8, 3), (16, 3), (32, 4)):
        target = num_parameters(channels, depth, skips=True)
        found = num_parameters(matched_channels(channels, depth), depth, skips=False)
        assert abs(found / target - 1) < 0.015
        assert num_parameters(channels, depth, skips=False) < 0.95 * target


def test_odd_tiles_and_sizes() -> None:
    image = torch.rand(2, 1, 50, 70)
    out = overlap_tile(lambda x: x[None], image, tile=16, margin=4)
    torch.testing.assert_close(out[0], image)


@pytest.mark.parametrize("size", [2, 3, 7])
def test_mirroring_goes_on_for_ever(size: int) -> None:
    places = mirrored(size, 3 * size, 4 * size)
    expected = np.pad(np.arange(size), (3 * size, 4 * size), mode="reflect")
    np.testing.assert_array_equal(places.numpy(), expected)


def test_crops_are_pieces_of_the_image_in_one_of_eight_poses() -> None:
    torch.manual_seed(0)
    images = torch.rand(30, 1, 20, 24)
    masks = (images > 0.5).float()
    chance = torch.rand(30, NUMBERS)
    cut, mask = crops(images, masks, chance, size=8, elastic=0.0, flips=True)
    torch.testing.assert_close(mask, (cut > 0.5).float())
    seen = set()
    for i in range(30):
        poses = [
            (k, m, (cut[i, 0].flip(1) if m else cut[i, 0]).rot90(k, (0, 1)))
            for k in range(4)
            for m in (False, True)
        ]
        windows = images[i, 0].unfold(0, 8, 1).unfold(1, 8, 1)  # (13, 17, 8, 8)
        found = [
            (k, m) for k, m, pose in poses if ((windows - pose).abs().amax((2, 3)) < 1e-4).any()
        ]
        assert len(found) == 1
        seen |= set(found)
    assert len(seen) == 8


def test_without_flips_a_crop_stands_upright_and_reaches_every_corner() -> None:
    image = torch.arange(36.0).view(1, 1, 6, 6).expand(400, 1, 6, 6) / 36
    cut, _ = crops(image, image, torch.rand(400, NUMBERS), size=4, elastic=0.0, flips=False)
    corners = {round(float(c[0, 0, 0]) * 36) for c in cut}
    assert corners == {6 * y + x for y in range(3) for x in range(3)}


def test_elastic_deformation_moves_image_and_mask_alike() -> None:
    torch.manual_seed(0)
    ramp = torch.linspace(0, 1, 64).expand(200, 1, 64, 64).contiguous()
    chance = torch.rand(200, NUMBERS)
    still, _ = crops(ramp, ramp, chance, size=32, elastic=0.0, flips=False)
    moved, mask = crops(ramp, ramp, chance, size=32, elastic=3.0, flips=False)
    torch.testing.assert_close(moved, mask, rtol=0, atol=0.02)  # bilinear against nearest
    shift = (moved - still)[:, 0, 0, 0] * 63  # pixels, at a corner of the coarse grid
    assert shift.std() == pytest.approx(3, rel=0.25)


def test_overlap_against_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    cells, truth = rng.random((2, 3, 9, 9)) < 0.7, rng.random((3, 9, 9)) < 0.8
    found = overlap(cells, truth)
    for i in range(2):
        assert found["Dice"][i] == pytest.approx(f1_score(truth.ravel(), cells[i].ravel()))
        assert found["IoU"][i] == pytest.approx(jaccard_score(truth.ravel(), cells[i].ravel()))
        assert found["accuracy"][i] == pytest.approx((truth == cells[i]).mean())


@pytest.mark.parametrize("tolerance", [0, 1, 2])
def test_boundary_f1_against_all_pairs_of_pixels(tolerance: float) -> None:
    rng = np.random.default_rng(1)
    cells = ndimage.gaussian_filter(rng.random((1, 20, 20)), (0, 2, 2)) > 0.5
    truth = ndimage.gaussian_filter(rng.random((1, 20, 20)), (0, 2, 2)) > 0.5
    a, b = np.argwhere(boundary(cells)[0]), np.argwhere(boundary(truth)[0])
    distances = cdist(a, b)
    precision = (distances.min(1) <= tolerance).mean()
    recall = (distances.min(0) <= tolerance).mean()
    expected = 2 * precision * recall / (precision + recall)
    assert boundary_f1(cells, truth, tolerance) == pytest.approx(expected)
    assert boundary_f1(truth, truth, 0) == 1
    assert boundary_f1(np.ones_like(truth), truth, tolerance) == 0


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
