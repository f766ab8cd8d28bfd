"""The small network of the galaxy study."""

import torch.nn.functional as F
from torch import Tensor, nn


class GalaxyCNN(nn.Module):
    """5x5 convolutions 3 -> 8 -> 16, each with ReLU and 2x2 maximum; linear layers 64, 32, scores.

    No padding.
    """

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

    def mask_shapes(self, batch_size: int) -> dict[str, tuple[int, ...]]:
        """Site -> shape of its dropout mask."""
        return {"wide": (batch_size, self.WIDTHS[0]), "narrow": (batch_size, self.WIDTHS[1])}

    def forward(self, x: Tensor, masks: dict[str, Tensor] | None = None) -> Tensor:
        """(B, channels, size, size) -> (B, classes)."""
        # ReLU and maximum commute; on the smaller map ReLU is faster.
        x = F.relu(F.max_pool2d(self.first(x), 2))  # (B, 8, s1, s1), s1 = (size - 4) // 2
        x = F.relu(F.max_pool2d(self.second(x), 2)).flatten(1)  # (B, 16 side²)
        x = F.relu(self.wide(x))
        x = x * masks["wide"] if masks else x
        x = F.relu(self.narrow(x))
        scores: Tensor = self.output(x * masks["narrow"] if masks else x)
        return scores
