"""How the rotation study trains its networks."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn

from inductive.augment.rotation import disc, pad_to_multiple, rotate
from inductive.core.run import Run
from inductive.core.seeding import numpy_generator
from inductive.data.images import Images, Split, split_by_count
from inductive.studies.rotation.networks import FACTOR, RotationNet
from inductive.studies.shared.image_task import ImageTask, ImageTraining, without_test
from inductive.training.random_streams import RandomStreams


@dataclass(frozen=True, kw_only=True)
class Training(ImageTraining):
    """The settings that determine the weights."""

    sizes: dict[str, int]
    """The largest number of images of each part."""
    group: str
    """`z2` (a plain network), `p4` or `p4m`."""
    pictures: str
    """`upright`: unchanged. `rotated`: each rotated once, by its own angle. `augmented`: by
    another angle every time it is used."""
    disc: bool
    """Black outside the inscribed circle, so that the corners do not show a rotation."""


def task(run: Run, data: Images, device: torch.device) -> "RotationTask":
    """How a run is trained. The test images are black."""
    split = splits(run, data)
    images = without_test(data, split, run.seeds)
    return RotationTask(Training(**run.training), images, split, device)


def splits(run: Run, images: Images) -> Callable[[int], Split]:
    """Seed -> its split: its own training and validation images, the published test images."""
    key = f"rotation.datasets.{run.labels['dataset']}"

    def split(seed: int) -> Split:
        rng = numpy_generator("split", seed)
        return split_by_count(images, run.training["sizes"], rng, key=key)

    return split


class RotationTask(ImageTask):
    """Images upright, rotated once or augmented; validation images are rotated like training
    images, except that those of `augmented` are rotated once."""

    training: Training

    def __init__(
        self,
        training: Training,
        images: Images,
        splits: Callable[[int], Split],
        device: torch.device,
    ) -> None:
        super().__init__(training, images, splits, device)
        self.disc = disc(self.pixels.shape[-1], self.device) if training.disc else None

        @cache
        def angles(seed: int) -> Tensor:
            uniform = numpy_generator("angle", seed).uniform(0, 360, len(self.pixels))
            return torch.from_numpy(uniform).float().to(self.device)

        self.angles = angles
        """Seed -> (N,): the angle of every image where it is rotated once."""

    def prepare(self, pixels: Tensor) -> Tensor:
        return pad_to_multiple(pixels, FACTOR)

    def build(self) -> nn.Module:
        _, channels, size, _ = self.pixels.shape
        group = self.training.group
        return RotationNet(group=group, channels=channels, size=size, classes=self.num_classes)

    def turned(
        self, images: Tensor, angles: Tensor | float, interpolation: str = "bilinear"
    ) -> Tensor:
        """The images (B, C, s, s) rotated by (B,) angles in degrees or one for all, and with black
        corners where the run has `disc`."""
        if isinstance(angles, Tensor) or angles:
            degrees = torch.as_tensor(angles, device=self.device).view(-1)
            images = rotate(images, degrees, interpolation)
        return images if self.disc is None else images * self.disc

    def view(
        self, images: Tensor, indices: Tensor, seed: int, streams: RandomStreams | None
    ) -> Tensor:
        if self.training.pictures == "upright":
            return self.turned(images, 0.0)
        if self.training.pictures == "augmented" and streams is not None:
            return self.turned(images, 360 * streams.uniform(len(images))[0])
        return self.turned(images, self.angles(seed)[indices])
