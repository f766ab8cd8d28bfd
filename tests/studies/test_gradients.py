"""Derivatives of chains and Jacobians of recurrent networks against autograd and their bounds."""

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from inductive.studies.gradients.evaluate import chain_derivative, jacobian

SEEDS = st.integers(0, 2**32 - 1)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(1, 30), st.floats(0.1, 3.0))
def test_chain_derivatives_equal_autograd_and_are_within_the_bound(
    seed: int, depth: int, scale: float
) -> None:
    rng = np.random.default_rng(seed)
    x, weights, biases = rng.normal(size=20), scale * rng.normal(size=depth), rng.normal(size=depth)
    derivative = chain_derivative(x, weights, biases)
    point = torch.from_numpy(x).requires_grad_()
    out = point
    for w, b in zip(weights, biases, strict=True):
        out = (w * out + b).relu()
    out.sum().backward()
    assert point.grad is not None
    np.testing.assert_allclose(derivative, point.grad.numpy(), rtol=1e-9)
    assert (np.abs(derivative) <= np.prod(np.abs(weights)) * (1 + 1e-9)).all()


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(1, 8), st.integers(2, 6), st.floats(0.05, 2.0))
def test_jacobians_equal_autograd_and_are_within_the_bound(
    seed: int, width: int, steps: int, largest: float
) -> None:
    rng = np.random.default_rng(seed)
    weight, x = rng.normal(size=(width, width)), rng.normal(size=width)
    weight *= largest / np.linalg.norm(weight, 2)
    ours = jacobian(weight, x, steps)

    def network(point: torch.Tensor) -> torch.Tensor:
        for _ in range(steps - 1):
            point = (torch.from_numpy(weight) @ point).sigmoid()
        return point

    expected = torch.autograd.functional.jacobian(network, torch.from_numpy(x))
    np.testing.assert_allclose(ours, expected.numpy(), rtol=1e-8, atol=1e-14)
    assert np.linalg.norm(ours, 2) <= (largest / 4) ** (steps - 1) * (1 + 1e-9)
