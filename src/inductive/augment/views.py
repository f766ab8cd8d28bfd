"""Random views of a batch of images for contrastive learning.

The augmentations of SimCLR (Chen et al. 2020, arXiv:2002.05709), with rotation.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

NUM_UNIFORMS = 12
"""The number of uniform numbers per view of an image; the last is not used."""

SMALLEST_SCALE = 0.6  # side of the smallest crop / side of the image
COLOUR, BRIGHTNESS = 0.15, 0.3  # largest relative change of one channel, of all channels


def random_views(images: Tensor, uniforms: Tensor, *, rotation: bool) -> Tensor:
    """One view per image: cropped, mirrored, rotated, recoloured and blurred.

    images (B, C, s, s) in [0, 1] with C = 1 or 3; the same shape comes back. `uniforms`
    (B, NUM_UNIFORMS) in [0, 1) determine all random choices. Without `rotation` no view is rotated.
    Pixels from outside the image are black.
    """
    views = _crop(images, uniforms[:, :5], rotation=rotation)
    views = _recolour(views, uniforms[:, 5:9])
    return _blur(views, uniforms[:, 9:11])


def _crop(images: Tensor, uniforms: Tensor, *, rotation: bool) -> Tensor:
    scale = SMALLEST_SCALE + (1 - SMALLEST_SCALE) * uniforms[:, 0]
    shift = (1 - scale[:, None]) * (2 * uniforms[:, 1:3] - 1)
    mirror = torch.where(uniforms[:, 3] < 0.5, -1.0, 1.0)
    angle = 2 * torch.pi * uniforms[:, 4] if rotation else torch.zeros_like(scale)
    cos, sin = scale * angle.cos(), scale * angle.sin()
    rows = [
        torch.stack([cos * mirror, -sin, shift[:, 0]], dim=1),
        torch.stack([sin * mirror, cos, shift[:, 1]], dim=1),
    ]
    grid = F.affine_grid(torch.stack(rows, dim=1), list(images.shape), align_corners=False)
    return F.grid_sample(images, grid, align_corners=False)


def _recolour(images: Tensor, uniforms: Tensor) -> Tensor:
    channel_gain = 1 + COLOUR * (2 * uniforms[:, :3] - 1)
    gain = channel_gain[:, : images.shape[1]] * (1 + BRIGHTNESS * (2 * uniforms[:, 3:] - 1))
    return (images * gain[..., None, None]).clamp(0, 1)


def _blur(images: Tensor, uniforms: Tensor) -> Tensor:
    """Half of the images, chosen at random, mixed with their blur by a 3x3 binomial kernel."""
    line = torch.tensor([0.25, 0.5, 0.25], device=images.device)
    kernel = (line[:, None] * line).expand(images.shape[1], 1, 3, 3)
    blurred = F.conv2d(F.pad(images, [1] * 4, mode="replicate"), kernel, groups=images.shape[1])
    share = torch.where(uniforms[:, 0] < 0.5, uniforms[:, 1], 0.0)[:, None, None, None]
    return images + share * (blurred - images)
