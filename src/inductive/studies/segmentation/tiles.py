"""Scoring images that are larger than a tile (Ronneberger et al., arXiv:1505.04597, fig. 2)."""

from collections.abc import Callable

import torch
from torch import Tensor


def mirrored(size: int, before: int, after: int) -> Tensor:
    """(before + size + after,) int64: indices of pixels, mirrored at both ends repeatedly."""
    positions = torch.arange(-before, size + after) % max(1, 2 * (size - 1))
    return torch.minimum(positions, 2 * (size - 1) - positions)


def overlap_tile(
    score: Callable[[Tensor], Tensor], images: Tensor, *, tile: int, margin: int
) -> Tensor:
    """Scores (S, B, 1, h, w) of whole images (B, 1, h, w), tile by tile.

    `score` maps (B, 1, s, s) to (S, B, 1, s, s) with s = tile + 2 margin: each tile with `margin`
    pixels around it. Images are extended by mirroring. Where `margin` is at least the network's
    receptive radius and a multiple of its strides, every pixel has the same score as in one
    pass over the whole image.
    """
    height, width = images.shape[-2:]
    rows, columns = (mirrored(n, margin, margin + -n % tile) for n in (height, width))
    padded = images[..., rows.to(images.device)[:, None], columns.to(images.device)]
    scored = []
    for y in range(0, height, tile):
        row = []
        for x in range(0, width, tile):
            seen = padded[..., y : y + tile + 2 * margin, x : x + tile + 2 * margin]
            inner = slice(margin, margin + tile)
            row.append(score(seen.contiguous(memory_format=torch.channels_last))[..., inner, inner])
        scored.append(torch.cat(row, dim=-1))
    return torch.cat(scored, dim=-2)[..., :height, :width]
