"""The nodes for training, validation and testing."""

from dataclasses import dataclass

import numpy as np

from inductive.core.errors import InputError
from inductive.core.seeding import numpy_generator
from inductive.data.graph import Graph, largest_component


@dataclass(frozen=True, kw_only=True)
class RandomSplit:
    """Sizes of a random split."""

    train_per_class: int
    validation_per_class: int
    largest_component: bool
    """Whether only nodes of the largest connected component take part."""


def public_split(graph: Graph) -> dict[str, np.ndarray]:
    """train, validation and test -> nodes, as published."""
    return {"train": graph.train, "validation": graph.validation, "test": graph.test}


def random_split(graph: Graph, sizes: RandomSplit, seed: int) -> dict[str, np.ndarray]:
    """train, validation and test -> nodes drawn from the seed, as in Shchur et al. 2018
    (arXiv:1811.05868): the test set is the rest.

    Raises InputError for a class that has no nodes left to test.
    """
    nodes = np.flatnonzero(graph.labels >= 0)
    if sizes.largest_component:
        nodes = np.intersect1d(nodes, largest_component(graph))
    order = numpy_generator("split", seed).permutation(nodes)
    first = sizes.train_per_class
    second = first + sizes.validation_per_class
    parts: dict[str, list[np.ndarray]] = {"train": [], "validation": [], "test": []}
    for c in range(graph.num_classes):
        of_class = order[graph.labels[order] == c]
        if len(of_class) <= second:
            raise InputError(
                f"citation.random_split: class {c} has {len(of_class)} nodes, "
                f"train_per_class and validation_per_class take {second} and leave none to test"
            )
        parts["train"].append(of_class[:first])
        parts["validation"].append(of_class[first:second])
        parts["test"].append(of_class[second:])
    return {name: np.sort(np.concatenate(pieces)) for name, pieces in parts.items()}
