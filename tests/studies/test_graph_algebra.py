"""The identities against brute force, and the detection of a wrong matrix."""

import math
from collections.abc import Callable
from itertools import pairwise, product

import numpy as np
import pytest
import torch

from inductive.core.errors import InputError
from inductive.core.run import Run
from inductive.studies.graph_algebra import identities
from inductive.studies.graph_algebra.attention_cost import graph_attention
from inductive.studies.graph_algebra.evaluate import measure
from inductive.studies.graph_algebra.matrices import (
    FIRST,
    PRINTED_SQUARE,
    SECOND,
    adjacency,
    laplacian,
    walks,
)
from inductive.studies.graph_algebra.metrics import METRICS

CPU = torch.device("cpu")
MakeRuns = Callable[..., list[Run]]


def test_walks_are_counted_one_by_one() -> None:
    matrix = adjacency(FIRST)
    n = len(matrix)
    for steps in (1, 2, 3):
        counted = np.zeros((n, n), int)
        for path in product(range(n), repeat=steps + 1):
            counted[path[0], path[-1]] += all(matrix[a, b] for a, b in pairwise(path))
        assert np.array_equal(walks(matrix, steps), counted)


def test_a_laplacian_row_sums_to_zero() -> None:
    matrix = laplacian(adjacency(SECOND))
    assert (matrix.sum(1) == 0).all()
    assert np.diag(matrix).tolist() == [1, 3, 2, 3, 3, 2]


def test_every_identity_is_measured(make_runs: MakeRuns) -> None:
    runs = {run.variant: run for run in make_runs("graph_algebra")}
    rows = measure(runs["identities"], CPU).rows
    values: dict[str, list[float]] = {}
    for _, _, _, metric, _, value in rows:
        values.setdefault(metric, []).append(value)
    for name in ("index form - matrix form", "layer - message passing"):
        assert max(values[name]) < 1e-12
    assert max(values["attention on a complete graph - Transformer"]) < 1e-12
    assert min(values["additivity broken by the median"]) > 0.01
    assert max(values["additivity broken by the mean"]) < 1e-12
    assert measure(runs["identities"], CPU).rows == rows
    cost = measure(runs["cost"], CPU).rows
    assert all(value > 0 for *_, metric, _, value in cost if metric.startswith("milliseconds"))
    seen: dict[str, set[str]] = {}
    for _, _, _, metric, coordinates, value in rows + cost:
        assert math.isfinite(value)
        seen.setdefault(metric, set()).update(coordinates)
    assert seen == {name: set(metric.coordinates) for name, metric in METRICS.items()}


def test_a_wrong_printed_matrix_is_detected(
    make_runs: MakeRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = [list(row) for row in PRINTED_SQUARE]
    printed[0][0] = 2
    monkeypatch.setattr(identities, "PRINTED_SQUARE", printed)
    rows = measure(make_runs("graph_algebra")[0], CPU).rows
    assert [value for *_, metric, _, value in rows if "A²" in metric] == [1.0] * 3


def test_more_edges_than_pairs_are_refused() -> None:
    with pytest.raises(InputError, match=r"graph_algebra.cost: 4 nodes have no 14 edges"):
        graph_attention(4, 14, 3)
    assert graph_attention(4, 12, 3)().shape == (4, 3)
