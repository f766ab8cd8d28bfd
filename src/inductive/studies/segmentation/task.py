"""How the segmentation study trains its networks."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inductive.augment.deformation import NUM_UNIFORMS, crops
from inductive.core.errors import InputError
from inductive.core.run import Run
from inductive.data.segments import Segments
from inductive.nn.unet import UNet, matched_channels, receptive_radius
from inductive.studies.segmentation.border_weights import border_weights
from inductive.studies.segmentation.tiles import overlap_tile
from inductive.training.ensemble import Ensemble, Parameters
from inductive.training.optimizers import Optimizer, make_adam
from inductive.training.random_streams import RandomStreams
from inductive.training.task import Step

TILE = 512
"""Pixels per side that are scored at a time."""


@dataclass(frozen=True)
class Training:
    """The settings that determine the weights."""

    epochs: int
    batch_size: int
    learning_rate: float
    precision: str
    """`bfloat16`: training computes scores under autocast."""
    crop: int
    """Pixels per side."""
    crops_per_image: int
    """In one epoch."""
    channels: int
    """Of the first level."""
    depth: int
    """Halvings of the feature map."""
    skips: bool
    matched: bool
    """More channels, for as many parameters as a network with skips has."""
    flips: bool
    """Crops in all eight orientations of a square."""
    elastic: float
    """Standard deviation of the random displacements, in pixels."""
    border_weight: float
    """Weight of membranes between close cells; 0: all pixels weigh the same."""
    fold: int
    """The part that is held out, counted from 0."""
    folds: int
    """Into how many parts the images are divided."""


def task(run: Run, data: Segments, device: torch.device) -> "SegmentationTask":
    """How a run is trained."""
    return SegmentationTask(Training(**run.training), data, device)


class SegmentationTask:
    """Random crops of the training images; whole held-out images to validate."""

    patience = None

    def __init__(self, training: Training, data: Segments, device: torch.device) -> None:
        self.training, self.epochs, self.device = training, training.epochs, device
        height, width = data.images.shape[1:]
        if min(height, width) < training.crop:
            raise InputError(
                f"segmentation.crop: {training.crop} pixels do not fit into images of "
                f"{width}x{height}"
            )
        held_out = folds(len(data.images), training.folds)[training.fold]
        train = np.setdiff1d(np.arange(len(data.images)), held_out)
        images = torch.from_numpy(data.images).float()[:, None] / 255
        mean, deviation = images[train].mean(), images[train].std()
        self.images = ((images - mean) / deviation).to(device)  # (N, 1, h, w)
        cells = torch.from_numpy(data.cells).float()[:, None]
        weights = torch.from_numpy(self._weights(data.cells, train))[:, None]
        self.masks = torch.cat([cells, weights], dim=1).to(device)  # (N, 2, h, w)
        self.parts = {"train": train, "validation": held_out}

    def _weights(self, cells: np.ndarray, train: np.ndarray) -> np.ndarray:
        """(N, h, w): the weight of each pixel in the loss."""
        weights = np.ones(cells.shape, dtype=np.float32)
        if self.training.border_weight:
            for i in train:
                weights[i] += self.training.border_weight * border_weights(cells[i])
        return weights

    def build(self) -> nn.Module:
        channels: float = self.training.channels
        if self.training.matched:
            channels = matched_channels(self.training.channels, self.training.depth)
        return UNet(channels=channels, depth=self.training.depth, skips=self.training.skips)

    def optimizer(self, parameters: Parameters) -> Optimizer:
        decay = dict.fromkeys(parameters, 0.0)
        return make_adam(parameters, learning_rate=self.training.learning_rate, weight_decay=decay)

    def scores(self, ensemble: Ensemble, crops: Tensor) -> Tensor:
        """(S, B, 1, s, s), in the precision of training."""
        low = self.training.precision == "bfloat16"
        with torch.autocast(self.device.type, torch.bfloat16, enabled=low):
            return ensemble(crops, stacked=True).float()

    def steps(self, ensemble: Ensemble, streams: RandomStreams) -> Iterator[Step]:
        train = self.indices("train")
        order = streams.permutations(len(train) * self.training.crops_per_image) % len(train)
        for indices in train[order].split(self.training.batch_size, dim=1):  # (S, B)
            uniforms = streams.uniform(indices.shape[1], NUM_UNIFORMS).flatten(0, 1)
            images, masks = crops(
                self.images[indices.flatten()],
                self.masks[indices.flatten()],
                uniforms,
                size=self.training.crop,
                elastic=self.training.elastic,
                flips=self.training.flips,
            )
            shape = indices.shape
            stack = images.contiguous(memory_format=torch.channels_last).unflatten(0, shape)
            cells, weights = masks.unflatten(0, shape).split(1, dim=2)  # (S, B, 1, s, s) each
            scores = self.scores(ensemble, stack)
            losses = F.binary_cross_entropy_with_logits(scores, cells, reduction="none")
            loss = (losses * weights).flatten(1).sum(1) / weights.flatten(1).sum(1)
            correct = ((scores.detach() > 0) == (cells > 0)).float().flatten(2).mean(2).sum(1)
            yield Step(loss, correct, shape[1])

    def indices(self, part: str) -> Tensor:
        """(n,) int64: the images of a part."""
        return torch.from_numpy(self.parts[part]).to(self.device)

    def whole(self, ensemble: Ensemble, part: str) -> Tensor:
        """(S, n, 1, h, w): scores of all images of a part, by overlapping tiles, in float32."""
        stride = 2**self.training.depth
        margin = -(-receptive_radius(self.training.depth) // stride) * stride
        tile = min(TILE, -(-max(self.images.shape[-2:]) // stride) * stride)
        images = self.images[self.indices(part)]
        scored = [overlap_tile(ensemble, image[None], tile=tile, margin=margin) for image in images]
        return torch.cat(scored, dim=1)

    def validate(self, ensemble: Ensemble) -> dict[str, Tensor]:
        scores = self.whole(ensemble, "validation")
        cells = self.masks[self.indices("validation"), :1].expand_as(scores)
        losses = F.binary_cross_entropy_with_logits(scores, cells, reduction="none")
        correct = ((scores > 0) == (cells > 0)).float()
        return {"loss": losses.flatten(1).mean(1), "accuracy": correct.flatten(1).mean(1)}


def folds(count: int, parts: int) -> list[np.ndarray]:
    """The held-out images of each fold: blocks of neighbours, because neighbouring slices of one
    tissue are similar. InputError for fewer images than parts."""
    if count < parts:
        raise InputError(f"segmentation.parts: {count} images cannot be divided into {parts} folds")
    return np.array_split(np.arange(count), parts)
