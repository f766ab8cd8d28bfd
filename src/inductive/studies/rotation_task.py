"""Pictures as the rotation study shows them to its networks."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from inductive.nn.rotation import disc, fit, rotate
from inductive.nn.rotation_nets import FACTOR, RotationNet
from inductive.training.image_task import BATCH, ImageTask
from inductive.training.members import Members
from inductive.training.randomness import Draws, numpy_generator


def on_the_circle(degrees: Sequence[float]) -> Tensor:
    """(n,): weights of a mean over the circle by the trapezoid rule, whatever the gaps between
    angles.

    0 and 360 are one angle and share its weight.
    """
    places = np.unique(np.mod(degrees, 360))
    gaps = np.diff(np.append(places, places[0] + 360))
    share = dict(zip(places.tolist(), ((gaps + np.roll(gaps, 1)) / 720).tolist(), strict=True))
    turned = np.mod(degrees, 360).tolist()
    return torch.tensor([share[angle] / turned.count(angle) for angle in turned])


class RotationTask(ImageTask):
    """`upright`: as they are. `rotated`: each turned once, by an angle of its own. `augmented`: by
    another angle every time it is trained on. `disc`: black outside the inscribed circle, so that
    turning leaves no trace in the corners.

    Validation pictures come as training ones do; those of `augmented` are turned once.
    """

    def __init__(self, training: dict[str, Any], *arguments: Any) -> None:
        super().__init__(training, *arguments)
        self.round = disc(self.pixels.shape[-1], self.device) if training["disc"] else None

        @cache
        def angles(seed: int) -> Tensor:
            uniform = numpy_generator("angle", seed).uniform(0, 360, len(self.pixels))
            return torch.from_numpy(uniform).float().to(self.device)

        self.angles = angles

    def fit(self, pixels: Tensor) -> Tensor:
        return fit(pixels, FACTOR)

    def build(self) -> nn.Module:
        _, channels, size, _ = self.pixels.shape
        group = self.training["group"]
        return RotationNet(group=group, channels=channels, size=size, classes=self.num_classes)

    def turned(
        self, images: Tensor, angles: Tensor | float, interpolation: str = "bilinear"
    ) -> Tensor:
        """Every image (B, C, s, s) turned by its angle in degrees, inside the disc if so asked."""
        if isinstance(angles, Tensor) or angles:
            degrees = torch.as_tensor(angles, device=self.device).view(-1)
            images = rotate(images, degrees, interpolation)
        return images if self.round is None else images * self.round

    def view(self, images: Tensor, numbers: Tensor, seed: int, draws: Draws | None) -> Tensor:
        if self.training["pictures"] == "upright":
            return self.turned(images, 0.0)
        if self.training["pictures"] == "augmented" and draws is not None:
            return self.turned(images, 360 * draws.uniform(len(images))[0])
        return self.turned(images, self.angles(seed)[numbers])

    def at_angle(self, members: Members, angle: float, interpolation: str) -> Tensor:
        """(S, n, classes): scores of all test images turned by one angle."""

        def views(seed: int) -> Iterator[Tensor]:
            for numbers in self.numbers(seed, "test").split(BATCH):
                images = self.turned(self.raw(numbers), angle, interpolation)
                yield self.normalised(images, seed)

        return self.predict(members, views)

    def on_rotated(self, members: Members, labels: Tensor) -> Tensor:
        """(S,): accuracy on test images that are turned once each, by any angle."""

        def views(seed: int) -> Iterator[Tensor]:
            for numbers in self.numbers(seed, "test").split(BATCH):
                images = self.turned(self.raw(numbers), self.angles(seed)[numbers])
                yield self.normalised(images, seed)

        return (self.predict(members, views).argmax(-1) == labels).float().mean(1)

    def change_of_scores(self, members: Members, angle: float) -> Tensor:
        """(S,): how much a score of a test picture changes at most when all are turned, as a share
        of the largest score."""
        changes = []
        for i, seed in enumerate(members.seeds):
            alone, scores = members.member(i), []
            for numbers in self.numbers(seed, "test").split(BATCH):
                upright = self.raw(numbers)
                both = [self.turned(upright, each) for each in (0.0, angle)]
                scores.append(torch.cat([alone(self.normalised(x, seed)) for x in both]))
            here, there = torch.cat(scores, 1)
            changes.append((there - here).abs().max() / here.abs().max())
        return torch.stack(changes)

    def equivariance(self, members: Members, count: int = 64) -> Tensor:
        """(S, layers): how far each layer's maps are from turning with the picture."""
        found = []
        for i, seed in enumerate(members.seeds):
            numbers = self.numbers(seed, "test")[:count]
            x = self.normalised(self.turned(self.raw(numbers), 0.0), seed)
            found.append(members.member(i)(x, method="equivariance_errors"))
        return torch.cat(found)
