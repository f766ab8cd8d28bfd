"""How the galaxy study trains its network, without or with remedies against overfitting."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypedDict

import torch
from torch import Tensor, nn

from inductive.augment.rotation import rotate
from inductive.core.run import Run
from inductive.core.seeding import seed_for
from inductive.data.images import Images, Split, split_by_share
from inductive.studies.galaxy.networks import GalaxyCNN
from inductive.studies.shared.image_task import ImageTask, ImageTraining, without_test
from inductive.training.ensemble import Ensemble
from inductive.training.random_streams import RandomStreams


class Shares(TypedDict):
    """Shares of the images that are held out, and the seed of the course's one split."""

    validation: float
    test: float
    seed: int


@dataclass(frozen=True, kw_only=True)
class Training(ImageTraining):
    """Every training setting of a run."""

    split: Shares
    stratified: bool
    """A different stratified split per seed; False: one random split for all seeds."""
    dropout: float
    """On both hidden layers."""
    augmented: bool
    """Mirrored at random and rotated by any angle."""
    class_weights: bool
    """The loss weights every class as if all were equally frequent."""


class GalaxyTask(ImageTask):
    """A GalaxyCNN with the remedies that `training` names."""

    training: Training

    def __init__(
        self,
        training: Training,
        images: Images,
        splits: Callable[[int], Split],
        device: torch.device,
        seed: int,
    ) -> None:
        """`seed` is one of the trained seeds."""
        super().__init__(training, images, splits, device)
        if training.class_weights:
            # Stratified training parts have the same class counts for every seed.
            labels = self.labels[self.indices(seed, "train")]
            counts = labels.bincount(minlength=images.num_classes).float().clamp(min=1)
            self.class_weights = counts.sum() / counts / images.num_classes

    def build(self) -> nn.Module:
        _, channels, size, _ = self.pixels.shape
        return GalaxyCNN(channels=channels, size=size, classes=self.num_classes)

    def view(
        self, images: Tensor, indices: Tensor, seed: int, streams: RandomStreams | None
    ) -> Tensor:
        if streams is None or not self.training.augmented:
            return images
        uniforms = streams.uniform(2, len(images))[0]  # (2, B)
        mirrored = torch.where((uniforms[0] < 0.5)[:, None, None, None], images.flip(3), images)
        return rotate(mirrored, 360 * uniforms[1])

    def masks(
        self, ensemble: Ensemble, streams: RandomStreams, batch_size: int
    ) -> dict[str, Tensor] | None:
        if not self.training.dropout:
            return None
        module: Any = ensemble.module
        return streams.dropout_masks(module.mask_shapes(batch_size), self.training.dropout)


def splits(training: Training, images: Images) -> Callable[[int], Split]:
    """Seed -> its split: the course's one for all seeds, or a stratified one per seed."""
    shares = training.split["validation"], training.split["test"]

    @cache
    def split(seed: int) -> Split:
        if training.stratified:
            own = seed_for("split", seed) % 2**32
            return split_by_share(images, shares, own, stratified=True)
        return split_by_share(images, shares, training.split["seed"], stratified=False)

    return split


def task(run: Run, data: Images, device: torch.device) -> GalaxyTask:
    """How a run is trained."""
    training = Training(**run.training)
    split = splits(training, data)
    visible = without_test(data, split, run.seeds)
    return GalaxyTask(training, visible, split, device, run.seeds[0])
