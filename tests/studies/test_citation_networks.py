"""The node classifiers of the citation study: permutations, dropout, and the ELU of the GAT."""

import numpy as np
import pytest
import torch
from scipy import sparse
from torch import nn

from inductive.nn.graph_tensors import GraphTensors, sparse_graph_tensors
from inductive.studies.citation.networks import MODELS, elu

FEATURES, CLASSES = 7, 3
RNG = np.random.default_rng(0)
X = sparse.csr_matrix((RNG.random((12, FEATURES)) < 0.4).astype(np.float32))
EDGES = np.argwhere(np.triu(RNG.random((12, 12)) < 0.3, 1)).T


def graph() -> GraphTensors:
    return sparse_graph_tensors(X, EDGES)


def build(name: str) -> nn.Module:
    options = {"heads": 2, "output_heads": 1} if name == "GAT" else {}
    model: nn.Module = MODELS[name](FEATURES, CLASSES, hidden=4, **options)
    return model


@pytest.mark.parametrize("name", MODELS)
def test_models_are_permutation_equivariant(name: str) -> None:
    """A permutation of the nodes permutes the scores."""
    model, order = build(name), np.random.default_rng(2).permutation(12)
    edges = np.sort(np.argsort(order)[EDGES], axis=0)
    moved = sparse_graph_tensors(X[order], edges)
    torch.testing.assert_close(model(moved), model(graph())[order], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_dropout_sites_are_all_used(name: str) -> None:
    """Masks of ones do not change the scores; zeros at any site do."""
    tensors, model = graph(), build(name)
    ones = {site: torch.ones(shape) for site, shape in model.mask_shapes(tensors).items()}
    torch.testing.assert_close(model(tensors, ones), model(tensors))
    for site in ones:
        zeroed = ones | {site: torch.zeros_like(ones[site])}
        assert (model(tensors, zeroed) - model(tensors)).abs().max() > 1e-4, site


def test_elu_equals_torch_in_value_and_gradient() -> None:
    x = torch.linspace(-20, 20, 4001, requires_grad=True)
    ours, theirs = elu(x), torch.nn.functional.elu(x)
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6)
    away = x.detach().abs() > 1e-6  # at 0 the derivative is not defined uniquely
    pair = [torch.autograd.grad(y.sum(), x)[0][away] for y in (ours, theirs)]
    torch.testing.assert_close(*pair, rtol=1e-5, atol=1e-6)
