"""Deep networks on tissues against PyG's, and how aggregators grow with a graph."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch_geometric.data import Data
from torch_geometric.loader import DataLoader
from torch_geometric.nn import GCN

from inductive.config import resolve
from inductive.data import registry
from inductive.data.celltypegraph import Tissues, parts_of
from inductive.nn.aggregation import Aggregator, PowerMean, SoftmaxMean
from inductive.plan import Plan
from inductive.run import Run
from inductive.training.cost import peak_bytes

DEPTHS = (1, 2, 5, 20)
PARAMS = {
    "studies": ["oversmoothing"],
    # 50 tissues to train on and ten to validate.
    "data": {
        "celltypegraph": {
            "kind": "generated",
            "generated": {"specimens": 80, "stages": 10, "cells": 1200},
        }
    },
    "oversmoothing": {"split": {"shares": [0.6, 0.1, 0.3]}},
}


def pairs(ours: Callable[[Run, Any, int], None]) -> dict[str, tuple[Callable[[], None], ...]]:
    """Name -> the course's training with PyG and ours, 25 epochs each."""
    plan = Plan(resolve(overrides=PARAMS))
    runs = {run.variant: run for run in plan.runs["oversmoothing"]}
    chosen = {depth: runs[f"celltypegraph-none-{depth}"] for depth in DEPTHS}
    spec = chosen[1].data
    if not spec.card.is_file():
        registry.make(spec)
    tissues = registry.load(spec)
    parts = parts_of(tissues.names, chosen[1].training["split"], 0)
    return {
        f"tissues: {len(parts['train'])} graphs, {depth} layers": (
            lambda depth=depth: stock(tissues, parts, depth),
            lambda run=run: ours(run, tissues, 25),
        )
        for depth, run in chosen.items()
    }


def stock(tissues: Tissues, parts: dict[str, np.ndarray], depth: int) -> None:
    """The course's notebook: PyG's GCN, a DataLoader, one graph a batch."""

    def items(part: str) -> list[Data]:
        made = []
        for i in parts[part]:
            features, labels, edges = tissues.specimen(int(i))
            both = torch.from_numpy(np.concatenate([edges, edges[::-1]], axis=1))
            x, y = torch.from_numpy(features), torch.from_numpy(labels)
            made.append(Data(x=x, y=y, edge_index=both))
        return made

    model = GCN(74, 64, depth, 9, dropout=0.5)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=1e-5)
    loaders = [DataLoader(items(part), 1, shuffle=True) for part in ("train", "validation")]
    for _ in range(25):
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


AGGREGATORS: dict[str, Callable[[], Aggregator]] = {
    "softmax, λ = 1": lambda: SoftmaxMean(1.0),
    "softmax, λ = ∞ (max)": lambda: SoftmaxMean(float("inf")),
    "softmax, λ = 0 (mean)": lambda: SoftmaxMean(0.0),
    "power mean, q = 2": lambda: PowerMean(2.0),
    "power mean, q = 0": lambda: PowerMean(0.0),
}
NODES = (1_000, 10_000, 100_000, 1_000_000)
DEGREE, WIDTH = 8, 8


def growth() -> list[str]:
    """Lines of a table: time and bytes an edge of one forward pass, by size of the graph."""
    lines = [
        "## One layer of each aggregator, by size",
        "",
        f"Forward pass, {DEGREE} messages a node, {WIDTH} features; nanoseconds and bytes an edge, "
        "by number of nodes: constant means linear.",
        "",
        "| aggregator | " + " | ".join(f"{n:,}" for n in NODES) + " |",
        "| --- |" + " ---: |" * len(NODES),
    ]
    for name, make in AGGREGATORS.items():
        cells = []
        for nodes in NODES:
            generator = torch.Generator().manual_seed(0)
            receiver = torch.arange(nodes).repeat_interleave(DEGREE)
            messages = torch.rand(len(receiver), WIDTH, generator=generator)
            aggregator = make()
            with torch.no_grad():
                aggregator(messages, receiver, nodes)
                begun = time.perf_counter()
                aggregator(messages, receiver, nodes)
                spent = time.perf_counter() - begun
                used = peak_bytes(lambda a=aggregator, m=messages, r=receiver, n=nodes: a(m, r, n))
            edges = len(receiver)
            cells.append(f"{1e9 * spent / edges:.0f} ns, {used / edges:.0f} B")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines
