"""Ensembles: their parameters and buffers against one ordinary module per seed."""

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from inductive.training.ensemble import Ensemble
from inductive.training.random_streams import initialisation
from inductive.training.result import TrainedSeeds

CPU = torch.device("cpu")
SEEDS = [4, 0, 7]


class BatchNormNet(nn.Module):
    """BatchNorm, whose running statistics training changes, and a random projection per seed."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(3, 4)
        self.norm = nn.BatchNorm1d(4)
        self.second = nn.Linear(4, 1)
        self.register_buffer("projection", torch.randn(3, 3))
        self.register_buffer("constant", torch.arange(3), persistent=False)
        self.projection: Tensor
        self.constant: Tensor

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.first(x @ self.projection + x[:, self.constant])
        return self.second(self.norm(hidden).relu())


def modules(build: Callable[[], nn.Module] = BatchNormNet) -> list[Any]:
    """One ordinary module per seed."""
    made = []
    for seed in SEEDS:
        with initialisation(seed):
            made.append(build())
    return made


def assert_same_state(ensemble: Ensemble, references: list[nn.Module]) -> None:
    for i, reference in enumerate(references):
        state = reference.state_dict()
        assert state.keys() == ensemble.state.keys()
        for name, tensor in state.items():
            torch.testing.assert_close(ensemble.state[name][i], tensor)


def test_parameters_are_leaves_and_only_persistent_buffers_are_stacked() -> None:
    ensemble = Ensemble.initialise(BatchNormNet, SEEDS, CPU)
    assert all(p.is_leaf and p.requires_grad for p in ensemble.parameters.values())
    assert not any(b.requires_grad for b in ensemble.buffers.values())
    assert {name.split(".")[-1] for name in ensemble.buffers} == {
        "running_mean",
        "running_var",
        "num_batches_tracked",
        "projection",
    }
    for i, reference in enumerate(modules()):
        for name, tensor in reference.state_dict().items():
            assert torch.equal(ensemble.state[name][i], tensor)


def test_frozen_parameters_stay_frozen() -> None:
    def build() -> nn.Module:
        net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
        net[0].requires_grad_(False)
        return net

    ensemble = Ensemble.initialise(build, SEEDS, CPU)
    requires = {name: p.requires_grad for name, p in ensemble.parameters.items()}
    assert requires == {"0.weight": False, "0.bias": False, "1.weight": True, "1.bias": True}


def test_buffers_equal_those_of_one_module_per_seed() -> None:
    """With vmap, as a single network, and one after the other without gradients."""
    ensemble, references = Ensemble.initialise(BatchNormNet, SEEDS, CPU), modules()
    torch.manual_seed(1)
    for x in torch.randn(3, 6, 3):
        together = ensemble(x)
        torch.testing.assert_close(together, torch.stack([net(x) for net in references]))
    assert_same_state(ensemble, references)
    x = torch.randn(6, 3)
    torch.testing.assert_close(ensemble.select(1)(x)[0], references[1](x))
    assert_same_state(ensemble, references)
    with torch.no_grad():
        torch.testing.assert_close(ensemble(x), torch.stack([net(x) for net in references]))
        assert_same_state(ensemble, references)
        ensemble.module.eval()
        expected = torch.stack([net.eval()(x) for net in references])
        torch.testing.assert_close(ensemble(x), expected)
    torch.testing.assert_close(ensemble(x), expected)  # through vmap
    assert_same_state(ensemble, references)
    for i in range(len(SEEDS)):
        alone = ensemble.select(i)
        torch.testing.assert_close(alone.to_module()(x), expected[i])
        torch.testing.assert_close(alone.inspect(x, "forward"), expected[i])
        torch.testing.assert_close(alone.trainable()(x)[0], expected[i])


def test_gradients_equal_those_of_one_module_per_seed() -> None:
    ensemble, references = Ensemble.initialise(BatchNormNet, SEEDS, CPU), modules()
    x = torch.randn(3, 6, 3, generator=torch.Generator().manual_seed(0))
    ensemble(x, stacked=True).square().sum().backward()
    for i, net in enumerate(references):
        net(x[i]).square().sum().backward()
        for name, parameter in net.named_parameters():
            gradient = ensemble.parameters[name].grad
            assert gradient is not None
            torch.testing.assert_close(gradient[i], parameter.grad, rtol=1e-4, atol=1e-5)


def test_to_module_is_a_copy_without_gradients() -> None:
    ensemble = Ensemble.initialise(BatchNormNet, SEEDS, CPU)
    module = ensemble.select(2).to_module()
    assert not module.training
    assert not any(p.requires_grad for p in module.parameters())
    before = {name: tensor.clone() for name, tensor in ensemble.state.items()}
    for tensor in module.state_dict().values():
        tensor.zero_()
    assert all(torch.equal(tensor, ensemble.state[name]) for name, tensor in before.items())


def test_a_constant_buffer_that_depends_on_the_seed_is_refused() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(2, 1)
            self.register_buffer("frequencies", torch.randn(2), persistent=False)

    Ensemble.initialise(Net, [3], CPU)
    with pytest.raises(ValueError, match="'frequencies' differs between seeds"):
        Ensemble.initialise(Net, SEEDS, CPU)


def test_an_operation_without_a_vmap_rule_gives_no_warning() -> None:
    class Histogram(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            return torch.histc(x * self.weight.sum().detach(), 4, -1, 1) + self.weight.sum()

    ensemble = Ensemble.initialise(lambda: Histogram(2, 1), SEEDS, CPU)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        filters = list(warnings.filters)
        ensemble(torch.rand(5))
        assert warnings.filters == filters
    assert not caught


def test_buffers_are_trained_kept_and_resumed(
    toy_task: Any, train: Any, train_with_kills: Any, assert_same: Any
) -> None:
    """The running statistics of training steps only, in best and in last weights."""
    task = toy_task(epochs=3, build=BatchNormNet, validation={(4, 1): 0.0, (0, 0): 0.0})
    whole = train(task, SEEDS[:2])
    steps = {
        kind: getattr(whole, kind)["norm.num_batches_tracked"].tolist() for kind in ("best", "last")
    }
    assert steps == {"best": [4, 2], "last": [6, 6]}
    resumed, kills = train_with_kills(task, SEEDS[:2])
    assert kills == 3
    assert_same(resumed, whole)
    ensembles = TrainedSeeds.from_states([whole], SEEDS[:2]).ensembles(BatchNormNet, CPU)
    assert not ensembles["best"].module.training
    for selection, ensemble in ensembles.items():
        for name, tensor in getattr(whole, selection).items():
            assert torch.equal(ensemble.state[name], tensor)
