"""A task with a known best aggregator: is the mean, max, min or sum around a node large?

Every node of a random graph has one positive value. A node's class is whether the aggregate of
its own and its neighbours' values is above the median over all nodes. So the network with that
aggregator, followed by a threshold, makes no error, and no other aggregator ranks the nodes
equally: degrees differ widely (for the sum) and values are skewed (for max and min).
"""

from typing import Any

import numpy as np

from inductive.core.errors import InputError
from inductive.data.edges import undirected
from inductive.data.storage import Arrays

VERSION = 1
TARGETS = ("mean", "max", "min", "sum")


def check(settings: dict[str, Any], key: str) -> None:
    """Raise InputError for a target that is not known or a graph that cannot be split."""
    if settings["target"] not in TARGETS:
        raise InputError(
            f"{key}: the target '{settings['target']}' is none of {', '.join(TARGETS)}"
        )
    if settings["degree"] >= settings["nodes"] / 2:
        raise InputError(
            f"{key}.degree: {settings['degree']} neighbours are too many for "
            f"{settings['nodes']} nodes"
        )


def generate(settings: dict[str, Any]) -> Arrays:
    """`values` (N, 1), `edges` (2, E), `labels` (N,), and `order`, whose thirds are the split."""
    rng = np.random.default_rng(settings["seed"])
    n = settings["nodes"]
    # Log-normal propensities spread degrees over an order of magnitude; the ring links every node.
    propensity = rng.lognormal(0.0, 0.8, n)
    ends = rng.choice(n, (2, round(n * settings["degree"] / 2)), p=propensity / propensity.sum())
    ring = np.stack([np.arange(n), (np.arange(n) + 1) % n])
    edges = undirected(np.concatenate([ends, ring], axis=1))
    values = rng.lognormal(0.0, settings["spread"], n)
    aggregate = _aggregate(values, edges, settings["target"])
    labels = (aggregate > np.median(aggregate)).astype(np.int64)
    arrays = {
        "values": values[:, None].astype(np.float32),
        "edges": edges,
        "labels": labels,
        "order": rng.permutation(n),
    }
    return arrays, {"best accuracy": 1.0}


def _aggregate(values: np.ndarray, edges: np.ndarray, target: str) -> np.ndarray:
    """(N,) over the neighbours and the node itself, as the networks of this package aggregate."""
    n = len(values)
    loops = np.arange(n)
    row = np.concatenate([edges[0], edges[1], loops])
    column = np.concatenate([edges[1], edges[0], loops])
    if target in ("mean", "sum"):
        total = np.bincount(row, values[column], n)
        result: np.ndarray = total / np.bincount(row) if target == "mean" else total
        return result
    extreme = np.maximum if target == "max" else np.minimum
    result = np.full(n, -np.inf if target == "max" else np.inf)
    extreme.at(result, row, values[column])
    return result
