"""Batched rotation against torchvision, group convolutions against their defining equation."""

from itertools import product

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torchvision.transforms import InterpolationMode
from torchvision.transforms.functional import rotate as rotate_one

from inductive.data.images import Images
from inductive.nn.group_convolution import GroupConv2d, elements, group_pool, order, transform
from inductive.nn.rotation import disc, fit, fitted_size, rotate
from inductive.nn.rotation_nets import RotationNet, num_parameters, widths
from inductive.studies.rotation_task import RotationTask, on_the_circle
from inductive.training.members import Members


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear"])
@pytest.mark.parametrize("size", [(32, 32), (28, 28), (21, 33)])
def test_rotate_equals_torchvision_per_image(interpolation: str, size: tuple[int, int]) -> None:
    images = torch.rand(40, 3, *size)
    angles = torch.cat([torch.rand(33) * 720 - 360, torch.arange(-90.0, 451, 90)])[:40]
    theirs = [
        rotate_one(image, float(angle), InterpolationMode(interpolation))
        for image, angle in zip(images, angles, strict=True)
    ]
    torch.testing.assert_close(
        rotate(images, angles, interpolation), torch.stack(theirs), rtol=0, atol=1e-4
    )


def test_quarter_turns_are_exact_and_a_disc_keeps_its_shape() -> None:
    images = torch.rand(4, 1, 16, 16)
    for k in range(4):
        turned = rotate(images, torch.tensor([90.0 * k]))  # one angle for all
        torch.testing.assert_close(turned, images.rot90(k, (2, 3)), rtol=0, atol=1e-6)
    mask = disc(16)
    assert torch.equal(mask, mask.rot90())
    assert mask[0, 0] == 0
    assert mask[8, 0] == 1


def test_a_mean_over_the_circle_does_not_see_the_grid() -> None:
    even = on_the_circle([0, 90, 180, 270])
    torch.testing.assert_close(even, torch.full((4,), 0.25))
    torch.testing.assert_close(on_the_circle([0, 90, 180, 270, 360]).sum(), torch.tensor(1.0))
    uneven = [0, 10, 20, 90, 135, 200, 290, 359, 360]
    weights, places = on_the_circle(uneven), torch.deg2rad(torch.tensor(uneven))
    assert weights.sum() == pytest.approx(1)
    assert weights[0] == weights[-1]
    # Exact for what is constant, and close for a wave, which a plain mean is not.
    wave = (weights * (1 + places.cos())).sum().item()
    assert wave == pytest.approx(1, abs=0.15)
    assert abs((1 + places.cos()).mean().item() - 1) > 0.15


@pytest.mark.parametrize("size", [28, 32, 69, 88, 33])
def test_fit_keeps_quarter_turns(size: int) -> None:
    side = fitted_size(size, 8)
    images = torch.rand(2, 1, size - size % 2, size - size % 2)
    fitted = fit(images, 8)
    assert fitted.shape[-1] == side
    assert side % 8 == 0
    assert torch.equal(fit(images.rot90(1, (2, 3)), 8), fitted.rot90(1, (2, 3)))
    assert fit(torch.rand(1, 1, size, size), 8).shape[-1] == side


@pytest.mark.parametrize("group", ["p4", "p4m"])
def test_group_convolution_is_its_defining_sum(group: str) -> None:
    """Σ_g,y f(g, y) ψ(h⁻¹g, h⁻¹(y - t)) by a plain loop over group elements and pixels."""
    torch.manual_seed(0)
    n, size, k = order(group), 5, 3
    conv = GroupConv2d(2, 3, k, group=group).double()
    f = torch.rand(1, 2 * n, size, size, dtype=torch.float64)
    out = conv(f).detach().numpy().reshape(3, n, size - k + 1, size - k + 1)
    psi, fs = conv.weight.detach().numpy(), f.numpy().reshape(2, n, size, size)
    group_elements = elements(group)
    expected = np.zeros_like(out)
    for (i, h), o, c, (j, g) in product(
        enumerate(group_elements), range(3), range(2), enumerate(group_elements)
    ):
        inner = np.rint(np.linalg.inv(h) @ g)
        number = next(m for m, e in enumerate(group_elements) if (e == inner).all())
        for row, col in product(range(k), range(k)):
            place = np.array([col - 1, 1 - row])  # y - t, x right and y up
            x, y = np.rint(np.linalg.inv(h) @ place).astype(int)
            value = psi[o, c, number, 1 - y, x + 1]
            expected[o, i] += value * fs[c, j, row : row + size - 2, col : col + size - 2]
    expected += conv.bias.detach().numpy()[:, None, None, None]
    np.testing.assert_allclose(out, expected, atol=1e-12)


