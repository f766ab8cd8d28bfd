"""How the segmentation study trains its networks."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inductive.data.segments import Segments
from inductive.errors import InputError
from inductive.nn.deformation import NUMBERS, crops
from inductive.nn.tiles import overlap_tile
from inductive.nn.unet import UNet, matched_channels, reach
from inductive.studies.segmentation_metrics import border_weights
from inductive.training.members import Members, Parameters
from inductive.training.optimizers import Optimizer, make_adam
from inductive.training.randomness import Draws
from inductive.training.task import Step

TILE = 512  # pixels a side that are scored at a time


class SegmentationTask:
    """Random crops of the training images; whole held-out images to validate.

    Reads of `training`: `skips`, `matched` (a net without skips as large as one with), `flips`,
    `elastic` (pixels), `border_weight` (0: all pixels weigh the same), `fold` of `folds`.
    """

    patience = None

    def __init__(self, training: dict[str, Any], data: Segments, device: torch.device) -> None:
        self.training, self.epochs, self.device = training, training["epochs"], device
        self.crop = training["crop"]
        height, width = data.images.shape[1:]
        if min(height, width) < self.crop:
            raise InputError(
                f"segmentation.crop: {self.crop} pixels do not fit into images of {width}x{height}"
            )
        held = folds(len(data.images), training["folds"])[training["fold"]]
        rest = np.setdiff1d(np.arange(len(data.images)), held)
        images = torch.from_numpy(data.images).float()[:, None] / 255
        mean, deviation = images[rest].mean(), images[rest].std()
        self.images = ((images - mean) / deviation).to(device)
        cells = torch.from_numpy(data.cells).float()[:, None]
        self.masks = torch.cat([cells, self._weights(data.cells, rest)], dim=1).to(device)
        self.parts = {"train": rest, "validation": held}

    def _weights(self, cells: np.ndarray, rest: np.ndarray) -> Tensor:
        """(N, 1, h, w): how much each pixel weighs in the loss."""
        weights = np.ones(cells.shape, dtype=np.float32)
        if self.training["border_weight"]:
            for i in rest:
                weights[i] += self.training["border_weight"] * border_weights(cells[i])
        return torch.from_numpy(weights)[:, None]

    def build(self) -> nn.Module:
        channels, depth = self.training["channels"], self.training["depth"]
        if self.training["matched"]:
            channels = matched_channels(channels, depth)
        return UNet(channels=channels, depth=depth, skips=self.training["skips"])

    def optimizer(self, parameters: Parameters) -> Optimizer:
        decay = dict.fromkeys(parameters, 0.0)
        return make_adam(
            parameters, learning_rate=self.training["learning_rate"], weight_decay=decay
        )

    def scores(self, members: Members, crops: Tensor) -> Tensor:
        """(S, B, 1, s, s), in the precision that is trained with."""
        low = self.training["precision"] == "bfloat16"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=low):
            return members(crops, stacked=True).float()

    def steps(self, members: Members, draws: Draws) -> Iterator[Step]:
        rest = torch.from_numpy(self.parts["train"]).to(self.device)
        order = draws.permutations(len(rest) * self.training["crops_per_image"]) % len(rest)
        for numbers in rest[order].split(self.training["batch_size"], dim=1):
            chance = draws.uniform(numbers.shape[1], NUMBERS).flatten(0, 1)
            flat = numbers.flatten()
            images, masks = crops(
                self.images[flat],
                self.masks[flat],
                chance,
                size=self.crop,
                elastic=self.training["elastic"],
                flips=self.training["flips"],
            )
            shape = numbers.shape
            stack = images.contiguous(memory_format=torch.channels_last).unflatten(0, shape)
            cells, weights = masks.unflatten(0, shape).split(1, dim=2)
            scores = self.scores(members, stack)
            losses = F.binary_cross_entropy_with_logits(scores, cells, reduction="none")
            loss = (losses * weights).flatten(1).sum(1) / weights.flatten(1).sum(1)
            correct = ((scores.detach() > 0) == (cells > 0)).float().flatten(2).mean(2).sum(1)
            yield Step(loss, correct, shape[1])

    def whole(self, members: Members, part: str) -> Tensor:
        """(S, n, 1, h, w): scores of all images of a part, by overlapping tiles, in float32."""
        images = self.images[torch.from_numpy(self.parts[part]).to(self.device)]
        stride = 2 ** self.training["depth"]
        margin = -(-reach(self.training["depth"]) // stride) * stride  # no seam shows
        tile = min(TILE, -(-max(self.images.shape[-2:]) // stride) * stride)
        return torch.cat(
            [
                overlap_tile(
                    members,
                    image[None],
                    tile=tile,
                    margin=margin,
                )
                for image in images
            ],
            dim=1,
        )

    def validate(self, members: Members) -> dict[str, Tensor]:
        scores = self.whole(members, "validation")
        chosen = torch.from_numpy(self.parts["validation"]).to(self.device)
        cells = self.masks[chosen, :1].expand_as(scores)
        losses = F.binary_cross_entropy_with_logits(scores, cells, reduction="none")
        correct = ((scores > 0) == (cells > 0)).float()
        return {"loss": losses.flatten(1).mean(1), "accuracy": correct.flatten(1).mean(1)}

    def predict_whole(self, members: Members, part: str) -> np.ndarray:
        """(S, n, h, w) bool: where the networks see cell."""
        found: np.ndarray = (self.whole(members, part)[:, :, 0] > 0).cpu().numpy()
        return found

    def truth(self, part: str) -> np.ndarray:
        """(n, h, w) bool: where cell is."""
        chosen = torch.from_numpy(self.parts[part]).to(self.device)
        cells: np.ndarray = (self.masks[chosen, 0] > 0).cpu().numpy()
        return cells


def folds(count: int, parts: int) -> list[np.ndarray]:
    """The held-out images of each fold, blocks of neighbours: slices of one tissue are alike."""
    if count < parts:
        raise InputError(f"segmentation.parts: {count} images cannot be divided into {parts} folds")
    return np.array_split(np.arange(count), parts)
