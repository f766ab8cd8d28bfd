"""The times of graph attention and dense attention, and their growth exponents."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from inductive.core.errors import InputError
from inductive.nn.graph_attention import GraphAttention
from inductive.nn.graph_tensors import dense_graph_tensors
from inductive.training.cost import milliseconds
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


def add_times(table: MeasurementTable, sizes: CostSizes) -> None:
    """Milliseconds of one pass by edges and by nodes, one measurement per seed, and exponents.

    Times depend on the machine and differ between measurements; their growth can be compared.
    """
    width = sizes.width

    def by_edges(edges: int) -> Callable[[], Tensor]:
        return graph_attention(sizes.nodes, edges, width)

    def by_nodes(nodes: int) -> Callable[[], Tensor]:
        return graph_attention(nodes, NEIGHBOURS * nodes, width)

    def dense(nodes: int) -> Callable[[], Tensor]:
        return dense_attention(nodes, width)

    few_neighbours = f"graph attention at {NEIGHBOURS} neighbours"
    _add_sweep(table, "graph attention", "edges", sizes.edges, by_edges)
    _add_sweep(table, "dense attention", "nodes", sizes.dense_nodes, dense)
    _add_sweep(table, few_neighbours, "nodes", sizes.dense_nodes, by_nodes)


def _add_sweep(
    table: MeasurementTable,
    name: str,
    coordinate: str,
    sizes: Sequence[int],
    make: Callable[[int], Callable[[], Tensor]],
) -> None:
    times = np.array([[milliseconds(make(size)) for _ in table.seeds] for size in sizes])
    for size, row in zip(sizes, times, strict=True):
        at: dict[str, Any] = {coordinate: size}
        table.add(row.tolist(), f"milliseconds, {name}", **at)
    # At small sizes a constant overhead dominates: the exponent is fitted to the upper half.
    half = min(len(sizes) // 2, len(sizes) - 2)
    exponents = np.polyfit(np.log(sizes[half:]), np.log(times[half:]), 1)[0]
    table.add(exponents.tolist(), f"exponent, {name}")


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
