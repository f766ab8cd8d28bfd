"""Aggregators: limits, equality with PyG's, empty neighbourhoods, gradients."""

import math
import warnings
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.func import functional_call

from inductive.core.errors import InputError
from inductive.nn.aggregation import GeneralizedAggregation, PowerMean, SoftmaxMean, scatter_max

NODES = 7
RECEIVER = torch.tensor([0, 0, 0, 1, 3, 3, 4, 4, 4, 4, 6])  # nodes 2 and 5 have no message
Reduce = Callable[[Tensor], Tensor]


def messages(seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(len(RECEIVER), 3, generator=generator, dtype=torch.float64) + 0.05


def by_node(reduce: Reduce, m: Tensor) -> Tensor:
    rows = [m[v == RECEIVER] for v in range(NODES)]
    zero = m.new_zeros(m.shape[1])
    return torch.stack([reduce(r) if len(r) else zero for r in rows])


LIMITS = [
    (SoftmaxMean(0.0), lambda r: r.mean(0)),
    (SoftmaxMean(1e-9), lambda r: r.mean(0)),
    (SoftmaxMean(math.inf), lambda r: r.amax(0)),
    (SoftmaxMean(1e5), lambda r: r.amax(0)),
    (SoftmaxMean(-math.inf), lambda r: r.amin(0)),
    (SoftmaxMean(-1e5), lambda r: r.amin(0)),
    (SoftmaxMean(0.0, exponent=1.0), lambda r: r.sum(0)),
    (SoftmaxMean(0.0, exponent=0.5), lambda r: r.sum(0) / len(r) ** 0.5),
    (SoftmaxMean(2.0), lambda r: (r * (2 * r).softmax(0)).sum(0)),
    (PowerMean(1.0), lambda r: r.mean(0)),
    (PowerMean(1.0, exponent=1.0), lambda r: r.sum(0)),
    (PowerMean(2.0), lambda r: r.square().mean(0).sqrt()),
    (PowerMean(-1.0), lambda r: 1 / (1 / r).mean(0)),
    (PowerMean(0.0), lambda r: r.log().mean(0).exp()),
    (PowerMean(1e-9), lambda r: r.log().mean(0).exp()),
    (PowerMean(math.inf), lambda r: r.amax(0)),
    (PowerMean(1e6), lambda r: r.amax(0)),
    (PowerMean(-math.inf), lambda r: r.amin(0)),
    (PowerMean(-1e6), lambda r: r.amin(0)),
]


@pytest.mark.parametrize(("aggregator", "reference"), LIMITS, ids=[str(i) for i in range(19)])
def test_values_limits_and_empty_neighbourhoods(
    aggregator: GeneralizedAggregation, reference: Reduce
) -> None:
    m = messages().requires_grad_()
    out = aggregator.double()(m, RECEIVER, NODES)
    torch.testing.assert_close(out, by_node(reference, m), rtol=1e-5, atol=1e-5)
    assert (out[[2, 5]] == 0).all()
    out.sum().backward()
    assert m.grad is not None
    assert torch.isfinite(m.grad).all()


@pytest.mark.parametrize("scale", [1e-30, 1e-3, 1e3, 1e30])
@pytest.mark.parametrize("value", [-300.0, -1.0, 0.0, 1e-6, 0.5, 3.0, 300.0])
def test_power_means_work_at_any_scale(value: float, scale: float) -> None:
    m = (messages().float() * scale).requires_grad_()
    out = PowerMean(value)(m, RECEIVER, NODES)
    plain = PowerMean(value).double()(messages(), RECEIVER, NODES)
    torch.testing.assert_close(out / scale, plain.float(), rtol=2e-4, atol=1e-6)
    (out / scale).sum().backward()
    assert m.grad is not None
    assert torch.isfinite(m.grad).all()


def test_no_edges_at_all() -> None:
    for aggregator in (SoftmaxMean(2.0), SoftmaxMean(math.inf), PowerMean(2.0), PowerMean(0.0)):
        m = torch.zeros(0, 4, requires_grad=True)
        out = aggregator(m, torch.zeros(0, dtype=torch.int64), 3)
        out.sum().backward()
        assert torch.equal(out, torch.zeros(3, 4))


@pytest.mark.parametrize("value", [-2.0, 0.0, 0.5, 1.0, 2.0])
def test_messages_of_zero(value: float) -> None:
    """One 0 makes the mean 0 where q <= 0, as it does in the limit; nothing is clamped."""
    m = torch.tensor([[0.0], [4.0], [9.0], [0.0]], requires_grad=True)
    receiver = torch.tensor([0, 0, 0, 1])
    out = PowerMean(value)(m, receiver, 2)
    expected = ((4.0**value + 9.0**value) / 3) ** (1 / value) if value > 0 else 0.0
    torch.testing.assert_close(out[:, 0], torch.tensor([expected, 0.0]))
    out.sum().backward()
    assert m.grad is not None
    assert torch.isfinite(m.grad).all()


@pytest.mark.parametrize(
    "aggregator",
    [
        SoftmaxMean(0.7, 0.3, ("inverse_temperature", "exponent")),
        PowerMean(1.7, 0.3, ("power", "exponent")),
        PowerMean(-0.4, 0.3, ("power", "exponent")),
    ],
    ids=["softmax", "power", "negative power"],
)
def test_gradients_to_messages_and_parameters(aggregator: GeneralizedAggregation) -> None:
    module = aggregator.double()
    names = [name for name, _ in module.named_parameters()]

    def value(m: Tensor, *parameters: Tensor) -> Tensor:
        by_name = dict(zip(names, parameters, strict=True))
        out: Tensor = functional_call(module, by_name, (m, RECEIVER, NODES))
        return out

    inputs = (messages().requires_grad_(), *module.parameters())
    assert torch.autograd.gradcheck(value, inputs)


def test_pyg_agrees_in_value_and_gradient() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch_geometric.nn import PowerMeanAggregation, SAGEConv, SoftmaxAggregation

        from inductive.nn.pyg_aggregation import AsPyG

    pairs = [
        (SoftmaxMean(1.5), SoftmaxAggregation(t=1.5)),
        (SoftmaxMean(1.0), SoftmaxAggregation(t=1.0)),
        (PowerMean(2.5), PowerMeanAggregation(p=2.5)),
        (PowerMean(1.0), PowerMeanAggregation(p=1.0)),
    ]
    for ours, theirs in pairs:
        results = []
        for module in (AsPyG(ours.double()), theirs.double()):
            m = messages().requires_grad_()
            out = module(m, RECEIVER, dim_size=NODES)
            (out * torch.arange(NODES)[:, None]).sum().backward()
            # PyG's power mean of no message is not 0.
            results.append((out[RECEIVER.unique()], m.grad))
        torch.testing.assert_close(results[0], results[1], rtol=1e-5, atol=1e-5)
    layer = SAGEConv(3, 2, aggr=AsPyG(PowerMean(3.0)))
    edges = torch.tensor([[0, 1, 2], [1, 1, 0]])
    assert layer(torch.rand(3, 3), edges).shape == (3, 2)


def test_scatter_max_shares_the_gradient_of_ties() -> None:
    m = torch.tensor([[2.0], [2.0], [1.0]], requires_grad=True)
    scatter_max(m, torch.tensor([0, 0, 0]), 1).sum().backward()
    torch.testing.assert_close(m.grad, torch.tensor([[0.5], [0.5], [0.0]]))


def test_negative_messages_of_a_power_mean_are_refused() -> None:
    with pytest.raises(InputError, match=r"PowerMean: needs messages of at least 0, found -0\.5"):
        PowerMean(2.0)(torch.tensor([[-0.5]]), torch.tensor([0]), 1)


@pytest.mark.parametrize("kind", [SoftmaxMean, PowerMean])
def test_an_infinite_parameter_cannot_be_learnt(kind: type[GeneralizedAggregation]) -> None:
    names = {SoftmaxMean: "inverse_temperature", PowerMean: "power"}
    with pytest.raises(InputError, match=f"{names[kind]}: inf has no gradient"):
        kind(math.inf, learnable=(names[kind],))


def test_a_learnt_power_cannot_start_at_its_geometric_limit() -> None:
    with pytest.raises(InputError, match="power: 0 is a limit without a gradient"):
        PowerMean(0.0, learnable=("power",))
