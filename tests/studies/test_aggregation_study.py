"""The aggregation study: its plan, the errors of the limits, and the names of aggregators."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from inductive.core.errors import InputError
from inductive.core.run import Run
from inductive.studies.aggregation.evaluate import evaluate, measure
from inductive.studies.aggregation.limits import limit_errors
from inductive.studies.aggregation.metrics import METRICS
from inductive.studies.aggregation.names import aggregator_name
from inductive.studies.aggregation.networks import ThresholdNet
from inductive.studies.aggregation.task import AggregatorNumbers, build_aggregator, task
from inductive.training.ensemble import Ensemble

CPU = torch.device("cpu")
MakeRuns = Callable[..., list[Run]]


def aggregator(family: str, parameter: float | str, eta: float, learnt: str) -> AggregatorNumbers:
    return AggregatorNumbers(family=family, parameter=parameter, exponent=eta, learnt=learnt)


def test_labels_are_texts_as_in_the_parameters(make_runs: MakeRuns) -> None:
    grid = {"softmax": ["-inf", 0, 0.5], "power": [], "exponents": [1]}
    changes = {"tasks": {"cora": {"grid": grid}, "celltypegraph": None}}
    runs = make_runs("aggregation", changes)
    assert [run.variant for run in runs] == [
        "limits",
        "neighbourhoods-max-softmax0-eta1",
        "neighbourhoods-max-softmaxinf-eta1",
        "neighbourhoods-max-softmax1-eta0.0-learnt",
        "cora-softmax-inf-eta1",
        "cora-softmax0-eta1",
        "cora-softmax0.5-eta1",
        "cora-power1-eta0.0-learnt",
    ]
    assert [run.labels["parameter"] for run in runs] == [
        "",
        "0",
        "inf",
        "1",
        "-inf",
        "0",
        "0.5",
        "1",
    ]
    assert [run.labels["exponent"] for run in runs] == ["", *["1"] * 2, "0.0", *["1"] * 3, "0.0"]
    assert all(run.training.get("split") == "thirds" for run in runs[1:4])
    assert runs[0].training == {}


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({"learnt": {"power": [0]}}, "a learnt power cannot start at 0"),
        ({"softmax": [], "power": [], "learnt": {"softmax": [], "power": []}}, "grid: is empty"),
        ({"softmax": ["infinite"]}, "'inf' or '-inf'"),
        ({"softmax": [1, 1.0]}, "an entry appears twice"),
    ],
)
def test_the_error_of_an_invalid_grid_is_one_line(
    make_runs: MakeRuns, grid: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        make_runs("aggregation", {"tasks": {"cora": {"grid": grid}}})


def test_errors_fall_towards_the_limits_and_are_rounding_there() -> None:
    errors = limit_errors(0, nodes=12, degree=4, width=3, parameters=[10.0, 1000.0])

    def error(metric: str, **coordinates: float) -> float:
        return errors[metric, tuple(coordinates.items())]

    infinite = float("inf")
    for metric, coordinate, sign in [
        ("softmax - max", "inverse_temperature", 1),
        ("softmax - min", "inverse_temperature", -1),
        ("power mean - max", "power", 1),
        ("power mean - min", "power", -1),
    ]:
        at = [error(metric, **{coordinate: sign * v}) for v in (10.0, 1000.0, infinite)]
        assert at[0] > at[1] > at[2]
        assert at[2] < 1e-6
    assert error("softmax - mean", inverse_temperature=0.0) < 1e-12
    log_sums = [error("log-sum-exp - mean", inverse_temperature=v) for v in (0.1, 0.001)]
    assert log_sums[1] > 10 * log_sums[0]
    for metric in ("power mean at 0 - geometric mean", "power mean at 1 - mean"):
        assert error(metric) < 1e-6
    assert error("gradient of log-sum-exp - softmax") < 1e-12


def test_all_declared_metrics_are_measured(
    make_runs: MakeRuns, make_data: Callable[[Run], Any]
) -> None:
    seen: dict[str, set[str]] = {}
    for run in make_runs("aggregation"):
        if run.dataset is None:
            rows = measure(run, CPU).rows
        else:
            data = make_data(run)
            ensemble = Ensemble.initialise(task(run, data, CPU).build, run.seeds, CPU)
            with torch.no_grad():
                rows = evaluate(run, data, {"last": ensemble}, CPU).rows
        for _, _, _, metric, coordinates, _ in rows:
            seen.setdefault(metric, set()).update(coordinates)
    assert seen == {name: set(metric.coordinates) for name, metric in METRICS.items()}


def test_only_a_learnt_aggregator_has_parameters() -> None:
    assert not list(build_aggregator(aggregator("softmax", "-inf", 1, "fixed")).parameters())
    learnt = dict(build_aggregator(aggregator("power", 1, 0.0, "learnt")).named_parameters())
    assert {name: p.item() for name, p in learnt.items()} == {"power": 1, "exponent": 0}


def test_a_threshold_needs_one_feature_and_two_classes() -> None:
    with pytest.raises(ValueError, match="one feature and two classes, not 2 and 2"):
        ThresholdNet(
            2, 2, aggregator=lambda: build_aggregator(aggregator("softmax", 0, 0, "fixed"))
        )


@pytest.mark.parametrize(
    ("family", "parameter", "exponent", "name"),
    [
        ("softmax", "inf", "0", "max (λ = ∞, η = 0)"),
        ("softmax", "0", "1", "sum (λ = 0, η = 1)"),
        ("power", "0", "0.5", "geometric mean · n^0.5 (q = 0, η = 0.5)"),
        ("power", "2", "0", "q = 2, η = 0"),
    ],
)
def test_names_of_aggregators(family: str, parameter: str, exponent: str, name: str) -> None:
    labels = {"family": family, "parameter": parameter, "exponent": exponent}
    assert aggregator_name(labels) == name
