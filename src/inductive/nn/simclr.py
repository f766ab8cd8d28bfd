"""An encoder f with a projection head g (SimCLR, Chen et al. 2020), or with a classifier."""

import torch.nn.functional as F
from torch import Tensor, nn


class SimCLR(nn.Module):
    """f: four 3x3 convolutions of stride 2, then the mean over positions. g: two linear layers.

    Group normalisation instead of batch normalisation: a member must not depend on its batch, and
    batches leak which pictures belong together.
    """

    WIDTHS = (32, 64, 96, 128)

    def __init__(self, *, channels: int, projection: int, classes: int | None = None) -> None:
        super().__init__()
        ends = [channels, *self.WIDTHS]
        self.convolutions = nn.ModuleList(
            nn.Conv2d(ends[i], ends[i + 1], 3, 2, 1, bias=False) for i in range(len(self.WIDTHS))
        )
        self.norms = nn.ModuleList(nn.GroupNorm(8, width) for width in self.WIDTHS)
        self.hidden = nn.Linear(ends[-1], ends[-1])
        self.projection = nn.Linear(ends[-1], projection if classes is None else classes)

    def encode(self, x: Tensor) -> Tensor:
        """f: (B, channels, s, s) -> (B, 128)."""
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            x = F.relu(norm(convolution(x)))
        return x.mean((2, 3))

    def forward(self, x: Tensor) -> Tensor:
        """g(f(x)): (B, channels, s, s) -> (B, projection), or the scores (B, classes)."""
        return self.projection(F.relu(self.hidden(self.encode(x))))
