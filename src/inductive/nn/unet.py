"""U-Net with or without skip connections (Ronneberger et al. 2015, arXiv:1505.04597)."""

from bisect import bisect_left

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class _DoubleConv(nn.Module):
    """Two 3x3 convolutions with ReLU that keep the size of the map."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.second = nn.Conv2d(out_channels, out_channels, 3, padding=1)
        for convolution in (self.first, self.second):
            nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
            nn.init.zeros_(convolution.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        """(B, in, h, w) -> (B, out, h, w)."""
        out: Tensor = F.relu(self.second(F.relu(self.first(x))))
        return out


class UNet(nn.Module):
    """`depth` poolings by 2, each doubling the channels (rounded), and as many upsamplings.

    With `skips` every upsampled map is joined by the map of its size from before the pooling.
    Convolutions keep the size (in the original they shrink it), which only changes the borders.
    """

    def __init__(self, *, channels: float, depth: int, skips: bool) -> None:
        super().__init__()
        self.depth, self.skips = depth, skips
        widths = [round(channels * 2**level) for level in range(depth + 1)]
        self.down = nn.ModuleList(
            _DoubleConv(a, b) for a, b in zip([1, *widths], widths, strict=False)
        )
        self.up = nn.ModuleList(
            nn.ConvTranspose2d(widths[level + 1], widths[level], 2, 2) for level in range(depth)
        )
        self.merge = nn.ModuleList(
            _DoubleConv(widths[level] * (2 if skips else 1), widths[level])
            for level in range(depth)
        )
        self.output = nn.Conv2d(widths[0], 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, 1, h, w) -> logits (B, 1, h, w); h and w must be multiples of 2^depth."""
        maps = []
        for level, block in enumerate(self.down):
            x = block(x if level == 0 else F.max_pool2d(x, 2))
            maps.append(x)
        for level in reversed(range(self.depth)):
            x = self.up[level](x)
            x = self.merge[level](torch.cat([maps[level], x], 1) if self.skips else x)
        logits: Tensor = self.output(x)
        return logits


def receptive_radius(depth: int) -> int:
    """The largest distance, in pixels, at which an input pixel can affect an output pixel."""
    down = sum(2 * 2**level + 2**level for level in range(depth)) + 2 * 2**depth
    up = sum(2 * 2**level + 2**level for level in range(depth))
    return int(down + up)


def num_parameters(channels: float, depth: int, *, skips: bool) -> int:
    """The number of weights and biases of a U-Net."""
    with torch.device("meta"):
        net = UNet(channels=channels, depth=depth, skips=skips)
    return sum(p.numel() for p in net.parameters())


def matched_channels(channels: int, depth: int) -> float:
    """The channels with which a net without skips has about as many parameters as one with skips.

    `channels` are those of the net with skips.
    """
    target = num_parameters(channels, depth, skips=True)

    def count(i: int) -> int:
        return num_parameters(channels * (1 + i / 500), depth, skips=False)

    above = bisect_left(range(500), target, key=count)
    nearest = min((max(above - 1, 0), above), key=lambda i: abs(count(i) - target))
    return channels * (1 + nearest / 500)
