"""How the translation study trains its networks."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from inductive.core.run import Run
from inductive.data.generated.boxes import Boxes
from inductive.studies.translation.networks import NETS
from inductive.training.classification import classification_step, loss_and_accuracy
from inductive.training.ensemble import Ensemble, Parameters
from inductive.training.optimizers import Optimizer, make_adadelta
from inductive.training.random_streams import RandomStreams
from inductive.training.task import Step


@dataclass(frozen=True)
class Training:
    """The settings that determine the weights."""

    net: str
    """A name in `NETS`."""
    mode: str
    """A padding mode."""
    amount: int
    """Pixels of padding on every side."""
    shuffle: bool
    """False: the images in the order of the data set in every epoch, as published."""
    batch_size: int
    epochs: int
    patience: int
    """Epochs without a better validation loss before training stops."""
    adadelta: dict[str, float]
    """learning_rate, rho, eps and weight_decay of the optimiser."""


def task(run: Run, data: Boxes, device: torch.device) -> "TranslationTask":
    """How a run is trained. The task has no test and no held-out images."""
    return TranslationTask(Training(**run.training), data.only("train", "validation"), device)


class TranslationTask:
    """Images on the device, batches by indexing, Adadelta, early stopping."""

    def __init__(self, training: Training, data: Boxes, device: torch.device) -> None:
        self.training = training
        self.size = data.size
        self.epochs = training.epochs
        self.patience = training.patience
        self.train = on_device(data, "train", device)
        self.validation = on_device(data, "validation", device)

    def build(self) -> nn.Module:
        net = NETS[self.training.net]
        return net(mode=self.training.mode, amount=self.training.amount, size=self.size)

    def optimizer(self, parameters: Parameters) -> Optimizer:
        return make_adadelta(parameters, **self.training.adadelta)

    def steps(self, ensemble: Ensemble, streams: RandomStreams) -> Iterator[Step]:
        images, labels = self.train
        size = self.training.batch_size
        if not self.training.shuffle:
            for x, y in zip(images.split(size), labels.split(size), strict=True):
                yield classification_step(ensemble(x), y.expand(ensemble.count, -1))
            return
        for indices in streams.permutations(len(images)).split(size, dim=1):  # (S, B)
            x, y = images[indices.flatten()], labels[indices]
            if ensemble.count == 1:
                yield classification_step(ensemble(x), y)
            else:
                stacked = x.unflatten(0, indices.shape)  # (S, B, 3, size, size)
                yield classification_step(ensemble(stacked, stacked=True), y)

    def validate(self, ensemble: Ensemble) -> dict[str, Tensor]:
        images, labels = self.validation
        scores = predict(ensemble, images)
        return loss_and_accuracy(scores, labels.expand(ensemble.count, -1))


def on_device(
    data: Boxes, split: str, device: torch.device, shift: int = 0
) -> tuple[Tensor, Tensor]:
    """Images (N, 3, size, size), channels last in memory, and labels (N,)."""
    images = data.images(split, shift).to(device, memory_format=torch.channels_last)
    return images, torch.from_numpy(data.labels(split)).to(device)


def predict(ensemble: Ensemble, images: Tensor, batch_size: int = 250) -> Tensor:
    """The scores (S, N, classes) of all images, computed in batches."""
    return torch.cat([ensemble(x) for x in images.split(batch_size)], dim=1)
