"""A generated twin of Cora, with what no real citation graph has: a known best classifier.

Edges come from a degree-corrected stochastic block model (Karrer and Newman 2011): a node's class
decides whom it links to, a propensity of its own decides how often. Words are independent
Bernoulli draws whose probabilities depend on the class, so Bayes' rule with the true probabilities
is the best any classifier of the features alone can do; its accuracy is computed on these very
nodes and drawn in the figures.
"""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from inductive.data.graph import Graph, undirected
from inductive.errors import InputError

VERSION = 1


def check(settings: dict[str, Any], key: str) -> None:
    """Raise InputError for settings that contradict each other."""
    sizes, per_class = settings["class_sizes"], settings["train_per_class"]
    if min(sizes) <= per_class:
        raise InputError(
            f"{key}.generated.train_per_class: {per_class} leaves nothing of a class of "
            f"{min(sizes)}"
        )
    wanted = len(sizes) * per_class + settings["validation"] + settings["test"]
    if wanted > sum(sizes):
        raise InputError(
            f"{key}.generated.test: the splits need {wanted} nodes, class_sizes give {sum(sizes)}"
        )
    if settings["edges"] > sum(sizes) * (sum(sizes) - 1) // 8:
        raise InputError(f"{key}.generated.edges: {settings['edges']} is too dense for this graph")


def generate(settings: dict[str, Any]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays of the graph, and the facts about it that the generator knows.

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
    arrays = {
        "indptr": features.indptr.astype(np.int64),
        "indices": features.indices.astype(np.int64),
        "edges": edges,
        "labels": labels,
        "words": np.array([settings["words"]]),
    } | split
    return {name: np.ascontiguousarray(array) for name, array in arrays.items()}, facts


def _edges(rng: np.random.Generator, labels: np.ndarray, settings: dict[str, Any]) -> np.ndarray:
    """(2, E) with E exactly as asked: each edge picks inside or across, then two nodes.

    Every node is the source of one edge first, since a paper without a citation is not in Cora.
    """
    propensity = np.exp(settings["degree_spread"] * rng.standard_normal(len(labels)))
    order = np.argsort(labels, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(labels))])
    members = [order[a:b] for a, b in pairwise(start)]
    weights = [propensity[nodes] / propensity[nodes].sum() for nodes in members]
    everyone = propensity / propensity.sum()
    # Some papers cite outside their field: how many of its edges stay inside is a node's own.
    mean, spread = settings["homophily"], settings["homophily_concentration"]
    loyalty = rng.beta(mean * spread, (1 - mean) * spread, len(labels))
    edges = np.empty((2, 0), dtype=np.int64)
    while edges.shape[1] < settings["edges"]:
        count = settings["edges"] - edges.shape[1]
        source = rng.choice(len(labels), size=count, p=everyone)
        if not edges.size:
            source[: len(labels)] = rng.permutation(len(labels))[:count]
        target = np.empty(count, dtype=np.int64)
        inside = rng.random(count) < loyalty[source]
        for c, (nodes, weight) in enumerate(zip(members, weights, strict=True)):
            here = inside & (labels[source] == c)
            target[here] = rng.choice(nodes, size=here.sum(), p=weight)
            others = np.where(labels == c, 0.0, propensity)
            away = ~inside & (labels[source] == c)
            target[away] = rng.choice(len(labels), size=away.sum(), p=others / others.sum())
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


def load_twin(folder: Path) -> Graph:
    """The generated graph from its arrays."""
    from safetensors.numpy import load_file

    arrays = load_file(folder / "arrays.safetensors")
    shape = (len(arrays["labels"]), int(arrays["words"][0]))
    values = np.ones(len(arrays["indices"]), dtype=np.float32)
    features = sparse.csr_matrix((values, arrays["indices"], arrays["indptr"]), shape=shape)
    names = ("edges", "labels", "train", "validation", "test")
    return Graph(features, **{name: arrays[name] for name in names})
