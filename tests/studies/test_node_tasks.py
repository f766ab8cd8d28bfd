"""Tasks that classify nodes: dependencies of their code, splits, and accuracies."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from inductive.core.errors import InputError
from inductive.core.fingerprint import closure
from inductive.core.run import Run
from inductive.data.graph import Graph
from inductive.data.tissues import EMBRYO_SAC
from inductive.studies import load
from inductive.studies.shared.graph_accuracies import specimen_accuracy
from inductive.studies.shared.graph_tasks import split_of
from inductive.studies.shared.many_graphs import ManyGraphsTask
from inductive.training.ensemble import Ensemble
from inductive.training.random_streams import RandomStreams

CPU = torch.device("cpu")
MakeRuns = Callable[..., list[Run]]
MakeData = Callable[[Run], Any]


def run_of(make_runs: MakeRuns, study: str, variant: str, changes: Any = None) -> Run:
    return next(run for run in make_runs(study, changes) if run.variant == variant)


@pytest.mark.parametrize("part", ["task", "evaluate"])
def test_citation_does_not_depend_on_code_for_tissues(part: str) -> None:
    modules = closure([f"inductive.studies.citation.{part}"])
    assert "inductive.studies.shared.whole_graph" in modules
    assert not [m for m in modules if "tissue" in m or "many_graphs" in m or "celltype" in m]


@pytest.mark.parametrize("study", ["citation", "oversmoothing", "aggregation"])
def test_no_task_depends_on_a_generator_or_a_reader(study: str) -> None:
    """They are part of a run's identity only through its data set."""
    modules = closure([f"inductive.studies.{study}.{part}" for part in ("task", "evaluate")])
    assert not [
        m for m in modules if m.startswith(("inductive.data.generated.", "inductive.data.formats."))
    ]


def test_thirds_are_a_different_partition_for_each_seed(
    make_runs: MakeRuns, make_data: MakeData
) -> None:
    data = make_data(run_of(make_runs, "aggregation", "neighbourhoods-max-softmax0-eta1"))
    splits = [split_of("thirds", data, seed) for seed in range(4)]
    for split in splits:
        assert np.sort(np.concatenate(list(split.values()))).tolist() == list(range(90))
        assert [len(nodes) for nodes in split.values()] == [30, 30, 30]
    assert len({split["test"].tobytes() for split in splits}) == 4


def test_a_task_on_the_public_split_has_no_class_of_a_test_node(
    make_runs: MakeRuns, make_data: MakeData
) -> None:
    for study, variant in [("citation", "GCN-public"), ("oversmoothing", "cora-none-2")]:
        run = run_of(make_runs, study, variant)
        data: Graph = make_data(run)
        task = load(study).module("task").task(run, data, CPU)
        for part in ("train", "validation"):
            nodes, labels = task.supervision(0, part)
            assert not set(nodes.tolist()) & set(data.test.tolist())
            assert labels.tolist() == data.labels[nodes].tolist()
        with pytest.raises(KeyError):
            task.supervision(0, "test")


def test_the_step_count_of_a_seed_does_not_depend_on_its_batch(
    make_runs: MakeRuns, make_data: MakeData
) -> None:
    """Folds differ in size; the number of steps is that of the largest fold."""
    changes = {"split": {"folds": 3}}
    run = run_of(make_runs, "oversmoothing", "celltypegraph-none-1", changes)
    task = load("oversmoothing").module("task").task(run, make_data(run), CPU)
    assert isinstance(task, ManyGraphsTask)
    sizes = {seed: len(task.graphs(seed, "train")) for seed in range(3)}
    assert len(set(sizes.values())) > 1, sizes
    for seeds in ([0], [1], [2], [0, 1, 2]):
        ensemble = Ensemble.initialise(task.build, seeds, CPU)
        steps = list(task.steps(ensemble, RandomStreams(seeds, CPU)))
        assert len(steps) == max(sizes.values())
        assert all(step.loss.shape == (len(seeds),) for step in steps)


def test_accuracy_of_a_specimen() -> None:
    labels = np.array([0, 0, 0, 0, 2, 2, EMBRYO_SAC])
    predicted = np.array([0, 0, 0, 1, 2, 0, 0])
    accuracy, class_accuracy = specimen_accuracy(predicted, labels)
    assert accuracy == pytest.approx(4 / 7)
    assert class_accuracy == pytest.approx((3 / 4 + 1 / 2) / 2)
    only_sac = np.array([EMBRYO_SAC])
    assert np.isnan(specimen_accuracy(only_sac, only_sac)[1])


@pytest.mark.parametrize(
    ("study", "changes", "message"),
    [
        ("oversmoothing", {"split": {"folds": 2}}, "split.folds: expected 0 or at least 3"),
        ("oversmoothing", {"split": {"shares": [0.5, 0.1, 0.1]}}, "shares that add up to 1"),
        ("oversmoothing", {"remedies": {"self": None}}, "depths: unknown remedy 'self'"),
        ("citation", {"models": dict.fromkeys(("GCN", "GAT", "MLP"))}, "models: is empty"),
    ],
)
def test_errors_of_invalid_settings_are_one_line_that_names_the_key(
    make_runs: MakeRuns, study: str, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        make_runs(study, changes)


def test_a_study_needs_a_depth(make_runs: MakeRuns) -> None:
    empty = {"graphs": {"cora": None, "celltypegraph": {"depths": {"none": [], "self": []}}}}
    with pytest.raises(InputError, match="all lists of depths are empty"):
        make_runs("oversmoothing", empty)
