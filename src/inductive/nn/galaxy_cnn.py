"""The small network of the galaxy study."""

import torch.nn.functional as F
from torch import Tensor, nn


class GalaxyCNN(nn.Module):
    """5x5 convolutions 3 -> 8 -> 16, each with ReLU and 2x2 maximum, then 64, 32 and the scores."""

    WIDTHS = (64, 32)

    def __init__(self, *, channels: int, size: int, classes: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, 8, 5)
        self.second = nn.Conv2d(8, 16, 5)
        side = ((size - 4) // 2 - 4) // 2
        wide, narrow = self.WIDTHS
        self.wide = nn.Linear(16 * side**2, wide)
        self.narrow = nn.Linear(wide, narrow)
        self.output = nn.Linear(narrow, classes)

    def mask_shapes(self, batch: int) -> dict[str, tuple[int, ...]]:
        """Site -> shape of its dropout mask."""
        return {"wide": (batch, self.WIDTHS[0]), "narrow": (batch, self.WIDTHS[1])}

    def forward(self, x: Tensor, masks: dict[str, Tensor] | None = None) -> Tensor:
        """(B, channels, size, size) -> (B, classes)."""
        x = F.relu(F.max_pool2d(self.first(x), 2))  # the same as the other way round, faster
        x = F.relu(F.max_pool2d(self.second(x), 2)).flatten(1)
        x = F.relu(self.wide(x))
        x = x * masks["wide"] if masks else x
        x = F.relu(self.narrow(x))
        return self.output(x * masks["narrow"] if masks else x)
