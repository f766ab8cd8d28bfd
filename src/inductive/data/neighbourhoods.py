"""A task whose right aggregator is known: is the mean, max, min or sum around you large?

Nodes of a random graph hold a positive number each. A node's class says whether the aggregate of
its own and its neighbours' numbers is above the median over all nodes, so the network whose
aggregator is that one, followed by a threshold, makes no mistake, and no other aggregator orders
the nodes alike: degrees differ widely (for the sum) and numbers are skewed (for max and min).
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from inductive.data.spec import DatasetSpec
from inductive.errors import InputError

if TYPE_CHECKING:
    from inductive.data.graph import Graph

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


def generate(settings: dict[str, Any]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """`values` (N, 1), `edges` (2, E), `labels` (N,), and `order`, whose parts are the split."""
    from inductive.data.graph import undirected

    rng = np.random.default_rng(settings["seed"])
    n = settings["nodes"]
    # Propensities to link that spread degrees over an order of magnitude; nobody stays alone.
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
    """Over the neighbours and the node itself, as the networks here aggregate."""
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


def load(spec: DatasetSpec) -> "Graph":
    """A third of the nodes for each of training, validation and testing."""
    from safetensors.numpy import load_file
    from scipy import sparse

    from inductive.data.graph import Graph

    arrays = load_file(spec.folder / "arrays.safetensors")
    parts = [np.sort(part) for part in np.array_split(arrays["order"], 3)]
    features = sparse.csr_matrix(arrays["values"])
    return Graph(features, arrays["edges"], arrays["labels"], *parts)
