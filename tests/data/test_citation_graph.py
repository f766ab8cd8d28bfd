"""The generated citation graph."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import yaml

from inductive.core.run import DatasetSpec
from inductive.data.edges import undirected
from inductive.data.generated import citation


@pytest.fixture(scope="module")
def generated() -> tuple[dict[str, np.ndarray], dict[str, Any], dict[str, Any]]:
    with open("params.yaml") as stream:
        settings = yaml.safe_load(stream)["data"]["cora"]["generated"]
    return *citation.generate(settings), settings


def test_it_has_coras_size_and_homophily(generated: Any) -> None:
    arrays, facts, settings = generated
    assert np.bincount(arrays["labels"]).tolist() == settings["class_sizes"]
    assert arrays["edges"].shape == (2, 5278)
    np.testing.assert_array_equal(undirected(arrays["edges"]), arrays["edges"])
    assert abs(facts["homophily"] - 0.81) < 0.03
    words = len(arrays["indices"]) / len(arrays["labels"])
    assert 14 < words < 20  # Cora: 18.2
    degree = np.bincount(arrays["edges"].ravel(), minlength=2708)
    assert degree.min() >= 1
    assert degree.max() > 10 * degree.mean()  # a long tail, though not Cora's 168


def test_splits_are_disjoint_and_of_the_public_sizes(generated: Any) -> None:
    arrays, _, _ = generated
    parts = [arrays[s] for s in ("train", "validation", "test")]
    assert [len(p) for p in parts] == [140, 500, 1000]
    assert len(np.unique(np.concatenate(parts))) == 1640
    assert np.bincount(arrays["labels"][arrays["train"]]).tolist() == [20] * 7


def test_bayes_rule_against_a_plain_loop() -> None:
    """The likelihoods from matrix products are those of Bernoulli words, one by one."""
    rng = np.random.default_rng(0)
    settings = {
        "class_sizes": [5, 5],
        "words": 12,
        "words_per_node": 3.0,
        "topic_words": 0.4,
        "topic_boost": 3.0,
    }
    labels = np.repeat([0, 1], 5)
    state = rng.bit_generator.state
    features, log_likelihood = citation._words(rng, labels, settings)
    rng.bit_generator.state = state
    base = rng.pareto(1.5, 12) + 0.1
    typical = rng.random((2, 12)) < 0.4
    rate = base * np.where(typical, 3.0, 1.0)
    rate *= 3.0 / rate.sum(1, keepdims=True)
    for node in range(10):
        for c in range(2):
            total = 0.0
            for word, present in enumerate(features.toarray()[node]):
                p = min(rate[c, word], 0.5)
                total += np.log(p if present else 1 - p)
            assert log_likelihood[node, c] == pytest.approx(total)


def test_no_other_classifier_of_the_words_beats_bayes(generated: Any) -> None:
    """Nearest class centroid with all labels known stays below Bayes' rule."""
    arrays, facts, settings = generated
    n = len(arrays["labels"])
    x = np.zeros((n, settings["words"]), np.float32)
    x[np.repeat(np.arange(n), np.diff(arrays["indptr"])), arrays["indices"]] = 1
    centroids = np.stack([x[arrays["labels"] == c].mean(0) for c in range(7)])
    distance = ((x[:, None] - centroids) ** 2).sum(-1)
    assert (distance.argmin(1) == arrays["labels"]).mean() < facts["bayes_accuracy"] < 1


def test_the_data_step_preserves_the_graph(
    resolve: Callable[..., DatasetSpec], make_and_load: Callable[[DatasetSpec], Any]
) -> None:
    spec = resolve("cora")
    arrays, _ = citation.generate(spec.settings)
    graph = make_and_load(spec)
    assert graph.features.shape == (150, spec.settings["words"])
    assert graph.features.dtype == np.float32
    assert set(graph.features.data) == {1.0}
    for name, array in graph.to_arrays().items():
        np.testing.assert_array_equal(array, arrays[name])
