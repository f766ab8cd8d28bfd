"""The network of the rotation study and its twins on the groups p4 and p4m."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inductive.nn.group_convolution import GroupConv2d, elements, group_pool, order, transform

FACTOR = 8  # three poolings by 2


class RotationNet(nn.Module):
    """Convolution 3x3, ReLU, 2x2 maximum, three times; then one hidden layer and the scores.

    On the trivial group (`z2`) this is the course's network: 32, 64, 64 channels and 64 hidden
    units. On p4 and p4m every layer is its equivariant twin (the hidden layer a convolution as
    large as the map that is left), narrowed so that the number of parameters stays, and the scores
    are the largest over the group's elements: turning a picture by an element leaves them as they
    are.
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
        found = []
        for convolution in self.convolutions:
            x = F.relu(F.max_pool2d(convolution(x), 2))  # the same as the other way round, faster
            found.append(x)
        found.append(F.relu(self.hidden(x)))
        found.append(self.output(found[-1]))
        return found

    def forward(self, x: Tensor) -> Tensor:
        """(B, channels, size, size) -> (B, classes)."""
        return group_pool(self.maps(x)[-1], self.group).flatten(1)

    def equivariance_errors(self, x: Tensor) -> Tensor:
        """(layers,): |f(turned x) - turned f(x)| / |f(x)| of each layer, for a quarter turn.

        A network without a group is asked whether its maps turn as pictures do.
        """
        turn = 1 % order(self.group)
        turned = self.maps(transform(x, "p4", 1, on_group=False))
        errors = []
        for there, here in zip(turned, self.maps(x), strict=True):
            wanted = (
                transform(here, self.group, turn)
                if turn
                else transform(here, "p4", 1, on_group=False)
            )
            errors.append((there - wanted).norm() / here.norm())
        return torch.stack(errors)


def widths(group: str, channels: int, size: int, classes: int) -> tuple[int, int, int, int]:
    """Channels of the three convolutions and of the hidden layer.

    Dividing all by √|group| keeps the number of parameters about the same; the hidden layer then
    takes up what is left of the difference.
    """
    plain = (32, 64, 64, 64)
    n = len(elements(group))
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
    rest = (size // FACTOR) ** 2
    pairs = [(channels * 9, a), (a * 9 * n, b), (b * 9 * n, c), (c * rest * n, hidden)]
    return sum((fan_in + 1) * out for fan_in, out in [*pairs, (hidden * n, classes)])
