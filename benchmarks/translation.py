"""The translation networks against a DataLoader loop with torch's `padding_mode`."""

import torch
import torch.nn.functional as F
from common import Pair, load_data, planned_runs, train
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from inductive.core.run import Run
from inductive.data.generated.boxes import Boxes

EPOCHS = 2  # 20 steps and two validations per round
LAST_MAP = {0: 2, 1: 4, 2: 6}
"""Pixels of padding per side -> pixels per side of the last feature map."""


class StockNet(nn.Module):
    """The translation networks with torch's own `padding_mode`."""

    def __init__(self, net: str, mode: str, amount: int) -> None:
        super().__init__()
        channels, strides = (3, 32, 32, 64, 64), (1, 2, 2, 2)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(a, b, 3, s, amount, bias=False, padding_mode=mode)
            for a, b, s in zip(channels[:-1], channels[1:], strides, strict=True)
        )
        self.head: nn.Module
        if net == "Net1":
            self.head = nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(64, 2))
        else:
            hidden, output = nn.Linear(64 * LAST_MAP[amount] ** 2, 64), nn.Linear(64, 2)
            self.head = nn.Sequential(nn.Flatten(), hidden, nn.ReLU(), output)

    def forward(self, x: Tensor) -> Tensor:
        for convolution in self.convolutions:
            x = F.relu(convolution(x))
        return self.head(x)


def pairs() -> dict[str, Pair]:
    """Variant -> both trainings, for every net and padding of the course.

    Trains one network on a few images first: first calls import and compile.
    """
    runs = {
        variant: run
        for variant, run in planned_runs("translation", {}).items()
        if variant.startswith("course-")
    }
    first = runs["course-Net1-valid"]
    boxes = load_data(first)
    few = Boxes({k: v[:200] for k, v in boxes.corners.items()}, boxes.size, boxes.square, 16)
    train_stock(first, few)
    train(first, few, 1)
    return {
        variant: Pair(
            lambda run=run: train_stock(run, boxes), lambda run=run: train(run, boxes, EPOCHS)
        )
        for variant, run in runs.items()
    }


def train_stock(run: Run, boxes: Boxes) -> None:
    """A DataLoader loop as the course has it: every epoch trains, then validates."""
    training = run.training
    network = StockNet(training["net"], training["mode"], training["amount"])
    loaders = [
        DataLoader(
            TensorDataset(boxes.images(split), torch.from_numpy(boxes.labels(split))),
            batch_size=training["batch_size"],
        )
        for split in ("train", "validation")
    ]
    optimizer = torch.optim.Adadelta(network.parameters(), lr=1.0, rho=0.9, weight_decay=5e-5)
    for _ in range(EPOCHS):
        for x, y in loaders[0]:
            optimizer.zero_grad()
            F.cross_entropy(network(x), y).backward()
            optimizer.step()
        with torch.no_grad():
            for x, y in loaders[1]:
                F.cross_entropy(network(x), y)
