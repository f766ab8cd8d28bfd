"""Resizing images of bytes."""

import torch
from torch import Tensor
from torch.nn.functional import interpolate

BATCH = 256  # images that are held as floats at once


def resize(pixels: Tensor, size: int) -> Tensor:
    """(N, C, h, w) uint8 -> (N, C, size, size) uint8, bilinear with antialiasing."""
    if pixels.shape[-2:] == (size, size):
        return pixels
    parts = [
        interpolate(part.float(), (size, size), mode="bilinear", antialias=True)
        for part in pixels.split(BATCH)
    ]
    return torch.cat([part.round().clamp(0, 255).byte() for part in parts])