@pytest.mark.parametrize(("group", "kernel"), list(product(["p4", "p4m"], [1, 3, 4])))
def test_convolutions_move_with_their_input(group: str, kernel: int) -> None:
    torch.manual_seed(0)
    lift = GroupConv2d(3, 4, 3, group=group, lifting=True, padding=1)
    conv = GroupConv2d(4, 5, kernel, group=group)
    x = torch.rand(2, 3, 8, 8)
    for element in range(order(group)):
        moved = transform(x, group, element, on_group=False)
        torch.testing.assert_close(lift(moved), transform(lift(x), group, element))
        torch.testing.assert_close(
            conv(lift(moved)), transform(conv(lift(x)), group, element), rtol=1e-4, atol=1e-5
        )
        torch.testing.assert_close(
            group_pool(lift(moved), group).amax((2, 3)), group_pool(lift(x), group).amax((2, 3))
        )


def test_the_trivial_group_is_an_ordinary_convolution() -> None:
    conv = GroupConv2d(3, 4, 3, group="z2", lifting=True, padding=1)
    x = torch.rand(2, 3, 8, 8)
    expected = F.conv2d(x, conv.weight[:, :, 0], conv.bias, padding=1)
    torch.testing.assert_close(conv(x), expected)


@pytest.mark.parametrize("group", ["z2", "p4", "p4m"])
def test_a_filter_as_large_as_the_map_is_still_a_convolution(group: str) -> None:
    conv = GroupConv2d(3, 5, 4, group=group)
    x = torch.rand(2, 3 * order(group), 4, 4).contiguous(memory_format=torch.channels_last)
    expected = F.conv2d(x, conv.filters(), conv.bias.repeat_interleave(order(group)))
    torch.testing.assert_close(conv(x), expected)


@pytest.mark.parametrize(("channels", "size"), [(1, 32), (3, 32), (3, 72)])
def test_twins_are_as_large_and_exactly_invariant(channels: int, size: int) -> None:
    sizes = {}
    for group in ("z2", "p4", "p4m"):
        net = RotationNet(group=group, channels=channels, size=size, classes=10)
        sizes[group] = sum(p.numel() for p in net.parameters())
        shape = widths(group, channels, size, 10)
        assert sizes[group] == num_parameters(order(group), *shape, channels, size, 10)
        x = torch.rand(3, channels, size, size)
        home = net(x)
        for element in range(order(group)):
            moved = net(transform(x, group, element, on_group=False))
            torch.testing.assert_close(moved, home, rtol=0, atol=1e-5)
        errors = net.equivariance_errors(x)
        assert (errors < 1e-5).all() == (group != "z2")
    for group in ("p4", "p4m"):
        assert abs(sizes[group] / sizes["z2"] - 1) < 0.02


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_scores_are_in_the_runs_precision_and_promises_in_float32(precision: str) -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (60, 32, 32, 3), dtype=np.uint8)
    images = Images(pixels, rng.integers(0, 4, 60), np.zeros(60, bool), tuple("abcd"))
    parts = dict(zip(("train", "validation", "test"), np.arange(60).reshape(3, 20), strict=True))
    numbers = {"group": "p4", "pictures": "upright", "disc": False, "epochs": 1}
    device = torch.device("cpu")
    task = RotationTask(numbers | {"precision": precision}, images, lambda seed: parts, device)
    members = Members.initialise(task.build, [0, 1], device)
    with torch.no_grad():
        scores = task.at_angle(members, 45, "bilinear")
        assert (task.change_of_scores(members, 90) < 1e-5).all()
        assert (task.change_of_scores(members, 45) > 1e-3).all()
        assert (task.equivariance(members, 8) < 1e-5).all()
        for i, seed in enumerate(members.seeds):
            turned = rotate(task.raw(torch.from_numpy(parts["test"])), torch.tensor([45.0]))
            net = members.member(i).module_of()
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
                expected = net(task.normalised(turned, seed)).float()
            torch.testing.assert_close(scores[i], expected, rtol=0, atol=1e-6)
    assert scores.dtype == torch.float32
