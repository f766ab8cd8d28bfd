"""Random crops and their elastic deformation."""

import pytest
import torch

from inductive.augment.deformation import NUM_UNIFORMS, crops


def test_crops_are_parts_of_the_image_in_one_of_eight_orientations() -> None:
    torch.manual_seed(0)
    images = torch.rand(30, 1, 20, 24)
    masks = (images > 0.5).float()
    uniforms = torch.rand(30, NUM_UNIFORMS)
    cut, mask = crops(images, masks, uniforms, size=8, elastic=0.0, flips=True)
    torch.testing.assert_close(mask, (cut > 0.5).float())
    seen = set()
    for i in range(30):
        poses = [
            (k, m, (cut[i, 0].flip(1) if m else cut[i, 0]).rot90(k, (0, 1)))
            for k in range(4)
            for m in (False, True)
        ]
        windows = images[i, 0].unfold(0, 8, 1).unfold(1, 8, 1)  # (13, 17, 8, 8)
        matching = [
            (k, m) for k, m, pose in poses if ((windows - pose).abs().amax((2, 3)) < 1e-4).any()
        ]
        assert len(matching) == 1
        seen |= set(matching)
    assert len(seen) == 8


def test_without_flips_crops_are_upright_and_start_at_every_position() -> None:
    image = torch.arange(36.0).view(1, 1, 6, 6).expand(400, 1, 6, 6) / 36
    cut, _ = crops(image, image, torch.rand(400, NUM_UNIFORMS), size=4, elastic=0.0, flips=False)
    corners = {round(float(c[0, 0, 0]) * 36) for c in cut}
    assert corners == {6 * y + x for y in range(3) for x in range(3)}


def test_elastic_deformation_moves_image_and_mask_equally() -> None:
    torch.manual_seed(0)
    ramp = torch.linspace(0, 1, 64).expand(200, 1, 64, 64).contiguous()
    uniforms = torch.rand(200, NUM_UNIFORMS)
    still, _ = crops(ramp, ramp, uniforms, size=32, elastic=0.0, flips=False)
    moved, mask = crops(ramp, ramp, uniforms, size=32, elastic=3.0, flips=False)
    torch.testing.assert_close(moved, mask, rtol=0, atol=0.02)  # bilinear against nearest
    shift = (moved - still)[:, 0, 0, 0] * 63  # pixels, at a corner of the coarse grid
    assert shift.std() == pytest.approx(3, rel=0.25)
