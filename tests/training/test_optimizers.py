"""Optimisers against torch, and gradient norms per network."""

from typing import Any

import pytest
import torch

from inductive.training.optimizers import Optimizer, make_adadelta, make_adam


@pytest.mark.parametrize("kind", ["adam", "adamw", "adadelta"])
def test_optimisers_equal_torch(kind: str) -> None:
    torch.manual_seed(0)
    start = torch.randn(2, 5)
    ours = {"w": start.clone().requires_grad_()}
    theirs = [row.clone().requires_grad_() for row in start]
    if kind == "adadelta":
        settings = {"rho": 0.9, "eps": 1e-6, "weight_decay": 0.1}
        optimizer = make_adadelta(ours, learning_rate=1.0, **settings)
        references: list[Any] = [torch.optim.Adadelta([p], lr=1.0, **settings) for p in theirs]
    else:
        decoupled = kind == "adamw"
        optimizer = make_adam(
            ours, learning_rate=0.02, weight_decay={"w": 0.1}, decoupled=decoupled
        )
        reference = torch.optim.AdamW if decoupled else torch.optim.Adam
        references = [reference([p], lr=0.02, weight_decay=0.1) for p in theirs]
    for _ in range(5):
        optimizer.zero_grad()
        (ours["w"] ** 4).sum().backward()
        optimizer.step()
        for p, torchs in zip(theirs, references, strict=True):
            torchs.zero_grad()
            (p**4).sum().backward()
            torchs.step()
    torch.testing.assert_close(ours["w"], torch.stack(theirs))


def test_gradients_are_clipped_per_network() -> None:
    """Against torch's clipping of one network; a gradient below the norm stays as it is."""
    parameters = {"a": torch.zeros(2, 3), "b": torch.zeros(2)}
    optimizer = make_adam(parameters, learning_rate=0.1, weight_decay={}, clip=1.0)
    gradients = {"a": torch.tensor([[3.0, 0, 4], [0.1, 0.2, 0.3]]), "b": torch.tensor([12.0, 0.1])}
    for name, parameter in parameters.items():
        parameter.grad = gradients[name].clone()
    optimizer.step()
    for i in range(2):
        alone = [torch.zeros_like(p[i]).requires_grad_() for p in parameters.values()]
        for p, gradient in zip(alone, gradients.values(), strict=True):
            p.grad = gradient[i].clone()
        torch.nn.utils.clip_grad_norm_(alone, 1.0)
        for p, name in zip(alone, parameters, strict=True):
            clipped = parameters[name].grad
            assert clipped is not None
            torch.testing.assert_close(clipped[i], p.grad, rtol=1e-5, atol=1e-6)
    assert parameters["a"].grad is not None
    assert torch.equal(parameters["a"].grad[1], gradients["a"][1])


def test_a_schedule_is_a_function_of_the_step() -> None:
    """Adam's first steps have the size of the learning rate."""
    seen: list[int] = []

    def rate(step: int) -> float:
        seen.append(step)
        return 0.5 if step == 0 else 0.0

    parameters = {"w": torch.ones(1, 2).requires_grad_()}
    optimizer: Optimizer = make_adam(parameters, learning_rate=rate, weight_decay={})
    for _ in range(3):
        optimizer.zero_grad()
        parameters["w"].sum().backward()
        optimizer.step()
    assert seen == [0, 1, 2]
    torch.testing.assert_close(parameters["w"].detach(), torch.full((1, 2), 0.5))
