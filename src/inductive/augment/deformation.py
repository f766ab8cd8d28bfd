"""Mirrored, rotated and elastically deformed crops of a batch of images and their masks."""

import torch
import torch.nn.functional as F
from torch import Tensor

COARSE = 4
"""Side of the square grid of points at which random displacements are drawn."""

NUM_UNIFORMS = 2 + 4 + 4 * COARSE**2
"""The number of uniform numbers per crop."""


def crops(
    images: Tensor, masks: Tensor, uniforms: Tensor, *, size: int, elastic: float, flips: bool
) -> tuple[Tensor, Tensor]:
    """A random crop of each image, and the same crop of its masks.

    images (B, 1, h, w) and masks (B, M, h, w) -> (B, 1, size, size) and (B, M, size, size). Images
    are interpolated bilinearly, masks take the nearest pixel; beyond the border both are mirrored.
    `uniforms` (B, NUM_UNIFORMS) in [0, 1) determine all random choices. With `flips` a crop has one
    of the eight orientations of a square. `elastic` is the standard deviation, in pixels, of
    displacements at COARSE x COARSE points, with bicubic interpolation between them (Ronneberger et
    al. 2015, arXiv:1505.04597).
    """
    count, _, height, width = images.shape
    offsets = torch.arange(size, device=images.device) - (size - 1) / 2
    grid = torch.stack(torch.meshgrid(offsets, offsets, indexing="xy"), -1)  # (size, size, x y)
    grid = grid.expand(count, -1, -1, -1)
    if flips:
        turn = (uniforms[:, 2:3, None, None] * 4).floor() * (torch.pi / 2)
        mirror = torch.where(uniforms[:, 3, None, None] < 0.5, -1.0, 1.0)
        x, y = mirror * grid[..., 0], grid[..., 1]
        cos, sin = turn[..., 0].cos().round(), turn[..., 0].sin().round()
        grid = torch.stack([cos * x - sin * y, sin * x + cos * y], -1)
    if elastic:
        grid = grid + elastic * _displacements(uniforms[:, 6:], size)
    slack = torch.tensor([width - size, height - size], device=images.device)
    corner = ((slack + 1) * uniforms[:, :2]).floor().minimum(slack)
    centre = corner + (size - 1) / 2
    positions = grid + centre[:, None, None]
    sides = torch.tensor([width, height], device=images.device)
    positions = (2 * positions + 1) / sides - 1  # as grid_sample expects them

    def read(x: Tensor, mode: str) -> Tensor:
        return F.grid_sample(x, positions, mode, padding_mode="reflection", align_corners=False)

    return read(images, "bilinear"), read(masks, "nearest")


def _displacements(uniforms: Tensor, size: int) -> Tensor:
    """Smooth fields (B, size, size, 2), standard normal at the COARSE x COARSE points."""
    radius, angle = uniforms.unflatten(1, (2, 2, COARSE, COARSE)).unbind(1)
    # The Box-Muller transform: normal numbers as a function of the uniform ones.
    normal = (-2 * (1 - radius).log()).sqrt() * (2 * torch.pi * angle).cos()
    fields = F.interpolate(normal, (size, size), mode="bicubic", align_corners=True)
    return fields.permute(0, 2, 3, 1)
