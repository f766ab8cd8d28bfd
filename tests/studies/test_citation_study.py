"""The citation study: random splits, the evaluation, and the cost of attention."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from inductive.core.errors import InputError
from inductive.core.run import Run
from inductive.data.graph import Graph, largest_component
from inductive.studies.citation.attention_cost import attention_scores
from inductive.studies.citation.evaluate import evaluate
from inductive.studies.citation.metrics import METRICS
from inductive.studies.citation.splits import RandomSplit, random_split
from inductive.studies.citation.task import task
from inductive.training.ensemble import Ensemble
from inductive.training.measurements import MeasurementTable

CPU = torch.device("cpu")
MakeRuns = Callable[..., list[Run]]
MakeData = Callable[[Run], Any]


def measured(run: Run, data: Graph) -> tuple[MeasurementTable, Ensemble]:
    """The measurements of untrained networks."""
    ensemble = Ensemble.initialise(task(run, data, CPU).build, run.seeds, CPU)
    with torch.no_grad():
        return evaluate(run, data, {"best": ensemble, "last": ensemble}, CPU), ensemble


def test_random_splits_are_within_the_largest_component(
    make_runs: MakeRuns, make_data: MakeData
) -> None:
    whole: Graph = make_data(make_runs("citation")[0])
    graph = replace(whole, edges=whole.edges[:, (whole.edges > 2).all(axis=0)])
    inside = set(largest_component(graph).tolist())
    assert not inside & {0, 1, 2}
    for only, expected in [(True, len(inside)), (False, graph.num_nodes)]:
        sizes = RandomSplit(train_per_class=5, validation_per_class=5, largest_component=only)
        nodes = np.concatenate(list(random_split(graph, sizes, 0).values()))
        assert len(nodes) == len(set(nodes.tolist())) == expected
        assert not only or set(nodes.tolist()) == inside


def test_a_class_without_test_nodes_is_named(make_runs: MakeRuns, make_data: MakeData) -> None:
    graph = make_data(make_runs("citation")[0])
    sizes = RandomSplit(train_per_class=30, validation_per_class=10, largest_component=False)
    with pytest.raises(InputError, match=r"class 2 has 40 nodes, .* take 40 and leave none"):
        random_split(graph, sizes, 0)


def test_runs_are_models_by_splits(make_runs: MakeRuns) -> None:
    runs = make_runs("citation", {"splits": ["public", "random"], "models": {"MLP": None}})
    assert [run.labels for run in runs] == [
        {"model": model, "on": split} for split in ("public", "random") for model in ("GCN", "GAT")
    ]
    assert ["random_split" in run.training for run in runs] == [False, False, True, True]


def test_all_declared_metrics_are_measured(make_runs: MakeRuns, make_data: MakeData) -> None:
    seen: dict[str, set[str]] = {}
    for run in make_runs("citation"):
        table, _ = measured(run, make_data(run))
        for _, _, _, metric, coordinates, _ in table.rows:
            seen.setdefault(metric, set()).update(coordinates)
    assert seen == {name: set(metric.coordinates) for name, metric in METRICS.items()}


def test_zero_noise_has_no_effect_and_edges_do_not_affect_an_mlp(
    make_runs: MakeRuns, make_data: MakeData
) -> None:
    for run in make_runs("citation"):
        table, _ = measured(run, make_data(run))
        rows = [row for row in table.rows if row[1:4] == ("best", "test", "accuracy")]
        plain = [row[-1] for row in rows if not row[4]]
        edges = {
            amount: [row[-1] for row in rows if row[4] == {"edge_noise": amount}]
            for amount in (0.0, 1.0)
        }
        assert edges[0.0] == plain
        assert [row[-1] for row in rows if row[4] == {"feature_noise": 0.0}] == plain
        assert (edges[1.0] == plain) == (run.labels["model"] == "MLP")


def test_relative_attention_is_one_on_average(make_runs: MakeRuns, make_data: MakeData) -> None:
    """With attention vectors of 0 all neighbours have the same weight."""
    run = next(run for run in make_runs("citation") if run.labels["model"] == "GAT")
    data = make_data(run)
    _, ensemble = measured(run, data)
    with torch.no_grad():
        for name, parameter in ensemble.parameters.items():
            if name in ("first.target", "first.source"):
                parameter.zero_()
        table = evaluate(run, data, {"best": ensemble}, CPU)
    values = {row[3]: row[-1] for row in table.rows if "attention" in row[3]}
    assert len(values) == 4
    for name, value in values.items():
        assert value == pytest.approx(1, abs=1e-5), name


def test_scores_of_a_neighbourhood_against_a_count(
    make_runs: MakeRuns, make_data: MakeData
) -> None:
    graph: Graph = make_data(make_runs("citation")[0])
    counts = attention_scores(graph)
    neighbours: list[list[int]] = [[] for _ in range(graph.num_nodes)]
    for a, b in graph.edges.T.tolist():  # scipy visits neighbours with larger indices first
        neighbours[a].append(b)
    for a, b in graph.edges.T.tolist():
        neighbours[b].append(a)
    order = [max(range(graph.num_nodes), key=lambda v: len(neighbours[v]))]
    for node in order:
        order += [v for v in neighbours[node] if v not in order]
    assert len(order) == counts["neighbourhood sizes"][-1]
    scores = zip(counts["neighbourhood sizes"], counts["graph attention scores"], strict=True)
    for size, score in scores:
        inside = set(order[:size])
        assert score == size + sum(v in inside for u in inside for v in neighbours[u])
