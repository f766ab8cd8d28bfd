"""The identities study against brute force, and its honesty about what differs."""

from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
import torch

from inductive.plan import Plan
from inductive.studies import graph_algebra
from inductive.studies.graph_algebra import FIRST, SECOND, adjacency, laplacian, walks

CPU = torch.device("cpu")
pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit.*")


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


def test_every_identity_is_measured(params: dict[str, Any]) -> None:
    params["studies"] = ["graph_algebra"]
    runs = {run.variant: run for run in Plan(params).runs["graph_algebra"]}
    rows = graph_algebra.verify(runs["identities"], CPU).rows
    values: dict[str, list[float]] = {}
    for row in rows:
        values.setdefault(str(row[3]), []).append(float(str(row[6])))
    for name in ("index form - matrix form", "layer - message passing"):
        assert max(values[name]) < 1e-12
    assert max(values["attention on a complete graph - Transformer"]) < 1e-12
    assert min(values["additivity broken by the median"]) > 0.01
    assert max(values["additivity broken by the mean"]) < 1e-12
    assert graph_algebra.verify(runs["identities"], CPU).rows == rows
    cost = graph_algebra.verify(runs["cost"], CPU).rows
    assert all(float(str(row[6])) > 0 for row in cost if str(row[3]).startswith("milliseconds"))


def test_a_wrong_printed_matrix_would_be_found(params: dict[str, Any], monkeypatch: Any) -> None:
    printed = [list(row) for row in graph_algebra.PRINTED_SQUARE]
    printed[0][0] = 2
    monkeypatch.setattr(graph_algebra, "PRINTED_SQUARE", printed)
    params["studies"] = ["graph_algebra"]
    run = Plan(params).runs["graph_algebra"][0]
    found = [r[6] for r in graph_algebra.verify(run, CPU).rows if "A²" in str(r[3])]
    assert found == [1.0] * 3
