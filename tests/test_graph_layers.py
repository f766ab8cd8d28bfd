"""Graph layers against PyG's, and the sparse product against a dense one."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from scipy import sparse
from torch import Tensor

from inductive.data.graph import Graph
from inductive.nn.citation_models import MODELS, elu
from inductive.nn.graph_attention import GraphAttention, attention_weights
from inductive.nn.graph_convolution import GraphConvolution, SparseInput
from inductive.nn.graph_tensors import GraphTensors, graph_tensors
from inductive.nn.sparse import Pattern, sparse_matmul

pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit.*")


def random_graph(n: int = 12, f: int = 7, seed: int = 0) -> Graph:
    rng = np.random.default_rng(seed)
    features = sparse.csr_matrix((rng.random((n, f)) < 0.4).astype(np.float32))
    pairs = np.argwhere(np.triu(rng.random((n, n)) < 0.3, 1)).T
    labels = rng.integers(0, 3, n)
    labels[:3] = [0, 1, 2]
    split = {"train": np.arange(3), "validation": np.arange(3, 6), "test": np.arange(6, n)}
    return Graph(features, pairs.astype(np.int64), labels, **split)


def both_directions(graph: Graph) -> Tensor:
    return torch.from_numpy(np.concatenate([graph.edges, graph.edges[::-1]], axis=1))


def dense_features(graph: Graph, tensors: GraphTensors) -> Tensor:
    dense = torch.zeros(graph.features.shape)
    dense[tensors.features.row, tensors.features.column.long()] = tensors.feature_values
    return dense


def gradients(loss: Tensor, parameters: list[Tensor]) -> list[Tensor]:
    return list(torch.autograd.grad(loss, parameters))


@pytest.mark.parametrize("sparse_input", [True, False])
def test_graph_convolution_is_pygs(sparse_input: bool) -> None:
    from torch_geometric.nn import GCNConv

    graph = random_graph()
    tensors = graph_tensors(graph)
    x = dense_features(graph, tensors)
    ours, theirs = GraphConvolution(7, 4), GCNConv(7, 4)
    with torch.no_grad():
        ours.bias.normal_()
        theirs.lin.weight.copy_(ours.weight.T)
        theirs.bias.copy_(ours.bias)
    out = ours(SparseInput(tensors) if sparse_input else x, tensors)
    expected = theirs(x, both_directions(graph))
    torch.testing.assert_close(out, expected, rtol=1e-5, atol=1e-5)
    weight = torch.randn_like(out)
    mine = gradients((out * weight).sum(), [ours.weight, ours.bias])
    pyg = gradients((expected * weight).sum(), [theirs.lin.weight, theirs.bias])
    torch.testing.assert_close(mine, [pyg[0].T, pyg[1]], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("concatenate", [True, False])
def test_graph_attention_is_pygs(concatenate: bool) -> None:
    from torch_geometric.nn import GATConv

    graph = random_graph()
    tensors = graph_tensors(graph)
    x = dense_features(graph, tensors)
    ours = GraphAttention(7, 5, heads=3, concatenate=concatenate)
    theirs = GATConv(7, 5, heads=3, concat=concatenate)
    with torch.no_grad():
        ours.bias.normal_()
        theirs.lin.weight.copy_(ours.weight.T)
        theirs.att_src.copy_(ours.source[None])
        theirs.att_dst.copy_(ours.target[None])
        theirs.bias.copy_(ours.bias)
    out = ours(SparseInput(tensors), tensors)
    expected = theirs(x, both_directions(graph))
    torch.testing.assert_close(out, expected, rtol=1e-5, atol=1e-5)
    weight = torch.randn_like(out)
    mine = gradients((out * weight).sum(), [ours.weight, ours.source, ours.target, ours.bias])
    names = [theirs.lin.weight, theirs.att_src, theirs.att_dst, theirs.bias]
    pyg = gradients((expected * weight).sum(), names)
    expected_gradients = [pyg[0].T, pyg[1][0], pyg[2][0], pyg[3]]
    torch.testing.assert_close(mine, expected_gradients, rtol=1e-5, atol=1e-5)


def a_pattern() -> Pattern:
    entries = (np.ones(6), ([0, 0, 1, 2, 2, 2], [0, 1, 1, 0, 1, 2]))
    return Pattern.from_scipy(sparse.csr_matrix(entries))


def test_attention_sums_to_one_and_stands_large_scores() -> None:
    pattern = a_pattern()
    target, source = torch.randn(2, 3, 2) * 500
    alpha = attention_weights(target, source, pattern)
    totals = torch.zeros(3, 2).index_add(0, pattern.row, alpha)
    torch.testing.assert_close(totals, torch.ones(3, 2))
    scores = F.leaky_relu(target[2] + source, 0.2)
    torch.testing.assert_close(alpha[3:], scores.softmax(0))


def test_attention_has_the_gradient_of_its_value_and_knows_vmap() -> None:
    pattern = a_pattern()
    target, source = torch.randn(2, 4, 3, 2, dtype=torch.float64).requires_grad_()
    inputs = (target[0], source[0])
    assert torch.autograd.gradcheck(lambda t, s: attention_weights(t, s, pattern), inputs)
    together = torch.vmap(lambda t, s: attention_weights(t, s, pattern))(target, source)
    alone = [attention_weights(t, s, pattern) for t, s in zip(target, source, strict=True)]
    torch.testing.assert_close(together, torch.stack(alone))


def test_normalisation_against_a_dense_matrix() -> None:
    graph = random_graph()
    tensors = graph_tensors(graph)
    a = np.eye(graph.num_nodes)
    a[tuple(graph.edges)] = a[tuple(graph.edges[::-1])] = 1
    d = np.diag(1 / np.sqrt(a.sum(1)))
    ours = np.zeros_like(a)
    ours[tensors.neighbours.row, tensors.neighbours.column.long()] = tensors.normalised
    np.testing.assert_allclose(ours, d @ a @ d, atol=1e-6)


@pytest.mark.parametrize("shape", [(6, 9), (9, 6), (5, 5)])
def test_sparse_product_against_dense(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    matrix = sparse.random(*shape, density=0.4, format="csr", random_state=rng, dtype=np.float64)
    matrix.sort_indices()
    pattern = Pattern.from_scipy(matrix)
    values = torch.from_numpy(matrix.data).requires_grad_()
    dense = torch.randn(shape[1], 3, dtype=torch.float64, requires_grad=True)
    out = sparse_matmul(pattern, values, dense)
    torch.testing.assert_close(out, torch.from_numpy(matrix.toarray()) @ dense)
    assert torch.autograd.gradcheck(
        lambda v, d: sparse_matmul(pattern, v, d), (values, dense), raise_exception=True
    )
    many = torch.randn(4, *dense.shape, dtype=torch.float64)
    together = torch.vmap(lambda d: sparse_matmul(pattern, values, d))(many)
    torch.testing.assert_close(
        together, torch.stack([sparse_matmul(pattern, values, d) for d in many])
    )


def test_blocks_are_a_block_diagonal_matrix() -> None:
    matrix = sparse.random(4, 6, density=0.5, format="csr", random_state=0)
    matrix.sort_indices()
    values = torch.from_numpy(np.concatenate([matrix.data, 2 * matrix.data]))
    dense = torch.randn(12, 3, dtype=torch.float64)
    expected = sparse.block_diag([matrix, 2 * matrix]) @ dense.numpy()
    product = sparse_matmul(Pattern.from_scipy(matrix).blocks(2), values, dense)
    torch.testing.assert_close(product, torch.from_numpy(expected))


@pytest.mark.parametrize("name", ["GCN", "GAT", "MLP"])
def test_models_are_permutation_equivariant(name: str) -> None:
    """Renumbering the nodes renumbers the scores, and changes nothing else."""
    graph = random_graph()
    options = {"hidden": 4, "heads": 2, "output_heads": 1} if name == "GAT" else {"hidden": 4}
    model = MODELS[name](7, 3, **options)
    order = np.random.default_rng(2).permutation(graph.num_nodes)
    place = np.argsort(order)
    edges = np.sort(place[graph.edges], axis=0)
    moved = Graph(
        graph.features[order], edges, graph.labels[order], graph.train, graph.train, graph.train
    )
    torch.testing.assert_close(
        model(graph_tensors(moved)), model(graph_tensors(graph))[order], rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize("name", ["GCN", "GAT", "MLP"])
def test_dropout_sites_are_all_used(name: str) -> None:
    """Masks of ones change nothing; zeros at any one site change the scores."""
    tensors = graph_tensors(random_graph())
    options = {"hidden": 4, "heads": 2, "output_heads": 1} if name == "GAT" else {"hidden": 4}
    model = MODELS[name](7, 3, **options)
    ones = {site: torch.ones(shape) for site, shape in model.mask_shapes(tensors).items()}
    torch.testing.assert_close(model(tensors, ones), model(tensors))
    for site in ones:
        zeroed = ones | {site: torch.zeros_like(ones[site])}
        assert (model(tensors, zeroed) - model(tensors)).abs().max() > 1e-4, site


def test_elu_is_torchs_in_value_and_gradient() -> None:
    x = torch.linspace(-20, 20, 4001, requires_grad=True)
    ours, theirs = elu(x), torch.nn.functional.elu(x)
    torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6)
    away = x.detach().abs() > 1e-6  # at 0 the derivative is a matter of choice
    pair = [torch.autograd.grad(y.sum(), x)[0][away] for y in (ours, theirs)]
    torch.testing.assert_close(*pair, rtol=1e-5, atol=1e-6)
