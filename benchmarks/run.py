"""Side by side against the stock recipes, in one process with one thread: `make bench`.

Each pair does the same work: the same network, the same data, the same number of epochs, validation
after every one. The stock recipe goes first in a fresh allocator; ours then runs as a job does
(`training.machine.prepare`). Quote the ratio, not the seconds, and run it on an idle machine.
Writes benchmarks/results.md.
"""

import datetime
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import graphs
import language
import torch
import torch.nn.functional as F
import vision
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset
from torch_geometric.nn import GATConv, GCNConv

from inductive import store
from inductive.config import resolve
from inductive.data import registry
from inductive.data.boxes import Boxes
from inductive.data.graph import Graph
from inductive.nn.graph_tensors import graph_tensors
from inductive.plan import Plan
from inductive.run import Run
from inductive.studies import load
from inductive.training import machine
from inductive.training.loop import fit
from inductive.training.progress import Progress

CPU = torch.device("cpu")
EPOCHS = 2  # of the convolutional networks: 20 steps and two validations a round
ROUNDS = 3


class StockGCN(nn.Module):
    """GCNConv as PyG's own example has it: dense features, cached normalisation."""

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.first = GCNConv(features, 16, cached=True)
        self.second = GCNConv(16, classes, cached=True)

    def forward(self, x: Tensor, edges: Tensor) -> Tensor:
        x = F.dropout(x, 0.5, self.training)
        x = F.dropout(F.relu(self.first(x, edges)), 0.5, self.training)
        return self.second(x, edges)


class StockGAT(nn.Module):
    """GATConv as PyG's own example has it."""

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.first = GATConv(features, 8, heads=8, dropout=0.6)
        self.second = GATConv(64, classes, heads=1, concat=False, dropout=0.6)

    def forward(self, x: Tensor, edges: Tensor) -> Tensor:
        x = F.dropout(x, 0.6, self.training)
        x = F.dropout(F.elu(self.first(x, edges)), 0.6, self.training)
        return self.second(x, edges)


def stock_graph(model: nn.Module, graph: Graph, epochs: int) -> None:
    """PyG's training script: a full-batch step, then an evaluation, every epoch."""
    tensors = graph_tensors(graph)
    x = torch.zeros(graph.features.shape)
    x[tensors.features.row, tensors.features.column.long()] = tensors.feature_values
    i, j = torch.from_numpy(graph.edges)
    edges = torch.stack([torch.cat([i, j]), torch.cat([j, i])])
    labels = torch.from_numpy(graph.labels)
    train, validation = torch.from_numpy(graph.train), torch.from_numpy(graph.validation)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=5e-4)
    for _ in range(epochs):
        model.train()
        optimizer.zero_grad()
        F.cross_entropy(model(x, edges)[train], labels[train]).backward()
        optimizer.step()
        model.eval()
        with torch.no_grad():
            scores = model(x, edges)[validation]
            F.cross_entropy(scores, labels[validation])
            (scores.argmax(1) == labels[validation]).float().mean()


class StockNet(nn.Module):
    """The translation networks with torch's own `padding_mode`."""

    def __init__(self, net: str, mode: str, amount: int, side: int) -> None:
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
            flat = 64 * side * side
            hidden, output = nn.Linear(flat, 64), nn.Linear(64, 2)
            self.head = nn.Sequential(nn.Flatten(), hidden, nn.ReLU(), output)

    def forward(self, x: Tensor) -> Tensor:
        for convolution in self.convolutions:
            x = F.relu(convolution(x))
        return self.head(x)


def stock_images(run: Run, data: Boxes, side: int) -> None:
    """A DataLoader loop as the course has it: train, then validate, every epoch."""
    numbers = run.training
    model = StockNet(numbers["net"], numbers["mode"], numbers["amount"], side)
    loaders = [
        DataLoader(
            TensorDataset(data.images(split), torch.from_numpy(data.labels(split))),
            batch_size=numbers["batch_size"],
        )
        for split in ("train", "validation")
    ]
    optimizer = torch.optim.Adadelta(model.parameters(), lr=1.0, rho=0.9, weight_decay=5e-5)
    for _ in range(EPOCHS):
        for x, y in loaders[0]:
            optimizer.zero_grad()
            F.cross_entropy(model(x), y).backward()
            optimizer.step()
        with torch.no_grad():
            for x, y in loaders[1]:
                F.cross_entropy(model(x), y)


def ours(run: Run, data: Any, epochs: int) -> None:
    """One seed through the project's own loop, checkpointing included."""
    task = load(run.study).task(run, data, CPU)
    task.epochs = epochs
    with tempfile.TemporaryDirectory() as folder:
        fit(task, [0], CPU, Path(folder) / "scratch", Progress("", epochs, every=1e9), 15.0)


