"""The studies that train nothing: bounds over random inputs, and independent references."""

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from inductive.plan import Plan
from inductive.studies import convolution, geometry, gradients, positions

CPU = torch.device("cpu")
SEEDS = st.integers(0, 2**32 - 1)
quickly = settings(max_examples=40, deadline=None)


@quickly
@given(SEEDS, st.integers(1, 30), st.floats(0.1, 3.0))
def test_chain_derivatives_are_autograds_and_below_the_product(
    seed: int, depth: int, scale: float
) -> None:
    rng = np.random.default_rng(seed)
    x, weights, biases = rng.normal(size=20), scale * rng.normal(size=depth), rng.normal(size=depth)
    found = gradients.chain_derivative(x, weights, biases)
    point = torch.from_numpy(x).requires_grad_()
    out = point
    for w, b in zip(weights, biases, strict=True):
        out = (w * out + b).relu()
    out.sum().backward()
    assert point.grad is not None
    np.testing.assert_allclose(found, point.grad.numpy(), rtol=1e-9)
    assert (np.abs(found) <= np.prod(np.abs(weights)) * (1 + 1e-9)).all()


@quickly
@given(SEEDS, st.integers(1, 8), st.integers(2, 6), st.floats(0.05, 2.0))
def test_jacobians_are_autograds_and_below_the_bound(
    seed: int, width: int, steps: int, largest: float
) -> None:
    rng = np.random.default_rng(seed)
    weight, x = rng.normal(size=(width, width)), rng.normal(size=width)
    weight *= largest / np.linalg.norm(weight, 2)
    found = gradients.jacobian(weight, x, steps)

    def network(point: torch.Tensor) -> torch.Tensor:
        for _ in range(steps - 1):
            point = (torch.from_numpy(weight) @ point).sigmoid()
        return point

    wanted = torch.autograd.functional.jacobian(network, torch.from_numpy(x))
    np.testing.assert_allclose(found, wanted.numpy(), rtol=1e-8, atol=1e-14)
    assert np.linalg.norm(found, 2) <= (largest / 4) ** (steps - 1) * (1 + 1e-9)


@quickly
@given(SEEDS, st.integers(2, 12), st.floats(0.1, 0.95))
def test_almost_orthogonal_sets_are_what_they_say(seed: int, n: int, delta: float) -> None:
    count = geometry.almost_orthogonal(np.random.default_rng(seed), n, delta, 50, 40)
    again = geometry.almost_orthogonal(np.random.default_rng(seed), n, delta, 50, 40)
    assert 1 <= count == again <= 40
    # Rankin's bound: with products of at most δ < 1/n there are no more than 2n such lines.
    if delta < 1 / n:
        assert count <= 2 * n


def test_distortion_against_a_loop_and_of_isometries() -> None:
    rng = np.random.default_rng(0)
    points, matrix = rng.normal(size=(9, 5)), rng.normal(size=(5, 3))
    projected = points @ matrix
    worst = max(
        abs(((projected[i] - projected[j]) ** 2).sum() / ((points[i] - points[j]) ** 2).sum() - 1)
        for i in range(9)
        for j in range(i)
    )
    assert geometry.distortion(points, projected) == pytest.approx(worst)
    turned = points @ np.linalg.qr(rng.normal(size=(5, 5)))[0]
    assert geometry.distortion(points, turned) < 1e-12
    assert geometry.least_dimension(300, 0.5) == math.ceil(32 * math.log(300))


@quickly
@given(SEEDS, st.integers(3, 9), st.sampled_from(sorted(convolution.SCIPY)))
def test_the_printed_terms_are_scipys_first_pixel(seed: int, size: int, mode: str) -> None:
    rng = np.random.default_rng(seed)
    image, kernel = rng.normal(size=(size, size)), rng.normal(size=(3, 3))
    total = sum(
        kernel[a + 1, b + 1] * convolution.padded_pixel(image, i, j, mode)
        for (a, b), (i, j) in convolution.PRINTED.items()
    )
    theirs = ndimage.convolve(image, kernel, mode=convolution.SCIPY[mode], cval=0.0)[0, 0]
    assert total == pytest.approx(theirs, abs=1e-12)


def test_five_terms_lie_outside() -> None:
    pixels = {convolution.PRINTED[entry] for entry in convolution.outside()}
    assert pixels == {(2, 0), (1, 0), (0, 2), (0, 1), (0, 0)}


@pytest.mark.parametrize("study", [gradients, geometry, convolution, positions])
def test_verifying_is_repeatable(params: dict[str, Any], study: Any) -> None:
    name = study.__name__.rsplit(".", 1)[1]
    params["studies"] = [name]
    for run in Plan(params).runs[name]:
        rows = study.verify(run, CPU).rows
        assert rows == study.verify(run, CPU).rows
        assert all(math.isfinite(float(row[6])) for row in rows)


def test_a_wrong_term_would_be_found(params: dict[str, Any], monkeypatch: Any) -> None:
    wrong = convolution.PRINTED | {(0, 1): (1, 2)}
    monkeypatch.setattr(convolution, "PRINTED", wrong)
    params["studies"] = ["convolution"]
    run = Plan(params).runs["convolution"][0]
    rows = [r for r in convolution.verify(run, CPU).rows if r[3] == "as printed - scipy"]
    assert max(float(str(r[6])) for r in rows) > 1e-3


@quickly
@given(st.integers(1, 40), st.integers(3, 30))
def test_the_standard_code_against_its_formula_and_its_scores(half: int, n: int) -> None:
    p = 2 * half
    code = positions.standard(p, n)
    for k in range(half):
        for i in (0, 1, n - 1):
            angle = i / 10000 ** (2 * k / p)
            wanted = [math.sin(angle), math.cos(angle)]
            assert code[2 * k : 2 * k + 2, i].tolist() == pytest.approx(wanted)
    scores = code.T @ code
    np.testing.assert_allclose(np.diag(scores), p / 2)
    assert positions.spread_on_diagonals(scores) < 1e-9 * p
    # cos a cos b + sin a sin b: the score of a distance is a sum of cosines.
    wanted = sum(math.cos(2 / 10000 ** (2 * k / p)) for k in range(half))
    assert positions.by_distance(scores)[2] == pytest.approx(wanted)


def test_a_code_that_is_not_stationary_is_found() -> None:
    code = positions.unpaired(64, 32)
    assert positions.spread_on_diagonals(code.T @ code) > 0.5
