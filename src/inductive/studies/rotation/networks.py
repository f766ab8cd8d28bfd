"""The network of the rotation study: plain, and equivariant to the groups p4 and p4m."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inductive.nn.group_convolution import (
    GroupConv2d,
    group_order,
    group_pool,
    group_transform,
)

FACTOR = 8
"""By which three poolings divide the side of an image."""


class RotationNet(nn.Module):
    """Convolution 3x3, ReLU, 2x2 maximum, three times; then one hidden layer and the scores.

    On the trivial group (`z2`) this is the course's network: 32, 64, 64 channels and 64 hidden
    units. On p4 and p4m every layer is a group convolution (Cohen and Welling, arXiv:1602.07576;
    the hidden layer's filters are as large as the remaining map), narrower, so that the number of
    parameters stays about the same. The scores are the maxima over the group's elements, and hence
    invariant to them.
    """

    def __init__(self, *, group: str, channels: int, size: int, classes: int) -> None:
        super().__init__()
        self.group = group
        a, b, c, hidden = widths(group, channels, size, classes)
        self.convolutions = nn.ModuleList(
            [
                GroupConv2d(channels, a, 3, group=group, lifting=True, padding=1),
                GroupConv2d(a, b, 3, group=group, padding=1),
                GroupConv2d(b, c, 3, group=group, padding=1),
            ]
        )
        self.hidden = GroupConv2d(c, hidden, size // FACTOR, group=group)
        self.output = GroupConv2d(hidden, classes, 1, group=group)

    def maps(self, x: Tensor) -> list[Tensor]:
        """The feature map after each layer, before the scores are pooled over the group."""
        maps = []
        for convolution in self.convolutions:
            x = F.relu(F.max_pool2d(convolution(x), 2))  # the two commute; this order is faster
            maps.append(x)
        maps.append(F.relu(self.hidden(x)))
        maps.append(self.output(maps[-1]))
        return maps

    def forward(self, x: Tensor) -> Tensor:
        """(B, channels, size, size) -> (B, classes)."""
        return group_pool(self.maps(x)[-1], self.group).flatten(1)

    def equivariance_errors(self, x: Tensor) -> Tensor:
        """(layers,): |f(turned x) - turned f(x)| / |f(x)| of each layer, for a quarter turn.

        The maps of a network without a group are compared as if they turned like images.
        """
        element = 1 % group_order(self.group)
        maps_of_turned = self.maps(group_transform(x, "p4", 1, on_group=False))
        errors = []
        for of_turned, upright in zip(maps_of_turned, self.maps(x), strict=True):
            expected = (
                group_transform(upright, self.group, element)
                if element
                else group_transform(upright, "p4", 1, on_group=False)
            )
            errors.append((of_turned - expected).norm() / upright.norm())
        return torch.stack(errors)


def widths(group: str, channels: int, size: int, classes: int) -> tuple[int, int, int, int]:
    """Channels of the three convolutions and of the hidden layer.

    Dividing all by √|group| keeps the number of parameters about the same; the width of the hidden
    layer is then chosen so that the number comes as close as possible.
    """
    plain = (32, 64, 64, 64)
    n = group_order(group)
    if n == 1:
        return plain
    a, b, c, _ = (round(width / math.sqrt(n)) for width in plain)
    target = num_parameters(1, *plain, channels, size, classes)
    hidden = min(
        range(1, 4 * plain[3]),
        key=lambda h: abs(num_parameters(n, a, b, c, h, channels, size, classes) - target),
    )
    return a, b, c, hidden


def num_parameters(
    n: int, a: int, b: int, c: int, hidden: int, channels: int, size: int, classes: int
) -> int:
    """Weights and biases of a network of these widths on a group of n elements."""
    positions = (size // FACTOR) ** 2
    layers = [(channels * 9, a), (a * 9 * n, b), (b * 9 * n, c), (c * positions * n, hidden)]
    return sum((fan_in + 1) * out for fan_in, out in [*layers, (hidden * n, classes)])
