"""The tasks of all studies: seeds are independent, batches do not matter, resumes are exact."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from inductive.core.errors import InputError
from inductive.core.run import Run
from inductive.studies.citation.task import Training as CitationTraining
from inductive.studies.citation.task import split_nodes
from inductive.training.result import TrainedSeeds

SMALL = ["translation course-Net1-valid", "translation course-Net1-circular"]
SMALL += ["translation clean-Net1-zeros1", "citation GCN-public", "citation GAT-public"]
SMALL += ["citation MLP-public", "citation GCN-random", "citation GAT-random"]
VISION = ["rotation cifar10-augmented", "rotation cifar10-p4", "galaxy clean-dropout"]
VISION += ["galaxy clean-augmented", "contrastive temperature-0.2", "contrastive supervised"]
VISION += ["segmentation border-weighted-depth2-fold1"]
GRAPHS = ["oversmoothing celltypegraph-self-3", "oversmoothing celltypegraph-none-1"]
GRAPHS += ["oversmoothing cora-none-2", "oversmoothing cora-gcnii-3"]
GRAPHS += ["aggregation neighbourhoods-max-softmax1-eta0.0-learnt"]
GRAPHS += ["aggregation cora-power1-eta0.0-learnt", "aggregation celltypegraph-power2-eta1"]
LANGUAGE = ["language rope-8", "language learned-8", "language linear-8"]
RESUMED = ["translation clean-Net1-zeros1", "citation GAT-random", *VISION, *GRAPHS, *LANGUAGE]

Train = Callable[..., Any]
Find = Callable[[str], Run]
MakeTask = Callable[..., Any]


@pytest.mark.parametrize("name", SMALL + VISION + GRAPHS + LANGUAGE)
def test_seeds_trained_together_equal_seeds_trained_alone(
    find_run: Find, make_task: MakeTask, train: Train, name: str
) -> None:
    task, seeds = make_task(find_run(name)), [0, 5, 2]
    # Adam divides a gradient by its own size, even if it is only rounding error.
    near = 2e-3 if name in VISION else 1e-5
    together = train(task, seeds)
    for i, seed in enumerate(seeds):
        alone = train(task, [seed])
        for key, weights in alone.last.items():
            torch.testing.assert_close(together.last[key][i], weights[0], rtol=1e-4, atol=near)
        for key, values in alone.history.items():
            theirs = torch.stack(together.history[key])[:, i]
            torch.testing.assert_close(theirs, torch.stack(values)[:, 0], rtol=1e-4, atol=10 * near)


def test_seeds_differ_and_do_not_depend_on_each_other(
    find_run: Find, make_task: MakeTask, train: Train, tmp_path: Path
) -> None:
    """Bit-identical files, independent of the other seeds."""
    task, files = make_task(find_run("citation GCN-public")), []
    for seeds in [(0, 1, 2), (2, 7)]:
        trained = TrainedSeeds.from_states([train(task, [seed]) for seed in seeds], seeds)
        folder = tmp_path / str(len(seeds))
        trained.select([2]).write(folder)
        files.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert files[0].keys() == {"checkpoint.safetensors", "history.csv"}
    assert files[0] == files[1]
    assert not torch.equal(*trained.last["first.weight"])


def test_folds_of_unequal_size_trained_together_equal_those_trained_alone(
    find_run: Find, make_task: MakeTask, train: Train
) -> None:
    run = find_run("oversmoothing celltypegraph-self-3")
    split = run.training["split"] | {"folds": 3}
    task = make_task(replace(run, training=run.training | {"split": split}))
    sizes = {seed: len(task.graphs(seed, "train")) for seed in range(3)}
    assert len(set(sizes.values())) > 1, sizes
    together = train(task, [0, 1, 2])
    for i in range(3):
        alone = train(task, [i])
        for name, weights in alone.last.items():
            torch.testing.assert_close(together.last[name][i], weights[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", RESUMED)
def test_resume_after_every_epoch_is_exact(
    find_run: Find,
    make_task: MakeTask,
    train: Train,
    train_with_kills: Any,
    assert_same: Any,
    name: str,
) -> None:
    task = make_task(find_run(name))
    resumed, kills = train_with_kills(task, [0, 1])
    assert kills == task.epochs
    assert_same(resumed, train(task, [0, 1]))


def test_the_best_weights_equal_those_of_a_training_that_stops_there(
    find_run: Find, make_task: MakeTask, train: Train
) -> None:
    run = find_run("citation GCN-public")
    long = train(make_task(run), [3])
    best = int(long.stopping.best_epoch[0])
    short = train(make_task(replace(run, training=run.training | {"epochs": best + 1})), [3])
    assert torch.equal(long.best["first.weight"], short.last["first.weight"])
    losses = torch.stack(long.history["validation/loss"])[:, 0]
    assert best == int(losses.argmin())


def test_a_batch_larger_than_the_data_is_refused(
    make_runs: Callable[..., list[Run]], make_task: MakeTask
) -> None:
    changes = {"base": {"batch_size": 500}, "batch_sizes": [500]}
    run = make_runs("contrastive", changes)[0]
    with pytest.raises(InputError, match=r"batch_size 500 is more than the .* training images"):
        make_task(run)


def test_random_splits_are_disjoint_balanced_and_different_for_each_seed(
    find_run: Find, make_data: Callable[[Run], Any]
) -> None:
    run = find_run("citation GCN-random")
    graph, training = make_data(run), CitationTraining(**run.training)
    seen = set()
    for seed in range(5):
        parts = split_nodes(graph, training, seed)
        together = np.concatenate(list(parts.values()))
        assert len(np.unique(together)) == len(together)
        for name in ("train", "validation"):
            assert np.bincount(graph.labels[parts[name]]).tolist() == [5, 5, 5]
        seen.add(parts["train"].tobytes())
    assert len(seen) == 5
