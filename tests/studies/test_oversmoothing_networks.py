"""Deep graph networks: layers against PyG, depths, permutations, graphs without edges."""

import warnings
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from inductive.core.errors import InputError
from inductive.nn.graph_tensors import GraphTensors, dense_graph_tensors
from inductive.studies.oversmoothing.networks import (
    GCNII,
    STACKS,
    DeepGCN,
    SelfConvolution,
    pair_norm,
)

EDGES = np.array([[0, 0, 1, 2, 3, 5], [1, 2, 2, 3, 4, 6]])
NODES = 8  # 7 has no neighbour


def graph(width: int = 5) -> GraphTensors:
    features = np.random.default_rng(0).normal(size=(NODES, width))
    return dense_graph_tensors(features, EDGES)


def test_self_convolution_equals_the_matrix_form() -> None:
    tensors = graph()
    layer = SelfConvolution(5, 3)
    x = tensors.features
    assert isinstance(x, Tensor)
    adjacency = np.zeros((NODES, NODES))
    adjacency[EDGES[0], EDGES[1]] = adjacency[EDGES[1], EDGES[0]] = 1
    degree = np.maximum(adjacency.sum(1, keepdims=True), 1)
    mean = torch.from_numpy(adjacency / degree).float()
    torch.testing.assert_close(layer(x, tensors), mean @ x @ layer.weight + x @ layer.own)


def test_gcnii_layers_equal_pyg() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch_geometric.nn import GCN2Conv
    tensors = graph()
    ours: Any = GCNII(5, 3, hidden=4, depth=2)
    outputs = ours.layer_outputs(tensors)
    edges = torch.from_numpy(np.concatenate([EDGES, EDGES[::-1]], axis=1))
    h = first = outputs[0]
    for i, weight in enumerate(ours.mixed, start=1):
        theirs = GCN2Conv(4, alpha=0.1, theta=0.5, layer=i)
        theirs.weight1.data = weight.data
        h = theirs(h, first, edges).relu()
        torch.testing.assert_close(outputs[i], h, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(outputs[-1], ours.last(h))


def test_pair_norm_equals_pyg() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch_geometric.nn import PairNorm
    h = torch.randn(NODES, 4)
    torch.testing.assert_close(pair_norm(h, h), PairNorm()(h).relu(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("remedy", STACKS)
@pytest.mark.parametrize("depth", [1, 2, 5])
def test_layer_outputs_end_in_the_scores(remedy: str, depth: int) -> None:
    net, tensors = DeepGCN(5, 3, hidden=4, depth=depth, remedy=remedy), graph()
    outputs = net.layer_outputs(tensors)
    assert [tuple(o.shape) for o in outputs] == [(NODES, 4)] * (depth - 1) + [(NODES, 3)]
    assert torch.equal(net(tensors), outputs[-1])
    masks = {k: torch.ones(s) for k, s in net.mask_shapes(tensors).items()}
    assert torch.equal(net(tensors, masks), outputs[-1])


@pytest.mark.parametrize("depth", [0, -3])
def test_a_depth_below_one_is_refused(depth: int) -> None:
    for build in (DeepGCN, GCNII):
        with pytest.raises(InputError, match=f"depth: {depth} is below 1"):
            build(5, 3, hidden=4, depth=depth)


def test_nodes_are_permutation_equivariant() -> None:
    net = DeepGCN(5, 3, hidden=4, depth=4, remedy="pair-norm")
    order = np.random.default_rng(0).permutation(NODES)
    tensors, new_index = graph(), np.argsort(order)
    x = tensors.features
    assert isinstance(x, Tensor)
    moved = dense_graph_tensors(x.numpy()[order], new_index[EDGES])
    torch.testing.assert_close(net(moved), net(tensors)[order], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("remedy", [*STACKS, "gcnii"])
def test_a_graph_without_edges_gives_finite_scores_and_gradients(remedy: str) -> None:
    features = np.random.default_rng(0).normal(size=(3, 5))
    tensors = dense_graph_tensors(features, np.zeros((2, 0), int))
    net: Any = (
        GCNII(5, 3, hidden=4, depth=3)
        if remedy == "gcnii"
        else DeepGCN(5, 3, hidden=4, depth=3, remedy=remedy)
    )
    scores = net(tensors)
    scores.sum().backward()
    assert torch.isfinite(scores).all()
    assert all(torch.isfinite(p.grad).all() for p in net.parameters() if p.grad is not None)
