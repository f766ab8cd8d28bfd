"""Rotation of a batch of images, each by its own angle, on their device."""

import torch
import torch.nn.functional as F
from torch import Tensor


def rotate(images: Tensor, degrees: Tensor, interpolation: str = "bilinear") -> Tensor:
    """Rotate every image about its centre, counter-clockwise; pixels from outside are 0.

    images (B, C, height, width) float, degrees (B,), or (1,) for one angle for all, interpolation
    `bilinear` or `nearest`. The same shape comes back. Per image it equals torchvision's `rotate`
    of a tensor without `expand`.
    """
    height, width = images.shape[-2:]
    angle = torch.deg2rad(degrees.cpu().double())  # not every device has float64
    cos, sin = (part.float().to(images.device) for part in (angle.cos(), angle.sin()))
    # The source of each pixel, in units of half the image's sides, as grid_sample expects.
    x = torch.arange(width, device=images.device) - (width - 1) / 2
    y = torch.arange(height, device=images.device) - (height - 1) / 2
    cos, sin = cos[:, None, None], sin[:, None, None]
    source_x = (cos * x - sin * y[:, None]) * (2 / width)
    source_y = (sin * x + cos * y[:, None]) * (2 / height)
    grid = torch.stack([source_x, source_y], dim=-1)  # (B or 1, height, width, 2)
    grid = grid.expand(len(images), -1, -1, -1)
    return F.grid_sample(images, grid, mode=interpolation, align_corners=False)


def disc(size: int, device: torch.device | str = "cpu") -> Tensor:
    """(size, size) float: 1 inside the circle that fits into the square, 0 in the corners."""
    middle = torch.arange(size, device=device) - (size - 1) / 2
    return (middle[:, None] ** 2 + middle**2 <= (size / 2) ** 2).float()


def padded_size(size: int, factor: int) -> int:
    """The side of an image of side `size` after `pad_to_multiple`."""
    even = size - size % 2
    return even + -even % factor


def pad_to_multiple(images: Tensor, factor: int) -> Tensor:
    """Surround images (N, C, s, s) with zeros up to the next multiple of `factor`, an even number.

    Pooling by 2 then commutes with quarter turns. For this all four margins must be equal, so the
    last row and column of an odd side are cut off.
    """
    size = images.shape[-1] - images.shape[-1] % 2
    margin = (padded_size(size, factor) - size) // 2
    return F.pad(images[..., :size, :size], [margin] * 4)
