"""Batched rotation against torchvision, and padding that commutes with quarter turns."""

import pytest
import torch
from torchvision.transforms import InterpolationMode
from torchvision.transforms.functional import rotate as rotate_one

from inductive.augment.rotation import disc, pad_to_multiple, padded_size, rotate


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


def test_quarter_turns_are_exact_and_do_not_change_a_disc() -> None:
    images = torch.rand(4, 1, 16, 16)
    for k in range(4):
        turned = rotate(images, torch.tensor([90.0 * k]))  # one angle for all
        torch.testing.assert_close(turned, images.rot90(k, (2, 3)), rtol=0, atol=1e-6)
    mask = disc(16)
    assert torch.equal(mask, mask.rot90())
    assert mask[0, 0] == 0
    assert mask[8, 0] == 1


@pytest.mark.parametrize("size", [28, 32, 69, 88, 33])
def test_padding_to_a_multiple_commutes_with_quarter_turns(size: int) -> None:
    side = padded_size(size, 8)
    images = torch.rand(2, 1, size - size % 2, size - size % 2)
    padded = pad_to_multiple(images, 8)
    assert padded.shape[-1] == side
    assert side % 8 == 0
    assert torch.equal(pad_to_multiple(images.rot90(1, (2, 3)), 8), padded.rot90(1, (2, 3)))
    assert pad_to_multiple(torch.rand(1, 1, size, size), 8).shape[-1] == side
