"""Training: seeds stay apart, together equals apart, a resume is exact, nothing leaks."""

import copy
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from inductive import store
from inductive.data import registry
from inductive.data.boxes import Boxes
from inductive.data.celltypegraph import Tissues, parts_of
from inductive.data.graph import Graph
from inductive.errors import InputError
from inductive.plan import Plan, train_order
from inductive.run import Run
from inductive.studies import load
from inductive.studies.graph_tasks import split_of
from inductive.training import checkpoint, job, loop
from inductive.training.loop import Record, fit
from inductive.training.members import Members
from inductive.training.optimizers import make_adadelta, make_adam
from inductive.training.progress import Progress
from inductive.training.randomness import Draws, seed_for
from inductive.training.task import Task

CPU = torch.device("cpu")
VARIANTS = ["course-Net1-valid", "course-Net1-circular", "clean-Net1-zeros1"]
VARIANTS += ["GCN-public", "GAT-public", "MLP-public", "GCN-random", "GAT-random"]
VISION = ["cifar10-augmented", "cifar10-p4", "galaxy clean-dropout", "galaxy clean-augmented"]
VISION += ["contrastive temperature-0.2", "contrastive supervised"]
VISION += ["segmentation border-weighted-depth2-fold1"]
GRAPHS = ["celltypegraph-self-3", "celltypegraph-none-1", "cora-none-2", "cora-gcnii-3"]
GRAPHS += ["neighbourhoods-max-softmax1-eta0.0-learnt", "cora-power1-eta0.0-learnt"]
GRAPHS += ["celltypegraph-power2-eta1"]
LANGUAGE = ["rope-8", "learned-8", "linear-8"]


@pytest.fixture
def runs(params: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Run]:
    params["citation"]["splits"] = ["public", "random"]
    params["studies"] = "all"
    params["segmentation"]["variants"]["border-weighted"]["elastic"] = 2.0
    plan = Plan(params)
    monkeypatch.chdir(tmp_path)
    for spec in plan.datasets.values():
        registry.make(spec)
    named = {run.variant: run for runs in plan.runs.values() for run in runs}
    return named | {f"{r.study} {r.variant}": r for runs in plan.runs.values() for r in runs}


def make_task(run: Run, data: Any = None) -> Task:
    task: Task = load(run.study).task(run, data or registry.load(run.dataset), CPU)
    return task


def train(task: Task, seeds: list[int], scratch: Path, seconds: float = 1e9) -> Record:
    return fit(task, seeds, CPU, scratch, Progress("", task.epochs), seconds)


def assert_same(a: Record, b: Record) -> None:
    """Bit by bit."""
    for kind in ("best", "last"):
        for name, tensor in getattr(a, kind).items():
            assert torch.equal(tensor, getattr(b, kind)[name]), name
    for name, values in a.history.items():
        torch.testing.assert_close(values, b.history[name], rtol=0, atol=0, equal_nan=True)
    assert torch.equal(a.best_epoch, b.best_epoch)
    assert torch.equal(a.last_epoch, b.last_epoch)


@pytest.mark.parametrize("variant", VARIANTS + VISION + GRAPHS + LANGUAGE)
def test_together_equals_apart(runs: dict[str, Run], tmp_path: Path, variant: str) -> None:
    task, seeds = make_task(runs[variant]), [0, 5, 2]
    # Adam divides a gradient by its own size, also one that is nothing but rounding.
    near = 2e-3 if variant in VISION else 1e-5
    together = train(task, seeds, tmp_path / "together")
    for i, seed in enumerate(seeds):
        alone = train(task, [seed], tmp_path / f"alone{seed}")
        for name, weights in alone.last.items():
            torch.testing.assert_close(together.last[name][i], weights[0], rtol=1e-4, atol=near)
        for name, values in alone.history.items():
            theirs = torch.stack(together.history[name])[:, i]
            torch.testing.assert_close(theirs, torch.stack(values)[:, 0], rtol=1e-4, atol=10 * near)


