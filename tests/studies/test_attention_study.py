"""Measurements of the attention study whose values are known from theory."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from inductive.core.run import Run
from inductive.studies.attention.cost import cost
from inductive.studies.attention.evaluate import measure
from inductive.studies.attention.metrics import IDENTITIES

CPU = torch.device("cpu")


@pytest.fixture
def values(make_runs: Callable[..., list[Run]]) -> Callable[..., list[float]]:
    """The values of a metric at some coordinates, one per seed."""
    rows = [
        row
        for run in make_runs("attention")
        if run.labels["part"] != "cost"
        for row in measure(run, CPU).rows
    ]

    def select(metric: str, **coordinates: float) -> list[float]:
        return [row[-1] for row in rows if row[3] == metric and row[4] == coordinates]

    return select


def test_efficient_forms_equal_their_plain_forms(values: Callable[..., list[float]]) -> None:
    for identity in IDENTITIES:
        differences = values(f"difference, {identity}")
        assert len(differences) == 3
        assert max(differences) < 1e-9


def test_heads_of_low_rank_reach_the_rank_of_the_formula(
    values: Callable[..., list[float]],
) -> None:
    for heads, rank in [(1, 4), (4, 4), (16, 2)]:
        ranks = values("rank of the output", heads=heads, weight_rank=rank)
        assert ranks == [heads * (rank - 1) + 1] * 3


def test_one_causal_layer_does_not_depend_on_the_order_and_two_do(
    values: Callable[..., list[float]],
) -> None:
    metric = "change of the last output when two words change places"
    assert max(values(metric, causal_layers=1)) < 1e-12
    assert min(values(metric, causal_layers=2)) > 1e-6


def test_errors_of_relative_attention_are_within_their_bounds(
    values: Callable[..., list[float]],
) -> None:
    for target in ("convolution", "max pooling"):
        for sharpness in (10.0, 1000.0):
            error = values(f"error, {target}", sharpness=sharpness)
            bound = values(f"bound, {target}", sharpness=sharpness)
            assert all(e <= b for e, b in zip(error, bound, strict=True))


def test_memory_of_naive_attention_grows_with_the_square_of_the_length() -> None:
    measures = cost(seed=0, width=8, window=8, tokens=[256, 64, 128], device=CPU)
    sizes = [measures["bytes, naive", (("tokens", n),)] for n in (64, 128, 256)]
    np.testing.assert_allclose(np.diff(np.log2(sizes)), 2, atol=0.2)
    assert measures["exponent, bytes, naive", ()] == pytest.approx(2, abs=0.1)
