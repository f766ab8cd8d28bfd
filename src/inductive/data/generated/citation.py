"""A generated citation graph of Cora's size, for which the best classifier of the words is known.

Edges come from a degree-corrected stochastic block model (Karrer and Newman 2011, arXiv:1008.3926):
a node's class decides which nodes it links to, its propensity how often. Words are independent
Bernoulli draws whose probabilities depend on the class, so no classifier of the words alone is
better in expectation than Bayes' rule with the true probabilities. The rule's accuracy on the
generated nodes is a fact of the data set.
"""

from itertools import pairwise
from typing import Any

import numpy as np
from scipy import sparse

from inductive.core.errors import InputError
from inductive.data.edges import undirected
from inductive.data.graph import Graph
from inductive.data.storage import Arrays

VERSION = 1


def check(settings: dict[str, Any], key: str) -> None:
    """Raise InputError for settings that contradict each other."""
    sizes, per_class = settings["class_sizes"], settings["train_per_class"]
    if min(sizes) <= per_class:
        raise InputError(
            f"{key}.generated.train_per_class: {per_class} leaves no other node of a class of "
            f"{min(sizes)} nodes"
        )
    needed = len(sizes) * per_class + settings["validation"] + settings["test"]
    if needed > sum(sizes):
        raise InputError(
            f"{key}.generated.test: the splits need {needed} nodes, class_sizes give {sum(sizes)}"
        )
    if settings["edges"] > sum(sizes) * (sum(sizes) - 1) // 8:
        raise InputError(f"{key}.generated.edges: {settings['edges']} is too dense for this graph")


def generate(settings: dict[str, Any]) -> Arrays:
    """The arrays of a `Graph`, and the known facts about it.

    Facts: `bayes_accuracy` (Bayes' rule on the words, all nodes), `bayes_accuracy_test` (the test
    nodes of the public split), `homophily` (measured), `edges`, `nodes`.
    """
    rng = np.random.default_rng([settings["seed"], VERSION])
    sizes = np.array(settings["class_sizes"])
    labels = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    edges = _edges(rng, labels, settings)
    features, log_likelihood = _words(rng, labels, settings)
    split = _public_split(rng, labels, settings)

    best = (log_likelihood + np.log(sizes / sizes.sum())).argmax(axis=1)
    facts = {
        "nodes": len(labels),
        "edges": edges.shape[1],
        "homophily": float((labels[edges[0]] == labels[edges[1]]).mean()),
        "bayes_accuracy": float((best == labels).mean()),
        "bayes_accuracy_test": float((best == labels)[split["test"]].mean()),
    }
    return Graph(features.astype(np.float32), edges, labels, **split).to_arrays(), facts


def _edges(rng: np.random.Generator, labels: np.ndarray, settings: dict[str, Any]) -> np.ndarray:
    """(2, E) with E exactly settings["edges"]: an edge stays inside the class of its source or not.

    Every node is the source of at least one drawn edge: a paper without a citation is not in Cora.
    """
    propensity = np.exp(settings["degree_spread"] * rng.standard_normal(len(labels)))
    order = np.argsort(labels, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(labels))])
    classes = [order[a:b] for a, b in pairwise(start)]
    weights = [propensity[nodes] / propensity[nodes].sum() for nodes in classes]
    source_weight = propensity / propensity.sum()
    # The share of a node's edges that stay inside its class varies between nodes, as some papers
    # cite outside their field.
    mean, spread = settings["homophily"], settings["homophily_concentration"]
    inside_share = rng.beta(mean * spread, (1 - mean) * spread, len(labels))
    edges = np.empty((2, 0), dtype=np.int64)
    while edges.shape[1] < settings["edges"]:
        count = settings["edges"] - edges.shape[1]
        source = rng.choice(len(labels), size=count, p=source_weight)
        if not edges.size:
            source[: len(labels)] = rng.permutation(len(labels))[:count]
        target = np.empty(count, dtype=np.int64)
        is_inside = rng.random(count) < inside_share[source]
        for c, (nodes, weight) in enumerate(zip(classes, weights, strict=True)):
            inside = is_inside & (labels[source] == c)
            target[inside] = rng.choice(nodes, size=inside.sum(), p=weight)
            others = np.where(labels == c, 0.0, propensity)
            outside = ~is_inside & (labels[source] == c)
            target[outside] = rng.choice(len(labels), size=outside.sum(), p=others / others.sum())
        edges = undirected(np.concatenate([edges, np.stack([source, target])], axis=1))
    return edges


def _words(
    rng: np.random.Generator, labels: np.ndarray, settings: dict[str, Any]
) -> tuple[sparse.csr_matrix, np.ndarray]:
    """Binary features (N, words) and the log-likelihood of each class (N, classes)."""
    classes, words = len(settings["class_sizes"]), settings["words"]
    base = rng.pareto(1.5, words) + 0.1  # few frequent words, many rare ones
    typical = rng.random((classes, words)) < settings["topic_words"]
    rate = base * np.where(typical, settings["topic_boost"], 1.0)
    rate *= settings["words_per_node"] / rate.sum(axis=1, keepdims=True)
    probability = np.minimum(rate, 0.5)
    present = rng.random((len(labels), words)) < probability[labels]
    log_likelihood = present @ np.log(probability).T + ~present @ np.log1p(-probability).T
    return sparse.csr_matrix(present), log_likelihood


def _public_split(
    rng: np.random.Generator, labels: np.ndarray, settings: dict[str, Any]
) -> dict[str, np.ndarray]:
    """train, validation and test: sorted node indices, as many training nodes in every class."""
    order = rng.permutation(len(labels))
    classes = range(len(settings["class_sizes"]))
    train = [order[labels[order] == c][: settings["train_per_class"]] for c in classes]
    rest = order[~np.isin(order, np.concatenate(train))]
    validation, test = settings["validation"], settings["test"]
    return {
        "train": np.sort(np.concatenate(train)),
        "validation": np.sort(rest[:validation]),
        "test": np.sort(rest[validation : validation + test]),
    }
