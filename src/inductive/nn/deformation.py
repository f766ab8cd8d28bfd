"""Mirrored, turned and elastically deformed crops of images and their masks, many at once."""

import torch
import torch.nn.functional as F
from torch import Tensor

COARSE = 4
"""Points a side of the grid that random displacements are drawn on."""

NUMBERS = 2 + 4 + 4 * COARSE**2
"""Uniform numbers that one crop takes."""


def crops(
    images: Tensor, masks: Tensor, chance: Tensor, *, size: int, elastic: float, flips: bool
) -> tuple[Tensor, Tensor]:
    """A random crop of each image and of its masks, cut in the same way.

    images (B, 1, h, w) are read bilinearly, masks (B, M, h, w) from the nearest pixel; beyond the
    border both are mirrored. `chance` (B, NUMBERS), uniform in [0, 1), is all that is random. With
    `flips` a crop is one of a square's eight poses. `elastic` is the standard deviation, in pixels,
    of the displacements at COARSE x COARSE points, between which they are bicubic (Ronneberger et
    al. 2015).
    """
    count, _, height, width = images.shape
    offsets = torch.arange(size, device=images.device) - (size - 1) / 2
    grid = torch.stack(torch.meshgrid(offsets, offsets, indexing="xy"), -1)  # (size, size, x y)
    grid = grid.expand(count, -1, -1, -1)
    if flips:
        turn = (chance[:, 2:3, None, None] * 4).floor() * (torch.pi / 2)
        mirror = torch.where(chance[:, 3, None, None] < 0.5, -1.0, 1.0)
        x, y = mirror * grid[..., 0], grid[..., 1]
        cos, sin = turn[..., 0].cos().round(), turn[..., 0].sin().round()
        grid = torch.stack([cos * x - sin * y, sin * x + cos * y], -1)
    if elastic:
        grid = grid + elastic * _displacements(chance[:, 6:], size)
    room = torch.tensor([width - size, height - size], device=images.device)
    corner = ((room + 1) * chance[:, :2]).floor().minimum(room)
    centre = corner + (size - 1) / 2
    places = grid + centre[:, None, None]
    sides = torch.tensor([width, height], device=images.device)
    places = (2 * places + 1) / sides - 1  # grid_sample's own units

    def read(x: Tensor, mode: str) -> Tensor:
        return F.grid_sample(x, places, mode, padding_mode="reflection", align_corners=False)

    return read(images, "bilinear"), read(masks, "nearest")


def _displacements(chance: Tensor, size: int) -> Tensor:
    """Smooth normal fields (B, size, size, 2) of unit deviation at their COARSE x COARSE points."""
    radius, angle = chance.unflatten(1, (2, 2, COARSE, COARSE)).unbind(1)
    # Box and Muller: the normal numbers must be a function of the uniform ones.
    normal = (-2 * (1 - radius).log()).sqrt() * (2 * torch.pi * angle).cos()
    fields = F.interpolate(normal, (size, size), mode="bicubic", align_corners=True)
    return fields.permute(0, 2, 3, 1)