def test_seeds_differ_and_do_not_depend_on_each_other(runs: dict[str, Run], tmp_path: Path) -> None:
    """Bit by bit the same checkpoint entries, whichever seeds are trained beside."""
    run = runs["GCN-public"]
    entries = {}
    for seeds in [(0, 1, 2), (2, 7)]:
        chosen = replace(run, seeds=seeds)
        settings = {"device": "cpu", "seeds_together": "auto", "checkpoint_seconds": 60}
        job.train(chosen, "test", settings, threads=1)
        folder = store.run_folder("test", "citation", chosen.id)
        flat, _ = checkpoint.read(folder / "checkpoint.safetensors")
        entries[seeds] = flat["last/first.weight"][seeds.index(2)], folder
    assert torch.equal(entries[0, 1, 2][0], entries[2, 7][0])
    rows = [
        [line for line in (folder / "history.csv").read_text().splitlines() if line[:2] == "2,"]
        for _, folder in entries.values()
    ]
    assert rows[0] == rows[1]
    weights, _ = checkpoint.read(entries[2, 7][1] / "checkpoint.safetensors")
    assert not torch.equal(*weights["last/first.weight"])


def test_folds_of_unequal_size_are_trained_together_as_apart(
    runs: dict[str, Run], tmp_path: Path
) -> None:
    run = runs["celltypegraph-self-3"]
    split = run.training["split"] | {"folds": 3}
    task: Any = make_task(replace(run, training=run.training | {"split": split}))
    sizes = {seed: len(task.graphs(seed, "train")) for seed in range(3)}
    assert len(set(sizes.values())) > 1, sizes
    together = train(task, [0, 1, 2], tmp_path / "together")
    for i in range(3):
        alone = train(task, [i], tmp_path / f"alone{i}")
        for name, weights in alone.last.items():
            torch.testing.assert_close(together.last[name][i], weights[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "variant", ["clean-Net1-zeros1", "GAT-random", *VISION, *GRAPHS, *LANGUAGE]
)
def test_resume_after_every_epoch_is_exact(
    runs: dict[str, Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variant: str
) -> None:
    task = make_task(runs[variant])
    whole = train(task, [0, 1], tmp_path / "whole")
    save = loop._save

    class KilledError(Exception):
        pass

    def save_and_die(*arguments: Any) -> None:
        save(*arguments)
        raise KilledError

    monkeypatch.setattr(loop, "_save", save_and_die)
    scratch, kills = tmp_path / "resumed", 0
    for _ in range(task.epochs):
        with pytest.raises(KilledError):
            train(task, [0, 1], scratch, seconds=0)
        kills += 1
    assert kills == task.epochs
    assert_same(train(task, [0, 1], scratch), whole)


class _Plateau:
    """A task whose validation loss is dictated: 3, 2, 1, 1, 1, ... for one member, then up."""

    epochs, patience = 12, 2

    def __init__(self, losses: list[list[float]]) -> None:
        self.losses, self.epoch = losses, -1

    def build(self) -> torch.nn.Module:
        return torch.nn.Linear(1, 1)

    def optimizer(self, parameters: Any) -> Any:
        return make_adam(parameters, learning_rate=0.1, weight_decay={})

    def steps(self, members: Members, draws: Draws) -> Any:
        self.epoch += 1
        loss = members(torch.ones(4, 1)).pow(2).mean((1, 2))
        yield loop_step(loss)

    def validate(self, members: Members) -> dict[str, torch.Tensor]:
        return {"loss": torch.tensor([float(member[self.epoch]) for member in self.losses])}


def loop_step(loss: torch.Tensor) -> Any:
    from inductive.training.task import Step

    return Step(loss, torch.zeros(len(loss)), 4)


def test_patience_best_and_last_are_each_members_own(tmp_path: Path) -> None:
    """Patience 2 lets two epochs without a better one pass and ends with the third."""
    losses = [[3, 2, 1, 1, 1, 1] + [0.0] * 6, [12.0 - e for e in range(12)]]
    record = train(_Plateau(losses), [0, 1], tmp_path / "s")
    assert record.best_epoch.tolist() == [2, 11]
    assert record.last_epoch.tolist() == [5, 11]
    curve = torch.stack(record.history["validation/loss"])
    assert curve[:, 0].isnan().tolist() == [False] * 6 + [True] * 6
    alone = train(_Plateau(losses[:1]), [0], tmp_path / "alone")
    for kind in ("best", "last"):
        for name, weights in getattr(alone, kind).items():
            torch.testing.assert_close(getattr(record, kind)[name][0], weights[0])


def test_best_weights_are_copies(runs: dict[str, Run], tmp_path: Path) -> None:
    """The weights of the best epoch are those of a training that stops there."""
    run = runs["GCN-public"]
    long = train(make_task(run), [3], tmp_path / "long")
    best = int(long.best_epoch[0])
    short = train(
        make_task(replace(run, training=run.training | {"epochs": best + 1})), [3], tmp_path / "b"
    )
    assert torch.equal(long.best["first.weight"], short.last["first.weight"])
    losses = torch.stack(long.history["validation/loss"])[:, 0]
    assert best == int(losses.argmin())


def _poison_boxes(data: Boxes) -> Boxes:
    corners = {k: v.copy() for k, v in data.corners.items()}
    for split in ("test", "heldout"):
        corners[split][:] = corners[split][::-1, ::-1]
    return replace(data, corners=corners)


def _poison_graph(data: Graph, run: Run) -> Graph:
    labels = data.labels.copy()
    test = split_of(run.training, data, 0)["test"]
    labels[test] = np.random.default_rng(0).permutation(labels[test])
    assert (labels != data.labels).any()
    return replace(data, labels=labels)


@pytest.mark.parametrize("variant", ["cifar10-plain", "galaxy clean-plain", *VISION[:-1]])
def test_poisoned_test_images_change_nothing(
    runs: dict[str, Run], tmp_path: Path, variant: str
) -> None:
    run = runs[variant]
    data = registry.load(run.dataset)
    tests = load(run.study).splits(run, data)(0)["test"]
    pixels, labels = data.pixels.copy(), data.labels.copy()
    pixels[tests], labels[tests] = 255 - pixels[tests], labels[tests[::-1]]
    run = replace(run, seeds=(0,))  # another seed trains on other images
    clean = train(make_task(run, data), [0], tmp_path / "clean")
    # A stratified split follows the classes, so it is that of the true ones.
    task = make_task(run, replace(data, pixels=pixels))
    assert_same(train(task, [0], tmp_path / "poisoned"), clean)
    if run.study == "rotation":
        task = make_task(run, replace(data, pixels=pixels, labels=labels))
        assert_same(train(task, [0], tmp_path / "mislabelled"), clean)


def test_no_task_holds_an_image_that_every_seed_tests(runs: dict[str, Run]) -> None:
    run = runs["cifar10-plain"]
    task: Any = make_task(run)
    assert not task.pixels[torch.from_numpy(registry.load(run.dataset).aside)].any()


@pytest.mark.parametrize("variant", ["contrastive no-negatives", "contrastive temperature-0.2"])
def test_contrastive_training_looks_at_no_label(
    runs: dict[str, Run], tmp_path: Path, variant: str
) -> None:
    run = runs[variant]
    data = registry.load(run.dataset)
    task: Any = make_task(run, data)
    clean = train(task, [0], tmp_path / "clean")
    task = make_task(run, data)
    task.labels = torch.zeros_like(task.labels)
    assert_same(train(task, [0], tmp_path / "blind"), clean)


def test_a_batch_larger_than_the_data_is_refused(
    params: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    params["studies"] = ["contrastive"]
    params["contrastive"]["base"]["batch_size"] = 500
    params["contrastive"]["batch_sizes"] = [500]
    run = Plan(params).runs["contrastive"][0]
    monkeypatch.chdir(tmp_path)
    registry.make(run.dataset)
    with pytest.raises(InputError, match=r"batch_size 500 is more than the .* training images"):
        make_task(run)


def _poison_tissues(data: Tissues, run: Run) -> Tissues:
    """Test specimens with other features and classes."""
    features, labels = data.features.copy(), data.labels.copy()
    for i in parts_of(data.names, run.training["split"], 0)["test"]:
        rows = slice(data.node_start[i], data.node_start[i + 1])
        features[rows], labels[rows] = -features[rows], (labels[rows] + 1) % 9
    return replace(data, features=features, labels=labels)


@pytest.mark.parametrize("variant", [v for v in VARIANTS if not v.endswith("random")] + GRAPHS)
def test_poisoned_test_data_changes_nothing(
    runs: dict[str, Run], tmp_path: Path, variant: str
) -> None:
    run = runs[variant]
    data = registry.load(run.dataset)
    if isinstance(data, Tissues):
        poisoned: Any = _poison_tissues(data, run)
    else:
        poisoned = _poison_boxes(data) if isinstance(data, Boxes) else _poison_graph(data, run)
    clean = train(make_task(run, data), [0], tmp_path / "clean")
    assert_same(train(make_task(run, poisoned), [0], tmp_path / "poisoned"), clean)


def test_random_splits_are_disjoint_balanced_and_their_own(runs: dict[str, Run]) -> None:
    from inductive.studies.citation import split_nodes

    run = runs["GCN-random"]
    graph = registry.load(run.dataset)
    seen = set()
    for seed in range(5):
        parts = split_nodes(graph, run.training, seed)
        together = np.concatenate(list(parts.values()))
        assert len(np.unique(together)) == len(together)
        for name in ("train", "validation"):
            assert np.bincount(graph.labels[parts[name]]).tolist() == [5, 5, 5]
        seen.add(parts["train"].tobytes())
    assert len(seen) == 5


@pytest.mark.parametrize("kind", ["adam", "adadelta"])
def test_optimisers_are_torchs(kind: str) -> None:
    torch.manual_seed(0)
    start = torch.randn(2, 5)
    ours = {"w": start.clone().requires_grad_()}
    theirs = [row.clone().requires_grad_() for row in start]
    if kind == "adam":
        mine = make_adam(ours, learning_rate=0.02, weight_decay={"w": 0.1})
        make: Any = lambda p: torch.optim.Adam([p], lr=0.02, weight_decay=0.1)  # noqa: E731
    else:
        numbers = {"rho": 0.9, "eps": 1e-6, "weight_decay": 0.1}
        mine = make_adadelta(ours, learning_rate=1.0, **numbers)
        make = lambda p: torch.optim.Adadelta([p], lr=1.0, **numbers)  # noqa: E731
    others = [make(p) for p in theirs]
    for _ in range(5):
        mine.zero_grad()
        (ours["w"] ** 4).sum().backward()
        mine.step()
        for p, optimizer in zip(theirs, others, strict=True):
            optimizer.zero_grad()
            (p**4).sum().backward()
            optimizer.step()
    torch.testing.assert_close(ours["w"], torch.stack(theirs))


def test_random_numbers_belong_to_a_seed_and_a_role() -> None:
    assert len({seed_for(role, s) for role in ("init", "order") for s in range(50)}) == 100
    together, alone = Draws([3, 9], CPU), Draws([9], CPU)
    assert torch.equal(together.permutations(20)[1], alone.permutations(20)[0])
    masks = together.dropout_masks({"a": (4, 500), "b": (3,)}, 0.4)
    assert torch.equal(masks["a"][1], alone.dropout_masks({"a": (4, 500), "b": (3,)}, 0.4)["a"][0])
    torch.testing.assert_close(masks["a"].unique(), torch.tensor([0, 1 / 0.6]))
    assert abs(masks["a"].mean() - 1) < 0.1
    before = torch.random.get_rng_state()
    Members.initialise(lambda: torch.nn.Linear(2, 2), [0], CPU)
    assert torch.equal(torch.random.get_rng_state(), before)


def _start(order: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "inductive", "train", str(order)]
    return subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)


@pytest.mark.pipeline
def test_ten_kills_leave_no_trace(
    params: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGKILL at ten random moments, then to the end: the same bytes as without."""
    params = copy.deepcopy(params)
    params["preset"] = "kills"
    params["training"] |= {"checkpoint_seconds": 0, "device": "cpu"}
    params["citation"] |= {"epochs": 400, "seeds": [0, 1]}
    planned = Plan(params)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    for spec in planned.datasets.values():
        registry.make(spec)
    planned.write()
    run = next(r for r in planned.runs["citation"] if r.variant == "GAT-public")
    order = train_order("kills", run)
    folder = store.run_folder("kills", "citation", run.id)
    names = ("checkpoint.safetensors", "history.csv")

    assert _start(order).wait() == 0
    expected = [(folder / name).read_bytes() for name in names]
    for name in (*names, "run.json"):
        (folder / name).unlink()

    scratch = store.scratch_folder("kills", "citation", run.id)
    moments, epochs = random.Random(0), []
    for _ in range(10):
        process = _start(order)
        before = sorted((p.name, p.stat().st_mtime_ns) for p in scratch.glob("*.safetensors"))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None:
            now = sorted((p.name, p.stat().st_mtime_ns) for p in scratch.glob("*.safetensors"))
            if now != before:
                break
            time.sleep(0.005)
        time.sleep(moments.random() * 0.15)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL, "it ended before it was killed"
        for file in scratch.glob("*.safetensors"):
            flat, _ = checkpoint.read(file)  # whole at any moment
            epochs.append(len(flat["history/train/loss"]))
    assert len(set(epochs)) > 5
    assert not (folder / "checkpoint.safetensors").exists()
    assert _start(order).wait() == 0
    assert [(folder / name).read_bytes() for name in names] == expected
    assert not scratch.exists()
