"""An encoder f with a projection head g, or with a classifier."""

import torch.nn.functional as F
from torch import Tensor, nn


class SimCLR(nn.Module):
    """f: four 3x3 convolutions of stride 2, then the mean over positions. g: two linear layers.

    Chen et al. 2020 (arXiv:2002.05709), but with group normalisation instead of batch
    normalisation: the representation of an image must not depend on the others of its batch, and
    batch statistics would reveal which views belong together.
    """

    WIDTHS = (32, 64, 96, 128)

    def __init__(self, *, channels: int, projection: int, classes: int | None = None) -> None:
        """`projection` is the dimension of g; with `classes`, scores take the place of g."""
        super().__init__()
        widths = [channels, *self.WIDTHS]
        self.convolutions = nn.ModuleList(
            nn.Conv2d(widths[i], widths[i + 1], 3, 2, 1, bias=False)
            for i in range(len(self.WIDTHS))
        )
        self.norms = nn.ModuleList(nn.GroupNorm(8, width) for width in self.WIDTHS)
        self.hidden = nn.Linear(widths[-1], widths[-1])
        self.projection = nn.Linear(widths[-1], projection if classes is None else classes)

    def encode(self, x: Tensor) -> Tensor:
        """f: (B, channels, s, s) -> (B, 128)."""
        for convolution, norm in zip(self.convolutions, self.norms, strict=True):
            x = F.relu(norm(convolution(x)))
        return x.mean((2, 3))

    def forward(self, x: Tensor) -> Tensor:
        """g(f(x)): (B, channels, s, s) -> (B, projection), or the scores (B, classes)."""
        out: Tensor = self.projection(F.relu(self.hidden(self.encode(x))))
        return out
