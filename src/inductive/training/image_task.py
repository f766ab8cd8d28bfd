"""Training classifiers on images that lie on the device: shuffled batches, views, Adam."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from inductive.data.images import Images, Split
from inductive.training.classification import classification_step, loss_and_accuracy
from inductive.training.members import Members, Parameters
from inductive.training.optimizers import Optimizer, make_adam
from inductive.training.randomness import Draws
from inductive.training.task import Step

BATCH = 250  # images scored at a time where no gradient is kept


class ImageTask:
    """The part of a task that every image study shares; a study says how it builds and views.

    Every member has its own split of the images and their normalisation from its own training part.
    Reads of `training`: epochs, batch_size, learning_rate, weight_decay, precision.
    """

    patience: int | None = None
    class_weights: Tensor | None = None

    def __init__(
        self,
        training: dict[str, Any],
        images: Images,
        splits: Callable[[int], Split],
        device: torch.device,
    ) -> None:
        self.training, self.epochs = training, training["epochs"]
        self.device, self.num_classes = device, images.num_classes
        self.pixels = self.fit(torch.from_numpy(images.pixels).permute(0, 3, 1, 2)).to(device)
        self.labels = torch.from_numpy(images.labels).to(device)

        @cache
        def numbers(seed: int) -> dict[str, Tensor]:
            return {part: torch.from_numpy(n).to(device) for part, n in splits(seed).items()}

        @cache
        def normalisation(seed: int) -> tuple[Tensor, Tensor]:
            mean, deviation = channel_statistics(self.pixels[numbers(seed)["train"]].cpu())
            return mean.to(device), deviation.to(device)

        self._numbers, self._normalisation = numbers, normalisation

    def fit(self, pixels: Tensor) -> Tensor:
        """(N, C, s, s) uint8 -> what the network's layers need, once for all images."""
        return pixels.contiguous()

    def view(self, images: Tensor, numbers: Tensor, seed: int, draws: Draws | None) -> Tensor:
        """What a member sees of the images (B, C, s, s) in [0, 1] that have these numbers.

        `draws` are its random numbers while training, None otherwise.
        """
        return images

    def numbers(self, seed: int, part: str) -> Tensor:
        """(n,) the images of a part of a member's split."""
        return self._numbers(seed)[part]

    def raw(self, numbers: Tensor) -> Tensor:
        """(B, C, s, s) float in [0, 1]."""
        return self.pixels[numbers].float().div(255)

    def normalised(self, images: Tensor, seed: int) -> Tensor:
        """Mean 0 and deviation 1 a channel, over the member's training images.

        Channels last in memory, for which convolutions on a CPU are faster by a half.
        """
        mean, deviation = self._normalisation(seed)
        return ((images - mean) / deviation).contiguous(memory_format=torch.channels_last)

    def batch(self, numbers: Tensor, seed: int, draws: Draws | None = None) -> Tensor:
        """The images (B, C, s, s) as the network of this member reads them."""
        return self.normalised(self.view(self.raw(numbers), numbers, seed, draws), seed)

    def optimizer(self, parameters: Parameters) -> Optimizer:
        decay = dict.fromkeys(parameters, self.training.get("weight_decay", 0.0))
        return make_adam(
            parameters, learning_rate=self.training["learning_rate"], weight_decay=decay
        )

    def masks(self, members: Members, draws: Draws, batch: int) -> dict[str, Tensor] | None:
        """Dropout masks of a batch; None without dropout."""
        return None

    def steps(self, members: Members, draws: Draws) -> Iterator[Step]:
        train = torch.stack([self.numbers(seed, "train") for seed in members.seeds])
        shuffled = train.gather(1, draws.permutations(train.shape[1]))
        for numbers in shuffled.split(self.training["batch_size"], dim=1):
            batches = [
                self.batch(n, seed, draws.of(i))
                for i, (n, seed) in enumerate(zip(numbers, members.seeds, strict=True))
            ]
            masks = self.masks(members, draws, numbers.shape[1])
            scores = self.scores(members, batches, masks)
            yield classification_step(scores, self.labels[numbers], self.class_weights)

    def scores(
        self, members: Members, batches: list[Tensor], masks: dict[str, Tensor] | None = None
    ) -> Tensor:
        """(S, B, classes) float32, computed in the run's `precision`."""
        # Stacking would undo channels last, and a single member needs none.
        x = batches[0][None] if members.count == 1 else torch.stack(batches)
        low = self.training.get("precision") == "bfloat16"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=low):
            return members(x, masks, stacked=True).float()

    def predict(self, members: Members, views: Callable[[int], Iterator[Tensor]]) -> Tensor:
        """(S, N, classes) float32: the scores of what `views` gives each seed."""
        rows = []
        for i, seed in enumerate(members.seeds):
            alone = members.member(i)
            rows.append(torch.cat([self.scores(alone, [batch]) for batch in views(seed)], dim=1))
        return torch.cat(rows)

    def predict_part(self, members: Members, part: str) -> tuple[Tensor, Tensor]:
        """Scores (S, n, classes) and labels (S, n) of a part of every member's split."""

        def views(seed: int) -> Iterator[Tensor]:
            for numbers in self.numbers(seed, part).split(BATCH):
                yield self.batch(numbers, seed)

        labels = torch.stack([self.labels[self.numbers(seed, part)] for seed in members.seeds])
        return self.predict(members, views), labels

    def validate(self, members: Members) -> dict[str, Tensor]:
        return loss_and_accuracy(*self.predict_part(members, "validation"))


def channel_statistics(pixels: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation (C, 1, 1) of each channel of (N, C, h, w) uint8, in [0, 1]."""
    sums = pixels.new_zeros(pixels.shape[1], dtype=torch.float64)
    squares = sums.clone()
    for batch in pixels.split(1000):  # a whole data set in float64 would not fit beside itself
        x = batch.double() / 255
        sums += x.sum((0, 2, 3))
        squares += (x * x).sum((0, 2, 3))
    count = pixels.numel() / pixels.shape[1]
    mean = sums / count
    deviation = (squares / count - mean**2).clamp(min=1e-12).sqrt().clamp(min=1e-3)
    return mean.float()[:, None, None], deviation.float()[:, None, None]


def without_test(images: Images, splits: Callable[[int], Split], seeds: tuple[int, ...]) -> Images:
    """The images with those black that are test images of every seed: what no task may look at."""
    tests = [set(splits(seed)["test"].tolist()) for seed in seeds]
    return images.blank(np.array(sorted(set.intersection(*tests)), dtype=np.int64))
