"""Deep networks on tissues against PyG's, and how the cost of aggregators grows with a graph."""

import time
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from common import Pair, load_data, planned_runs, train
from torch_geometric.data import Data
from torch_geometric.loader import DataLoader
from torch_geometric.nn import GCN

from inductive.data.tissues import NUM_CLASSES, Tissues, parts_of
from inductive.nn.aggregation import GeneralizedAggregation, PowerMean, SoftmaxMean
from inductive.training.cost import peak_bytes

DEPTHS = (1, 2, 5, 20)
EPOCHS = 25
OVERRIDES = {
    # 50 tissues to train on and ten to validate.
    "data": {
        "celltypegraph": {
            "kind": "generated",
            "generated": {"specimens": 80, "stages": 10, "cells": 1200},
        }
    },
    "oversmoothing": {"split": {"shares": [0.6, 0.1, 0.3]}},
}


def pairs() -> dict[str, Pair]:
    """Name -> the course's training with PyG and ours, by number of layers."""
    planned = planned_runs("oversmoothing", OVERRIDES)
    runs = {depth: planned[f"celltypegraph-none-{depth}"] for depth in DEPTHS}
    tissues = load_data(runs[DEPTHS[0]])
    parts = parts_of(tissues.names, runs[DEPTHS[0]].training["split"], 0)
    return {
        f"tissues: {len(parts['train'])} graphs, {depth} layers": Pair(
            lambda depth=depth: train_stock(tissues, parts, depth),
            lambda run=run: train(run, tissues, EPOCHS),
        )
        for depth, run in runs.items()
    }


def train_stock(tissues: Tissues, parts: dict[str, np.ndarray], depth: int) -> None:
    """The course's notebook: PyG's GCN, a DataLoader, one graph per batch."""

    def graphs(part: str) -> list[Data]:
        made = []
        for i in parts[part]:
            features, labels, edges = tissues.specimen(int(i))
            edge_index = torch.from_numpy(np.concatenate([edges, edges[::-1]], axis=1))
            x, y = torch.from_numpy(features), torch.from_numpy(labels)
            made.append(Data(x=x, y=y, edge_index=edge_index))
        return made

    model = GCN(tissues.features.shape[1], 64, depth, NUM_CLASSES, dropout=0.5)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=1e-5)
    loaders = [DataLoader(graphs(part), 1, shuffle=True) for part in ("train", "validation")]
    for _ in range(EPOCHS):
        model.train()
        for batch in loaders[0]:
            optimizer.zero_grad()
            scores = model(batch.x, batch.edge_index).log_softmax(1)
            F.nll_loss(scores, batch.y).backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            for batch in loaders[1]:
                scores = model(batch.x, batch.edge_index).log_softmax(1)
                F.nll_loss(scores, batch.y)
                (scores.argmax(1) == batch.y).float().mean()


AGGREGATORS: dict[str, Callable[[], GeneralizedAggregation]] = {
    "softmax, λ = 1": lambda: SoftmaxMean(1.0),
    "softmax, λ = ∞ (max)": lambda: SoftmaxMean(float("inf")),
    "softmax, λ = 0 (mean)": lambda: SoftmaxMean(0.0),
    "power mean, q = 2": lambda: PowerMean(2.0),
    "power mean, q = 0": lambda: PowerMean(0.0),
}
NODES = (1_000, 10_000, 100_000, 1_000_000)
DEGREE, WIDTH = 8, 8


def growth() -> list[str]:
    """Lines of a table: time and memory per edge of one forward pass, by number of nodes."""
    lines = [
        "## One layer of each aggregator, by size",
        "",
        f"Forward pass, {DEGREE} messages per node, {WIDTH} features; nanoseconds and bytes per "
        "edge, by number of nodes: constant means linear.",
        "",
        "| aggregator | " + " | ".join(f"{n:,}" for n in NODES) + " |",
        "| --- |" + " ---: |" * len(NODES),
    ]
    for name, make in AGGREGATORS.items():
        cells = [cost_per_edge(make(), nodes) for nodes in NODES]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def cost_per_edge(aggregator: GeneralizedAggregation, nodes: int) -> str:
    """'<nanoseconds> ns, <bytes> B' of one forward pass."""
    generator = torch.Generator().manual_seed(0)
    receiver = torch.arange(nodes).repeat_interleave(DEGREE)
    messages = torch.rand(len(receiver), WIDTH, generator=generator)
    with torch.no_grad():
        aggregator(messages, receiver, nodes)
        begun = time.perf_counter()
        aggregator(messages, receiver, nodes)
        seconds = time.perf_counter() - begun
        memory = peak_bytes(lambda: aggregator(messages, receiver, nodes))
    edges = len(receiver)
    return f"{1e9 * seconds / edges:.0f} ns, {memory / edges:.0f} B"
