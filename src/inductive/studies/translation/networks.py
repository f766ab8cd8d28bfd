"""The two networks of the translation study: the same convolutions with two output heads."""

import torch.nn.functional as F
from torch import Tensor, nn

from inductive.nn.padding import PaddedConv2d, conv_output_size


class ConvStack(nn.Module):
    """Four 3x3 convolutions with ReLU, 3 -> 32 -> 32 -> 64 -> 64 channels, strides 1, 2, 2, 2."""

    CHANNELS = (3, 32, 32, 64, 64)
    STRIDES = (1, 2, 2, 2)

    def __init__(self, *, mode: str, amount: int, size: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList()
        self.sizes = [size]
        for i, stride in enumerate(self.STRIDES):
            into, out, side = self.CHANNELS[i], self.CHANNELS[i + 1], self.sizes[-1]
            self.layers.append(
                PaddedConv2d(into, out, size=side, stride=stride, mode=mode, amount=amount)
            )
            self.sizes.append(conv_output_size(side, 3, stride, amount))

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, size, size) -> (B, 64, o, o), o = sizes[-1]."""
        for layer in self.layers:
            x = F.relu(layer(x))
        return x


class Net1(nn.Module):
    """Convolutions, then the maximum over all positions, which discards where a feature is."""

    def __init__(self, *, mode: str, amount: int, size: int, classes: int = 2) -> None:
        super().__init__()
        self.features = ConvStack(mode=mode, amount=amount, size=size)
        self.output = nn.Linear(64, classes)

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, size, size) -> (B, classes)."""
        scores: Tensor = self.output(self.features(x).flatten(2).max(dim=-1).values)
        return scores


class Net2(nn.Module):
    """Convolutions, then a linear layer with separate weights for every position."""

    def __init__(self, *, mode: str, amount: int, size: int, classes: int = 2) -> None:
        super().__init__()
        self.features = ConvStack(mode=mode, amount=amount, size=size)
        self.hidden = nn.Linear(64 * self.features.sizes[-1] ** 2, 64)
        self.output = nn.Linear(64, classes)

    def forward(self, x: Tensor) -> Tensor:
        """(B, 3, size, size) -> (B, classes)."""
        scores: Tensor = self.output(F.relu(self.hidden(self.features(x).flatten(1))))
        return scores


NETS: dict[str, type[nn.Module]] = {"Net1": Net1, "Net2": Net2}
