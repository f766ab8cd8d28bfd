"""Measures of smoothness against dense references and in their limits."""

import numpy as np
import pytest
import torch
from torch import Tensor

from inductive.nn.graph_tensors import GraphTensors, dense_graph_tensors
from inductive.studies.oversmoothing.smoothness import (
    dirichlet_energy,
    feature_std,
    mean_average_distance,
)

EDGES = np.array([[0, 0, 1, 2, 3, 5], [1, 2, 2, 3, 4, 6]])
NODES = 8  # 7 has no neighbour


def graph(width: int = 5) -> GraphTensors:
    features = np.random.default_rng(0).normal(size=(NODES, width))
    return dense_graph_tensors(features, EDGES)


def dense(tensors: GraphTensors, weights: Tensor) -> Tensor:
    matrix = torch.zeros(NODES, NODES, dtype=torch.float64)
    matrix[tensors.neighbours.row, tensors.neighbours.column.long()] = weights.double()
    return matrix


def test_smoothness_against_dense_references() -> None:
    tensors = graph()
    h = torch.randn(NODES, 6, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    laplacian = torch.eye(NODES) - dense(tensors, tensors.normalised)
    energy = float(torch.trace(h.T @ laplacian @ h))
    assert dirichlet_energy(h, tensors) == pytest.approx(energy, rel=1e-6)
    h[3] = 0
    pairs = [
        1 - float(torch.cosine_similarity(h[i], h[j], dim=0))
        for i in range(NODES)
        for j in range(NODES)
        if i != j and 3 not in (i, j)
    ]
    assert mean_average_distance(h) == pytest.approx(np.mean(pairs), abs=1e-9)
    assert feature_std(h) == pytest.approx(h.numpy().std(0).mean(), rel=1e-12)


def test_smoothness_of_averaged_and_of_zero_features() -> None:
    tensors = graph()
    degree = torch.bincount(tensors.neighbours.row).double()
    averaged = degree.sqrt()[:, None] * torch.tensor([[1.0, -2.0, 3.0]])
    assert dirichlet_energy(averaged, tensors) == pytest.approx(0, abs=1e-12)
    assert mean_average_distance(averaged) == pytest.approx(0, abs=1e-12)
    assert mean_average_distance(torch.zeros(4, 2)) == 0


def test_repeated_averaging_makes_nodes_equal() -> None:
    """On a connected graph the rows of Â^k H converge to one direction for any H."""
    ring = np.stack([np.arange(10), (np.arange(10) + 1) % 10])
    features = np.random.default_rng(0).normal(size=(10, 4))
    tensors = dense_graph_tensors(features, ring)
    h = torch.from_numpy(features)
    matrix = torch.zeros(10, 10, dtype=torch.float64)
    matrix[tensors.neighbours.row, tensors.neighbours.column.long()] = tensors.normalised.double()
    far = torch.linalg.matrix_power(matrix, 200) @ h
    assert mean_average_distance(far) < 1e-9 < mean_average_distance(h)
