"""The times of graph attention and dense attention, and their growth exponents."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from inductive.core.errors import InputError
from inductive.nn.graph_attention import GraphAttention
from inductive.nn.graph_tensors import dense_graph_tensors
from inductive.training.cost import exponent, growing, interleaved_milliseconds, timing_spread
from inductive.training.measurements import MeasurementTable

NEIGHBOURS = 8
"""Of a node, where graph attention is timed against dense attention."""


@dataclass(frozen=True, kw_only=True)
class CostSizes:
    """The sizes for which attention is timed."""

    nodes: int
    """Of the graphs that differ in their number of edges."""
    width: int
    edges: list[int]
    """Each counted in both directions."""
    dense_nodes: list[int]


@dataclass(frozen=True)
class Sweep:
    """Passes that differ in one size."""

    name: str
    coordinate: str
    """What the size counts."""
    sizes: list[int]
    """From the smallest to the largest."""
    works: list[Callable[[], Tensor]]
    """One pass for each size."""


def add_times(table: MeasurementTable, sizes: CostSizes) -> None:
    """Milliseconds of one pass by edges and by nodes, one repetition per seed, and exponents.

    Times depend on the machine and differ between measurements; their growth can be compared. An
    exponent is fitted only to sizes at which constant costs no longer matter (see `growing`).
    """
    width, few = sizes.width, f"graph attention at {NEIGHBOURS} neighbours"
    edges, nodes = sorted(sizes.edges), sorted(sizes.dense_nodes)
    sweeps = [
        Sweep(
            "graph attention",
            "edges",
            edges,
            [graph_attention(sizes.nodes, n, width) for n in edges],
        ),
        Sweep("dense attention", "nodes", nodes, [dense_attention(n, width) for n in nodes]),
        Sweep(few, "nodes", nodes, [graph_attention(n, NEIGHBOURS * n, width) for n in nodes]),
    ]
    works = [work for sweep in sweeps for work in sweep.works]
    times = [interleaved_milliseconds(works) for _ in table.seeds]  # (rounds, works) each
    medians = np.median(times, axis=1)  # (S, works)
    ends = np.cumsum([len(sweep.works) for sweep in sweeps])
    for sweep, own in zip(sweeps, np.split(medians, ends[:-1], axis=1), strict=True):
        for size, column in zip(sweep.sizes, own.T, strict=True):
            at: dict[str, Any] = {sweep.coordinate: size}
            table.add(column.tolist(), f"milliseconds, {sweep.name}", **at)
        fitted = [growing(row) for row in own]
        exponents = [exponent(sweep.sizes[f], row[f]) for f, row in zip(fitted, own, strict=True)]
        table.add(exponents, f"exponent, {sweep.name}")
        smallest = [sweep.sizes[f][0] for f in fitted]
        table.add(smallest, f"smallest size fitted, milliseconds, {sweep.name}")
    table.add([timing_spread(own) for own in times], "timing spread")


def graph_attention(nodes: int, edges: int, width: int) -> Callable[[], Tensor]:
    """One pass of a GAT layer over a random graph with `edges` edges, counting both directions.

    Raises InputError where there are not as many pairs of nodes.
    """
    pairs = nodes * (nodes - 1) // 2
    if edges // 2 > pairs:
        raise InputError(f"graph_algebra.cost: {nodes} nodes have no {edges} edges")
    rng = np.random.default_rng(0)
    linked = np.sort(rng.choice(pairs, edges // 2, replace=False))
    row, column = np.triu_indices(nodes, 1)
    graph = dense_graph_tensors(
        rng.normal(size=(nodes, width)), np.stack([row[linked], column[linked]])
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        layer: Any = GraphAttention(width, width, heads=1)
    return lambda: layer(graph.features, graph)


def dense_attention(nodes: int, width: int) -> Callable[[], Tensor]:
    """One pass of Transformer attention over `nodes` tokens, computing all scores at once."""
    generator = torch.Generator().manual_seed(0)
    q, k, v = torch.randn(3, nodes, width, generator=generator)
    return lambda: (q @ k.T / width**0.5).softmax(-1) @ v
