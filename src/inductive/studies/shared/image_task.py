"""Training of classifiers on images in device memory: shuffled batches, views, Adam."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor

from inductive.data.images import Images, Split
from inductive.training.classification import classification_step, loss_and_accuracy
from inductive.training.ensemble import Ensemble, Parameters
from inductive.training.optimizers import Optimizer, make_adam
from inductive.training.random_streams import RandomStreams
from inductive.training.task import Step

BATCH = 250
"""Images per batch where no gradients are kept."""


@dataclass(frozen=True, kw_only=True)
class ImageTraining:
    """The training settings that all image studies have; a study's own `Training` adds to them."""

    epochs: int
    batch_size: int
    learning_rate: float
    weight_decay: float = 0.0
    """Of Adam's L2 penalty, on every parameter."""
    precision: str = "float32"
    """`bfloat16`: scores are computed under autocast, while training and while evaluating."""


class ImageTask:
    """The part of a task that all image studies share; a study defines networks and views.

    Every seed has its own split of the images, and normalises them by the statistics of its own
    training part.
    """

    patience: int | None = None
    class_weights: Tensor | None = None
    """(classes,): weights of the examples of each class in the loss; None: all equal."""
    training: ImageTraining

    def __init__(
        self,
        training: ImageTraining,
        images: Images,
        splits: Callable[[int], Split],
        device: torch.device,
    ) -> None:
        self.training, self.epochs = training, training.epochs
        self.device, self.num_classes = device, images.num_classes
        self.pixels = self.prepare(torch.from_numpy(images.pixels).permute(0, 3, 1, 2)).to(device)
        self.labels = torch.from_numpy(images.labels).to(device)

        @cache
        def indices(seed: int) -> dict[str, Tensor]:
            return {part: torch.from_numpy(i).to(device) for part, i in splits(seed).items()}

        @cache
        def normalisation(seed: int) -> tuple[Tensor, Tensor]:
            mean, deviation = channel_statistics(self.pixels[indices(seed)["train"]].cpu())
            return mean.to(device), deviation.to(device)

        self._indices, self._normalisation = indices, normalisation

    def prepare(self, pixels: Tensor) -> Tensor:
        """(N, C, s, s) uint8 -> the size that the network needs; called once, for all images."""
        return pixels.contiguous()

    def view(
        self, images: Tensor, indices: Tensor, seed: int, streams: RandomStreams | None
    ) -> Tensor:
        """The images (B, C, s, s) in [0, 1], transformed for a seed's network, not normalised.

        `indices` (B,) are their indices in the data set. `streams` are the seed's random numbers
        while training, None otherwise.
        """
        return images

    def indices(self, seed: int, part: str) -> Tensor:
        """(n,) int64: the images of a part of a seed's split."""
        return self._indices(seed)[part]

    def raw(self, indices: Tensor) -> Tensor:
        """(B, C, s, s) float in [0, 1]."""
        return self.pixels[indices].float().div(255)

    def normalised(self, images: Tensor, seed: int) -> Tensor:
        """The images with mean 0 and deviation 1 per channel, over the seed's training images.

        Channels last in memory, which makes convolutions on a CPU about 1.5 times as fast.
        """
        mean, deviation = self._normalisation(seed)
        return ((images - mean) / deviation).contiguous(memory_format=torch.channels_last)

    def batch(self, indices: Tensor, seed: int, streams: RandomStreams | None = None) -> Tensor:
        """(B, C, s, s): the input of a seed's network."""
        return self.normalised(self.view(self.raw(indices), indices, seed, streams), seed)

    def optimizer(self, parameters: Parameters) -> Optimizer:
        decay = dict.fromkeys(parameters, self.training.weight_decay)
        return make_adam(parameters, learning_rate=self.training.learning_rate, weight_decay=decay)

    def masks(
        self, ensemble: Ensemble, streams: RandomStreams, batch_size: int
    ) -> dict[str, Tensor] | None:
        """Site -> dropout mask (S, batch_size, ...) of one batch; None without dropout."""
        return None

    def steps(self, ensemble: Ensemble, streams: RandomStreams) -> Iterator[Step]:
        train = torch.stack([self.indices(seed, "train") for seed in ensemble.seeds])
        shuffled = train.gather(1, streams.permutations(train.shape[1]))  # (S, n)
        for indices in torch.split(shuffled, self.training.batch_size, dim=1):
            batches = [
                self.batch(own, seed, streams.select(i))
                for i, (own, seed) in enumerate(zip(indices, ensemble.seeds, strict=True))
            ]
            masks = self.masks(ensemble, streams, indices.shape[1])
            scores = self.scores(ensemble, batches, masks)
            yield classification_step(scores, self.labels[indices], self.class_weights)

    def scores(
        self, ensemble: Ensemble, batches: list[Tensor], masks: dict[str, Tensor] | None = None
    ) -> Tensor:
        """S batches (B, C, s, s) -> (S, B, classes) float32, computed in the run's `precision`."""
        # Stacking would undo channels last; a single network does not need it.
        x = batches[0][None] if ensemble.count == 1 else torch.stack(batches)
        low = self.training.precision == "bfloat16"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=low):
            return ensemble(x, masks, stacked=True).float()

    def predict(self, ensemble: Ensemble, views: Callable[[int], Iterator[Tensor]]) -> Tensor:
        """(S, N, classes) float32: the scores of each seed's batches `views(seed)`."""
        rows = []
        for i, seed in enumerate(ensemble.seeds):
            single = ensemble.select(i)
            rows.append(torch.cat([self.scores(single, [batch]) for batch in views(seed)], dim=1))
        return torch.cat(rows)

    def predict_part(self, ensemble: Ensemble, part: str) -> tuple[Tensor, Tensor]:
        """Scores (S, n, classes) and labels (S, n) of a part of each seed's split."""

        def views(seed: int) -> Iterator[Tensor]:
            for indices in torch.split(self.indices(seed, part), BATCH):
                yield self.batch(indices, seed)

        labels = torch.stack([self.labels[self.indices(seed, part)] for seed in ensemble.seeds])
        return self.predict(ensemble, views), labels

    def validate(self, ensemble: Ensemble) -> dict[str, Tensor]:
        return loss_and_accuracy(*self.predict_part(ensemble, "validation"))


def channel_statistics(pixels: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation (C, 1, 1) of each channel of (N, C, h, w) uint8, in [0, 1]."""
    sums = pixels.new_zeros(pixels.shape[1], dtype=torch.float64)
    squares = sums.clone()
    for batch in torch.split(pixels, 1000):  # in float64 a whole data set would fill the memory
        x = batch.double() / 255
        sums += x.sum((0, 2, 3))
        squares += (x * x).sum((0, 2, 3))
    count = pixels.numel() / pixels.shape[1]
    mean = sums / count
    deviation = (squares / count - mean**2).clamp(min=1e-12).sqrt().clamp(min=1e-3)
    return mean.float()[:, None, None], deviation.float()[:, None, None]


def without_test(images: Images, splits: Callable[[int], Split], seeds: tuple[int, ...]) -> Images:
    """The images, black and of class 0 where they are test images of every seed.

    Training on the result cannot use them.
    """
    tests = [set(splits(seed)["test"].tolist()) for seed in seeds]
    return images.blank(np.array(sorted(set.intersection(*tests)), dtype=np.int64))
