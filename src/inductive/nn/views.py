"""Random views of images for contrastive learning (Chen et al. 2020), all of a batch at once."""

import torch
import torch.nn.functional as F
from torch import Tensor

NUMBERS = 12
"""Uniform numbers that one view of one image takes."""

LEAST_SCALE = 0.6  # of a crop's side
COLOUR, BRIGHTNESS = 0.15, 0.3  # largest relative change of a channel, of all channels


def random_views(images: Tensor, chance: Tensor, *, rotation: bool) -> Tensor:
    """A view of each image (B, 3, s, s) in [0, 1]: cropped, mirrored, turned, recoloured, blurred.

    `chance` (B, NUMBERS), uniform in [0, 1), is all that is random. Without `rotation` nothing is
    turned. What a crop shows from outside the picture is black.
    """
    views = _crop(images, chance[:, :5], rotation=rotation)
    views = _recolour(views, chance[:, 5:9])
    return _blur(views, chance[:, 9:11])


def _crop(images: Tensor, chance: Tensor, *, rotation: bool) -> Tensor:
    scale = LEAST_SCALE + (1 - LEAST_SCALE) * chance[:, 0]
    shift = (1 - scale[:, None]) * (2 * chance[:, 1:3] - 1)
    mirror = torch.where(chance[:, 3] < 0.5, -1.0, 1.0)
    angle = 2 * torch.pi * chance[:, 4] if rotation else torch.zeros_like(scale)
    cos, sin = scale * angle.cos(), scale * angle.sin()
    rows = [
        torch.stack([cos * mirror, -sin, shift[:, 0]], dim=1),
        torch.stack([sin * mirror, cos, shift[:, 1]], dim=1),
    ]
    grid = F.affine_grid(torch.stack(rows, dim=1), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)


def _recolour(images: Tensor, chance: Tensor) -> Tensor:
    each = 1 + COLOUR * (2 * chance[:, :3] - 1)
    gain = each[:, : images.shape[1]] * (1 + BRIGHTNESS * (2 * chance[:, 3:] - 1))
    return (images * gain[..., None, None]).clamp(0, 1)


def _blur(images: Tensor, chance: Tensor) -> Tensor:
    """Every second image mixed with itself blurred by a 3x3 binomial kernel."""
    line = torch.tensor([0.25, 0.5, 0.25], device=images.device)
    kernel = (line[:, None] * line).expand(images.shape[1], 1, 3, 3)
    soft = F.conv2d(F.pad(images, [1] * 4, mode="replicate"), kernel, groups=images.shape[1])
    share = torch.where(chance[:, 0] < 0.5, chance[:, 1], 0.0)[:, None, None, None]
    return images + share * (soft - images)
