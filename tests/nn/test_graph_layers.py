"""Graph layers against PyG's and against dense matrices."""

from dataclasses import dataclass

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import sparse
from torch import Tensor

from inductive.nn.aggregation import SoftmaxMean
from inductive.nn.graph_attention import GraphAttention, attention_weights
from inductive.nn.graph_convolution import GraphConvolution, SparseInput
from inductive.nn.graph_tensors import GraphTensors, dense_graph_tensors, sparse_graph_tensors
from inductive.nn.sparse import SparsePattern


@dataclass
class RandomGraph:
    """Twelve nodes with seven sparse features."""

    features: sparse.csr_matrix
    edges: np.ndarray

    @property
    def tensors(self) -> GraphTensors:
        return sparse_graph_tensors(self.features, self.edges)

    @property
    def both_directions(self) -> Tensor:
        return torch.from_numpy(np.concatenate([self.edges, self.edges[::-1]], axis=1))

    @property
    def dense_features(self) -> Tensor:
        dense, tensors = torch.zeros(self.features.shape), self.tensors
        dense[tensors.features.row, tensors.features.column.long()] = tensors.feature_values
        return dense


@pytest.fixture
def graph() -> RandomGraph:
    rng = np.random.default_rng(0)
    features = sparse.csr_matrix((rng.random((12, 7)) < 0.4).astype(np.float32))
    return RandomGraph(features, np.argwhere(np.triu(rng.random((12, 12)) < 0.3, 1)).T)


def gradients(loss: Tensor, parameters: list[Tensor]) -> list[Tensor]:
    return list(torch.autograd.grad(loss, parameters))


@pytest.mark.parametrize("sparse_input", [True, False])
def test_graph_convolution_equals_pyg(graph: RandomGraph, sparse_input: bool) -> None:
    from torch_geometric.nn import GCNConv

    tensors, x = graph.tensors, graph.dense_features
    ours, theirs = GraphConvolution(7, 4), GCNConv(7, 4)
    with torch.no_grad():
        ours.bias.normal_()
        theirs.lin.weight.copy_(ours.weight.T)
        theirs.bias.copy_(ours.bias)
    out = ours(SparseInput(tensors) if sparse_input else x, tensors)
    expected = theirs(x, graph.both_directions)
    torch.testing.assert_close(out, expected, rtol=1e-5, atol=1e-5)
    weight = torch.randn_like(out)
    mine = gradients((out * weight).sum(), [ours.weight, ours.bias])
    pyg = gradients((expected * weight).sum(), [theirs.lin.weight, theirs.bias])
    torch.testing.assert_close(mine, [pyg[0].T, pyg[1]], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("concatenate", [True, False])
def test_graph_attention_equals_pyg(graph: RandomGraph, concatenate: bool) -> None:
    from torch_geometric.nn import GATConv

    tensors, x = graph.tensors, graph.dense_features
    ours = GraphAttention(7, 5, heads=3, concatenate=concatenate)
    theirs = GATConv(7, 5, heads=3, concat=concatenate)
    with torch.no_grad():
        ours.bias.normal_()
        theirs.lin.weight.copy_(ours.weight.T)
        theirs.att_src.copy_(ours.source[None])
        theirs.att_dst.copy_(ours.target[None])
        theirs.bias.copy_(ours.bias)
    out = ours(SparseInput(tensors), tensors)
    expected = theirs(x, graph.both_directions)
    torch.testing.assert_close(out, expected, rtol=1e-5, atol=1e-5)
    weight = torch.randn_like(out)
    mine = gradients((out * weight).sum(), [ours.weight, ours.source, ours.target, ours.bias])
    names = [theirs.lin.weight, theirs.att_src, theirs.att_dst, theirs.bias]
    pyg = gradients((expected * weight).sum(), names)
    expected_gradients = [pyg[0].T, pyg[1][0], pyg[2][0], pyg[3]]
    torch.testing.assert_close(mine, expected_gradients, rtol=1e-5, atol=1e-5)


@pytest.fixture
def pattern() -> SparsePattern:
    """Three rows with two, one and three entries."""
    entries = (np.ones(6), ([0, 0, 1, 2, 2, 2], [0, 1, 1, 0, 1, 2]))
    return SparsePattern.from_scipy(sparse.csr_matrix(entries))


def test_attention_sums_to_one_for_large_scores(pattern: SparsePattern) -> None:
    target, source = torch.randn(2, 3, 2) * 500
    alpha = attention_weights(target, source, pattern)
    totals = torch.zeros(3, 2).index_add(0, pattern.row, alpha)
    torch.testing.assert_close(totals, torch.ones(3, 2))
    scores = F.leaky_relu(target[2] + source, 0.2)
    torch.testing.assert_close(alpha[3:], scores.softmax(0))


def test_attention_has_the_gradient_of_its_value_and_works_under_vmap(
    pattern: SparsePattern,
) -> None:
    target, source = torch.randn(2, 4, 3, 2, dtype=torch.float64).requires_grad_()
    inputs = (target[0], source[0])
    assert torch.autograd.gradcheck(lambda t, s: attention_weights(t, s, pattern), inputs)
    together = torch.vmap(lambda t, s: attention_weights(t, s, pattern))(target, source)
    alone = [attention_weights(t, s, pattern) for t, s in zip(target, source, strict=True)]
    torch.testing.assert_close(together, torch.stack(alone))


def test_normalisation_against_a_dense_matrix(graph: RandomGraph) -> None:
    tensors = graph.tensors
    a = np.eye(12)
    a[tuple(graph.edges)] = a[tuple(graph.edges[::-1])] = 1
    d = np.diag(1 / np.sqrt(a.sum(1)))
    ours = np.zeros_like(a)
    ours[tensors.neighbours.row, tensors.neighbours.column.long()] = tensors.normalised
    np.testing.assert_allclose(ours, d @ a @ d, atol=1e-6)


def test_a_graph_convolution_takes_any_aggregator() -> None:
    nodes = 8  # 7 has no neighbour
    edges = np.array([[0, 0, 1, 2, 3, 5], [1, 2, 2, 3, 4, 6]])
    features = np.random.default_rng(0).normal(size=(nodes, 5))
    tensors = dense_graph_tensors(features, edges)
    layer = GraphConvolution(5, 2, SoftmaxMean(0.0, exponent=1.0))
    x = tensors.features
    assert isinstance(x, Tensor)
    adjacency = torch.zeros(nodes, nodes)
    adjacency[tensors.neighbours.row, tensors.neighbours.column.long()] = 1
    summed = adjacency @ ((x @ layer.weight).relu() + 1e-7)
    torch.testing.assert_close(layer(x, tensors), summed + layer.bias)
