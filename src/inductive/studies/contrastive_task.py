"""How the contrastive study trains its encoders."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn

from inductive.errors import InputError
from inductive.nn.info_nce import alignment_loss, info_nce
from inductive.nn.resize import resize
from inductive.nn.simclr import SimCLR
from inductive.nn.views import NUMBERS, random_views
from inductive.training.classification import classification_step, loss_and_accuracy
from inductive.training.image_task import ImageTask
from inductive.training.members import Members
from inductive.training.randomness import Draws, numpy_generator
from inductive.training.task import Step


class ContrastiveTask(ImageTask):
    """`InfoNCE`, `alignment` (that without negatives) or `supervised`, all on the same views."""

    def __init__(self, training: dict[str, Any], *arguments: Any) -> None:
        super().__init__(training, *arguments)
        self.batch_size = training["batch_size"]
        there = len(self.numbers(0, "train"))
        if self.batch_size > there:
            raise InputError(
                f"contrastive: batch_size {self.batch_size} is more than the {there} training "
                "images; a batch must fit into the data"
            )

        @cache
        def fixed_views(seed: int) -> Tensor:
            count = len(self.numbers(seed, "validation"))
            chance = numpy_generator("validation views", seed).random((2, count, NUMBERS))
            return torch.from_numpy(chance).float().to(self.device)

        self._fixed_views = fixed_views

    def fit(self, pixels: Tensor) -> Tensor:
        return resize(pixels, self.training["size"]).contiguous()

    def build(self) -> nn.Module:
        supervised = self.training["objective"] == "supervised"
        return SimCLR(
            channels=self.pixels.shape[1],
            projection=self.training["projection"],
            classes=self.num_classes if supervised else None,
        )

    def two_views(self, numbers: Tensor, seed: int, chance: Tensor) -> Tensor:
        """(2B, C, s, s): both views of the images; chance (2, B, NUMBERS)."""
        images, rotation = self.raw(numbers), self.training["rotation"]
        views = [random_views(images, c, rotation=rotation) for c in chance]
        return self.normalised(torch.cat(views), seed)

    def loss(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """(S, 2B, d) -> the loss (S,) and how many images find their other view (S,)."""
        loss, found = info_nce(z, self.training["temperature"])
        return (alignment_loss(z) if self.training["objective"] == "alignment" else loss), found

    def steps(self, members: Members, draws: Draws) -> Iterator[Step]:
        train = torch.stack([self.numbers(seed, "train") for seed in members.seeds])
        shuffled = train.gather(1, draws.permutations(train.shape[1]))
        # A smaller last batch would have fewer negatives, so it is left out.
        whole = shuffled.shape[1] // self.batch_size * self.batch_size
        for numbers in shuffled[:, :whole].split(self.batch_size, dim=1):
            chance = draws.uniform(2, numbers.shape[1], NUMBERS)
            views = [
                self.two_views(n, seed, c)
                for n, seed, c in zip(numbers, members.seeds, chance, strict=True)
            ]
            out = self.scores(members, views)
            if self.training["objective"] == "supervised":
                step = classification_step(out, self.labels[numbers].repeat(1, 2))
                yield Step(step.loss, step.correct / 2, numbers.shape[1])
            else:
                loss, found = self.loss(out)
                yield Step(loss, found, numbers.shape[1])

    def validate(self, members: Members) -> dict[str, Tensor]:
        numbers = torch.stack([self.numbers(seed, "validation") for seed in members.seeds])
        chance = torch.stack([self._fixed_views(seed) for seed in members.seeds])
        size = min(self.batch_size, numbers.shape[1])
        losses, shares = [], []
        for start in range(0, numbers.shape[1] // size * size, size):
            part = slice(start, start + size)
            views = [
                self.two_views(n[part], seed, c[:, part])
                for n, seed, c in zip(numbers, members.seeds, chance, strict=True)
            ]
            out = self.scores(members, views)
            if self.training["objective"] == "supervised":
                found = loss_and_accuracy(out, self.labels[numbers[:, part]].repeat(1, 2))
                losses.append(found["loss"])
                shares.append(found["accuracy"])
            else:
                loss, correct = self.loss(out)
                losses.append(loss)
                shares.append(correct / size)
        return {"loss": torch.stack(losses).mean(0), "accuracy": torch.stack(shares).mean(0)}
