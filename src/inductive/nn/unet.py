"""U-Net (Ronneberger, Fischer, Brox 2015), with its skip connections or without."""

from bisect import bisect_left

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class _Block(nn.Module):
    """Two 3x3 convolutions with ReLU, the size of the map kept."""

    def __init__(self, into: int, out: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(into, out, 3, padding=1)
        self.second = nn.Conv2d(out, out, 3, padding=1)
        for convolution in (self.first, self.second):
            nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
            nn.init.zeros_(convolution.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.second(F.relu(self.first(x))))


class UNet(nn.Module):
    """`depth` halvings, each doubling the channels (rounded), and as many doublings back.

    With `skips` every doubling also gets the map of its size from the way down; without, only what
    came up. Convolutions keep the size (the original's shrink it), which changes the borders only.
    """

    def __init__(self, *, channels: float, depth: int, skips: bool) -> None:
        super().__init__()
        self.depth, self.skips = depth, skips
        widths = [round(channels * 2**level) for level in range(depth + 1)]
        self.down = nn.ModuleList(
            _Block(into, out) for into, out in zip([1, *widths], widths, strict=False)
        )
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(widths[level + 1], widths[level], 2, 2) for level in range(depth)
        )
        self.merge = nn.ModuleList(
            _Block(widths[level] * (2 if skips else 1), widths[level]) for level in range(depth)
        )
        self.output = nn.Conv2d(widths[0], 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, 1, h, w) -> scores of being cell; h and w must be multiples of 2^depth."""
        kept = []
        for level, block in enumerate(self.down):
            x = block(x if level == 0 else F.max_pool2d(x, 2))
            kept.append(x)
        for level in reversed(range(self.depth)):
            x = self.up[level](x)
            x = self.merge[level](torch.cat([kept[level], x], 1) if self.skips else x)
        return self.output(x)


def reach(depth: int) -> int:
    """How far, in pixels, an output pixel can look on each side."""
    down = sum(2 * 2**level + 2**level for level in range(depth)) + 2 * 2**depth
    up = sum(2 * 2**level + 2**level for level in range(depth))
    return down + up


def num_parameters(channels: float, depth: int, *, skips: bool) -> int:
    """Weights and biases of a U-Net."""
    with torch.device("meta"):
        net = UNet(channels=channels, depth=depth, skips=skips)
    return sum(p.numel() for p in net.parameters())


def matched_channels(channels: int, depth: int) -> float:
    """The channels at which a net without skips has about as many parameters as one with."""
    target = num_parameters(channels, depth, skips=True)

    def count(i: int) -> int:
        return num_parameters(channels * (1 + i / 500), depth, skips=False)

    above = bisect_left(range(500), target, key=count)
    nearest = min((max(above - 1, 0), above), key=lambda i: abs(count(i) - target))
    return channels * (1 + nearest / 500)
