"""The rotation study: its networks, means over the circle, and measures of invariance."""

from typing import Any

import numpy as np
import pytest
import torch

from inductive.augment.rotation import rotate
from inductive.data.images import Images
from inductive.nn.group_convolution import group_order, group_transform
from inductive.studies.rotation.circle import circle_weights
from inductive.studies.rotation.evaluate import evaluate
from inductive.studies.rotation.invariance import (
    change_of_scores,
    equivariance,
    scores_at_angle,
    scores_rotated_once,
)
from inductive.studies.rotation.networks import RotationNet, num_parameters, widths
from inductive.studies.rotation.task import RotationTask, Training, task
from inductive.training.ensemble import Ensemble

CPU = torch.device("cpu")


def test_a_mean_over_the_circle_does_not_depend_on_the_grid() -> None:
    np.testing.assert_allclose(circle_weights([0, 90, 180, 270]), np.full(4, 0.25))
    assert circle_weights([0, 90, 180, 270, 360]).sum() == pytest.approx(1)
    uneven = [0, 10, 20, 90, 135, 200, 290, 359, 360]
    weights, angles = circle_weights(uneven), np.deg2rad(uneven)
    assert weights.sum() == pytest.approx(1)
    assert weights[0] == weights[-1]
    # Exact for a constant and close for a cosine, unlike a plain mean.
    assert (weights * (1 + np.cos(angles))).sum() == pytest.approx(1, abs=0.15)
    assert abs((1 + np.cos(angles)).mean() - 1) > 0.15


@pytest.mark.parametrize(("channels", "size"), [(1, 32), (3, 32), (3, 72)])
def test_group_networks_are_as_large_and_exactly_invariant(channels: int, size: int) -> None:
    sizes = {}
    for group in ("z2", "p4", "p4m"):
        net = RotationNet(group=group, channels=channels, size=size, classes=10)
        sizes[group] = sum(p.numel() for p in net.parameters())
        shape = widths(group, channels, size, 10)
        assert sizes[group] == num_parameters(group_order(group), *shape, channels, size, 10)
        x = torch.rand(3, channels, size, size)
        scores = net(x)
        for element in range(group_order(group)):
            moved = net(group_transform(x, group, element, on_group=False))
            torch.testing.assert_close(moved, scores, rtol=0, atol=1e-5)
        errors = net.equivariance_errors(x)
        assert (errors < 1e-5).all() == (group != "z2")
    for group in ("p4", "p4m"):
        assert abs(sizes[group] / sizes["z2"] - 1) < 0.02


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_scores_are_in_the_precision_of_the_run_and_invariance_in_float32(precision: str) -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (60, 32, 32, 3), dtype=np.uint8)
    images = Images(pixels, rng.integers(0, 4, 60), np.zeros(60, bool), tuple("abcd"))
    parts = dict(zip(("train", "validation", "test"), np.arange(60).reshape(3, 20), strict=True))
    training = Training(
        sizes={},
        group="p4",
        pictures="upright",
        disc=False,
        epochs=1,
        batch_size=20,
        learning_rate=0.001,
        precision=precision,
    )
    rotation = RotationTask(training, images, lambda seed: parts, CPU)
    ensemble = Ensemble.initialise(rotation.build, [0, 1], CPU)
    with torch.no_grad():
        scores = scores_at_angle(rotation, ensemble, 45.0)
        assert (change_of_scores(rotation, ensemble, 90) < 1e-5).all()
        assert (change_of_scores(rotation, ensemble, 45) > 1e-3).all()
        assert (equivariance(rotation, ensemble, 8) < 1e-5).all()
        for i, seed in enumerate(ensemble.seeds):
            turned = rotate(rotation.raw(torch.from_numpy(parts["test"])), torch.tensor([45.0]))
            net = ensemble.select(i).to_module()
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
                expected = net(rotation.normalised(turned, seed)).float()
            torch.testing.assert_close(scores[i], expected, rtol=0, atol=1e-6)
    assert scores.dtype == torch.float32


def test_every_image_has_one_angle_where_it_is_rotated_once(make_runs: Any, make_data: Any) -> None:
    run = next(run for run in make_runs("rotation") if run.variant == "cifar10-plain")
    rotation = task(run, make_data(run), CPU)
    ensemble = Ensemble.initialise(rotation.build, [1], CPU)
    indices = rotation.indices(1, "test")
    images = rotation.raw(indices)
    turned = [
        rotate(image[None], rotation.angles(1)[i][None])
        for image, i in zip(images, indices, strict=True)
    ]
    with torch.no_grad():
        expected = ensemble(rotation.normalised(torch.cat(turned), 1))
        scores = scores_rotated_once(rotation, ensemble)
    torch.testing.assert_close(scores, expected, rtol=0, atol=1e-5)


def test_an_evaluation_keeps_the_pictures_that_the_report_shows(
    make_runs: Any, make_data: Any
) -> None:
    run = next(run for run in make_runs("rotation") if run.variant == "cifar10-p4")
    data = make_data(run)
    rotation = task(run, data, CPU)
    ensemble = Ensemble.initialise(rotation.build, run.seeds, CPU)
    with torch.no_grad():
        table = evaluate(run, data, {"best": ensemble, "last": ensemble}, CPU)
    pictures = table.artefacts["pictures"]
    assert pictures.dtype == np.uint8
    np.testing.assert_array_equal(pictures[[0, 7]], data.pixels[:2])
    quarter = np.rot90(data.pixels[0]).astype(int)
    assert np.abs(pictures[2].astype(int) - quarter).max() <= 1