def seconds(work: Callable[[], None], rounds: int = ROUNDS) -> float:
    """The median over rounds."""
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def warm_up(graph: Graph, runs: dict[str, Run], boxes: Boxes) -> None:
    """First calls import and compile; none of that is timed."""
    stock_graph(StockGCN(graph.features.shape[1], graph.num_classes), graph, 2)
    stock_graph(StockGAT(graph.features.shape[1], graph.num_classes), graph, 2)
    ours(runs["GCN-public"], graph, 2)
    ours(runs["GAT-public"], graph, 2)
    small = Boxes({k: v[:200] for k, v in boxes.corners.items()}, boxes.size, boxes.square, 16)
    stock_images(runs["course-Net1-valid"], small, 2)
    ours(runs["course-Net1-valid"], small, 1)


def main() -> None:
    torch.set_num_threads(1)
    params = resolve(
        overrides={"studies": ["translation", "citation"], "data": {"cora": {"kind": "generated"}}}
    )
    plan = Plan(params)
    for spec in plan.datasets.values():
        if not spec.card.is_file():
            registry.make(spec)
    runs = {run.variant: run for study in plan.runs.values() for run in study}
    graph = registry.load(runs["GCN-public"].dataset)
    boxes = registry.load(runs["course-Net1-valid"].dataset)
    grid = [run for name, run in runs.items() if name.startswith("course-")]
    sides = {0: 2, 1: 4, 2: 6}
    features, classes = graph.features.shape[1], graph.num_classes
    epochs = params["citation"]["epochs"]
    warm_up(graph, runs, boxes)

    stock: dict[str, float] = {}
    for name, model in [("GCN", StockGCN), ("GAT", StockGAT)]:
        key = f"{name}, {epochs} epochs"
        stock[key] = seconds(lambda m=model: stock_graph(m(features, classes), graph, epochs))
    for run in grid:
        side = sides[run.training["amount"]]
        stock[run.variant] = seconds(lambda r=run, s=side: stock_images(r, boxes, s))
    images, tissues = vision.pairs(ours) | language.pairs(), graphs.pairs(ours)
    for theirs, _ in images.values():
        theirs()  # not timed
    stock_images_seconds = {name: seconds(theirs) for name, (theirs, _) in images.items()}
    stock_tissues = {name: seconds(theirs, 1) for name, (theirs, _) in tissues.items()}
    machine.prepare("cpu", threads=1)
    for _, here in images.values():
        here()
    mine: dict[str, float] = {}
    for name in ("GCN", "GAT"):
        run = runs[f"{name}-public"]
        mine[f"{name}, {epochs} epochs"] = seconds(lambda r=run: ours(r, graph, epochs))
    for run in grid:
        mine[run.variant] = seconds(lambda r=run: ours(r, boxes, EPOCHS))
    names = [run.variant for run in grid]
    stock["whole grid of networks"] = sum(stock[name] for name in names)
    mine["whole grid of networks"] = sum(mine[name] for name in names)
    stock |= stock_images_seconds
    mine |= {name: seconds(here) for name, (_, here) in images.items()}
    stock |= stock_tissues
    mine |= {name: seconds(here, 1) for name, (_, here) in tissues.items()}
    write(stock, mine)


def write(stock: dict[str, float], mine: dict[str, float]) -> None:
    lines = [
        "# Against the stock recipes",
        "",
        f"{datetime.datetime.now(datetime.UTC).date()}, {platform.machine()} CPU, one thread, "
        f"torch {torch.__version__}, Python {platform.python_version()}; median of {ROUNDS} "
        "rounds, one seed. Made by `make bench`.",
        "",
        "Graph networks: PyG's GCNConv (cached) and GATConv with dense features on a graph of",
        "Cora's size. Convolutional networks: a DataLoader loop with torch's `padding_mode`,",
        f"{EPOCHS} epochs. Images: a DataLoader with a transform for each image and torch's "
        "defaults,",
        f"{vision.EPOCHS} epochs; here rotation and segmentation train, and rotation is judged, in "
        "bfloat16, channels last. Tissues:",
        "PyG's GCN and DataLoader, one graph a batch, 25 epochs, one round. Language: the laptop's",
        "model, windows through a DataLoader, naive attention; writing without a cache.",
        "",
        "| work | stock (s) | here (s) | times faster |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, theirs in stock.items():
        lines.append(f"| {name} | {theirs:.2f} | {mine[name]:.2f} | {theirs / mine[name]:.2f} |")
    text = "\n".join([*lines, "", *graphs.growth()]) + "\n"
    store.write_text(Path("benchmarks/results.md"), text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
