"""How the contrastive study trains its encoders."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypedDict

import torch
from torch import Tensor, nn

from inductive.augment.resize import resize
from inductive.augment.views import NUM_UNIFORMS, random_views
from inductive.core.errors import InputError
from inductive.core.run import Run
from inductive.core.seeding import numpy_generator, seed_for
from inductive.data.images import Images, Split, split_by_share
from inductive.nn.info_nce import alignment_loss, info_nce_loss
from inductive.studies.contrastive.networks import SimCLR
from inductive.studies.shared.image_task import ImageTask, ImageTraining, without_test
from inductive.training.classification import classification_step, loss_and_accuracy
from inductive.training.ensemble import Ensemble
from inductive.training.random_streams import RandomStreams
from inductive.training.task import Step


class Shares(TypedDict):
    """Shares of the images that are held out."""

    validation: float
    test: float


@dataclass(frozen=True, kw_only=True)
class Training(ImageTraining):
    """Every training setting of a run."""

    size: int
    """Pixels per side to which images are resized."""
    projection: int
    """Dimension of g."""
    split: Shares
    objective: str
    """`InfoNCE`, `alignment` (InfoNCE without negatives) or `supervised` (with labels)."""
    temperature: float
    rotation: bool
    """Whether views are rotated by any angle."""


class ContrastiveTask(ImageTask):
    """Encoders trained by any of the three objectives, all on the same random views."""

    training: Training

    def __init__(
        self,
        training: Training,
        images: Images,
        splits: Callable[[int], Split],
        device: torch.device,
    ) -> None:
        """Raises InputError where the training part is smaller than one batch."""
        super().__init__(training, images, splits, device)
        available = len(self.indices(0, "train"))  # the same for every seed
        if training.batch_size > available:
            raise InputError(
                f"contrastive: batch_size {training.batch_size} is more than the {available} "
                "training images; a batch must fit into the data"
            )

        @cache
        def fixed_views(seed: int) -> Tensor:
            count = len(self.indices(seed, "validation"))
            uniforms = numpy_generator("validation views", seed).random((2, count, NUM_UNIFORMS))
            return torch.from_numpy(uniforms).float().to(self.device)

        self._fixed_views = fixed_views

    def prepare(self, pixels: Tensor) -> Tensor:
        return resize(pixels, self.training.size).contiguous()

    def build(self) -> nn.Module:
        supervised = self.training.objective == "supervised"
        return SimCLR(
            channels=self.pixels.shape[1],
            projection=self.training.projection,
            classes=self.num_classes if supervised else None,
        )

    def two_views(self, indices: Tensor, seed: int, uniforms: Tensor) -> Tensor:
        """(2B, C, s, s): first views, then second views, of B images; `uniforms` are
        (2, B, NUM_UNIFORMS)."""
        images, rotation = self.raw(indices), self.training.rotation
        views = [random_views(images, each, rotation=rotation) for each in uniforms]
        return self.normalised(torch.cat(views), seed)

    def loss(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """(S, 2B, d) -> the loss (S,), and the number of images (S,) whose first view has its
        own second view as the nearest of the batch."""
        loss, correct = info_nce_loss(z, self.training.temperature)
        return (alignment_loss(z) if self.training.objective == "alignment" else loss), correct

    def steps(self, ensemble: Ensemble, streams: RandomStreams) -> Iterator[Step]:
        train = torch.stack([self.indices(seed, "train") for seed in ensemble.seeds])
        shuffled = train.gather(1, streams.permutations(train.shape[1]))  # (S, n)
        # A smaller last batch would have fewer negatives, so it is left out.
        batch_size = self.training.batch_size
        whole = shuffled.shape[1] // batch_size * batch_size
        for indices in torch.split(shuffled[:, :whole], batch_size, dim=1):
            uniforms = streams.uniform(2, indices.shape[1], NUM_UNIFORMS)
            views = [
                self.two_views(own, seed, each)
                for own, seed, each in zip(indices, ensemble.seeds, uniforms, strict=True)
            ]
            out = self.scores(ensemble, views)
            if self.training.objective == "supervised":
                step = classification_step(out, self.labels[indices].repeat(1, 2))
                yield Step(step.loss, step.correct / 2, indices.shape[1])
            else:
                loss, correct = self.loss(out)
                yield Step(loss, correct, indices.shape[1])

    def validate(self, ensemble: Ensemble) -> dict[str, Tensor]:
        indices = torch.stack([self.indices(seed, "validation") for seed in ensemble.seeds])
        uniforms = torch.stack([self._fixed_views(seed) for seed in ensemble.seeds])
        size = min(self.training.batch_size, indices.shape[1])
        losses, shares = [], []
        for start in range(0, indices.shape[1] // size * size, size):
            part = slice(start, start + size)
            views = [
                self.two_views(own[part], seed, each[:, part])
                for own, seed, each in zip(indices, ensemble.seeds, uniforms, strict=True)
            ]
            out = self.scores(ensemble, views)
            if self.training.objective == "supervised":
                metrics = loss_and_accuracy(out, self.labels[indices[:, part]].repeat(1, 2))
                losses.append(metrics["loss"])
                shares.append(metrics["accuracy"])
            else:
                loss, correct = self.loss(out)
                losses.append(loss)
                shares.append(correct / size)
        return {"loss": torch.stack(losses).mean(0), "accuracy": torch.stack(shares).mean(0)}


def splits(training: Training, images: Images) -> Callable[[int], Split]:
    """Seed -> its own stratified split."""
    shares = training.split["validation"], training.split["test"]

    @cache
    def split(seed: int) -> Split:
        return split_by_share(images, shares, seed_for("split", seed) % 2**32, stratified=True)

    return split


def task(run: Run, data: Images, device: torch.device) -> ContrastiveTask:
    """How a run is trained. Only the objective `supervised` uses labels."""
    training = Training(**run.training)
    split = splits(training, data)
    return ContrastiveTask(training, without_test(data, split, run.seeds), split, device)
