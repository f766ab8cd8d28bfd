"""Rotating a batch of images, each by its own angle, where they are."""

import torch
import torch.nn.functional as F
from torch import Tensor


def rotate(images: Tensor, degrees: Tensor, interpolation: str = "bilinear") -> Tensor:
    """Turn every image about its centre, counter-clockwise; what comes from outside is 0.

    images (B, C, height, width) float, degrees (B,) or one for all (1,), interpolation `bilinear`
    or `nearest`. One call for all; per image it equals torchvision's `rotate` of a tensor without
    `expand`.
    """
    height, width = images.shape[-2:]
    angle = torch.deg2rad(degrees.cpu().double())  # not every device has float64
    cos, sin = (part.float().to(images.device) for part in (angle.cos(), angle.sin()))
    # Where each pixel comes from, in units of half the picture's sides (grid_sample's own).
    x = torch.arange(width, device=images.device) - (width - 1) / 2
    y = torch.arange(height, device=images.device) - (height - 1) / 2
    cos, sin = cos[:, None, None], sin[:, None, None]
    from_x = (cos * x - sin * y[:, None]) * (2 / width)
    from_y = (sin * x + cos * y[:, None]) * (2 / height)
    grid = torch.stack([from_x, from_y], dim=-1)  # (B or 1, height, width, 2)
    grid = grid.expand(len(images), -1, -1, -1)
    return F.grid_sample(images, grid, mode=interpolation, align_corners=False)


def disc(size: int, device: torch.device | str = "cpu") -> Tensor:
    """(size, size), 1 inside the circle that fits into the square, 0 in its corners."""
    middle = torch.arange(size, device=device) - (size - 1) / 2
    return (middle[:, None] ** 2 + middle**2 <= (size / 2) ** 2).float()


def fitted_size(size: int, factor: int) -> int:
    """The side that `fit` gives a picture of side `size`."""
    even = size - size % 2
    return even + -even % factor


def fit(images: Tensor, factor: int) -> Tensor:
    """(N, C, s, s) with zeros around it, up to the next multiple of `factor`, an even number.

    Pooling by halves then commutes with quarter turns. The zeros must be as many on all sides for
    that, so of an odd side the last row and column go.
    """
    size = images.shape[-1] - images.shape[-1] % 2
    margin = (fitted_size(size, factor) - size) // 2
    return F.pad(images[..., :size, :size], [margin] * 4)
