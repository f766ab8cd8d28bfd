"""Training that classifies nodes: of one graph, a part of whose classes are known, or of many."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from inductive.data.celltypegraph import EMBRYO_SAC, NUM_CLASSES, Tissues, parts_of
from inductive.data.graph import Graph
from inductive.nn.graph_tensors import GraphTensors, dense_graph_tensors
from inductive.training.classification import classification_step, loss_and_accuracy
from inductive.training.members import Members, Parameters
from inductive.training.optimizers import Optimizer, make_adam
from inductive.training.randomness import Draws, numpy_generator
from inductive.training.task import Step
from inductive.training.tidy import Tidy

Model = Callable[[int, int], nn.Module]
"""(features, classes) -> a network that has `mask_shapes(graph)`."""
Probe = tuple[GraphTensors, Tensor, Tensor]
"""A graph, some of its nodes and their classes: what layers and gradients are measured on."""
Decay = Callable[[Parameters], dict[str, float]]
"""The weight decay of every parameter that has one, by name."""


class _NodeTask:
    """Adam, a fixed number of epochs. `training` has epochs, dropout and learning_rate."""

    patience = None

    def __init__(
        self, training: dict[str, Any], shape: tuple[int, int], model: Model, decay: Decay
    ) -> None:
        self.training, self.epochs = training, training["epochs"]
        self.shape, self.model, self.decay = shape, model, decay

    def build(self) -> nn.Module:
        return self.model(*self.shape)

    def optimizer(self, parameters: Parameters) -> Optimizer:
        rate = self.training["learning_rate"]
        return make_adam(parameters, learning_rate=rate, weight_decay=self.decay(parameters))

    def _masks(self, members: Members, draws: Draws, graph: GraphTensors) -> dict[str, Tensor]:
        module: Any = members.module
        return draws.dropout_masks(module.mask_shapes(graph), self.training["dropout"])


class WholeGraphTask(_NodeTask):
    """One graph, all of it at every step. `parts` gives the nodes of each part for a seed."""

    def __init__(
        self,
        training: dict[str, Any],
        data: Graph,
        graph: GraphTensors,
        model: Model,
        decay: Decay,
        parts: Callable[[int], dict[str, np.ndarray]],
    ) -> None:
        super().__init__(training, (data.features.shape[1], data.num_classes), model, decay)
        self.graph, device = graph, graph.normalised.device

        @cache
        def supervision(seed: int) -> dict[str, tuple[Tensor, Tensor]]:
            nodes = parts(seed)
            return {
                name: (
                    torch.from_numpy(nodes[name]).to(device),
                    torch.from_numpy(data.labels[nodes[name]]).to(device),
                )
                for name in ("train", "validation")
            }

        self._supervision = supervision

    def supervision(self, seed: int, split: str) -> tuple[Tensor, Tensor]:
        """Nodes of a part and their classes, both (n,)."""
        return self._supervision(seed)[split]

    def targets(self, members: Members, split: str) -> tuple[Tensor, Tensor]:
        """Nodes and their classes, both (S, n)."""
        pairs = [self.supervision(seed, split) for seed in members.seeds]
        return torch.stack([p[0] for p in pairs]), torch.stack([p[1] for p in pairs])

    def probes(self, seed: int) -> list[Probe]:
        """The one graph, with its training nodes."""
        return [(self.graph, *self.supervision(seed, "train"))]

    def steps(self, members: Members, draws: Draws) -> Iterator[Step]:
        scores = members(self.graph, self._masks(members, draws, self.graph))
        nodes, labels = self.targets(members, "train")
        yield classification_step(_pick(scores, nodes), labels)

    def validate(self, members: Members) -> dict[str, Tensor]:
        nodes, labels = self.targets(members, "validation")
        return loss_and_accuracy(_pick(members(self.graph), nodes), labels)


def _pick(scores: Tensor, nodes: Tensor) -> Tensor:
    """(S, N, classes), (S, n) -> (S, n, classes)."""
    return scores.gather(1, nodes[..., None].expand(-1, -1, scores.shape[-1]))


class LabelledGraph:
    """One specimen on a device, and which of its nodes have a class."""

    def __init__(self, data: Tissues, specimen: int, device: torch.device) -> None:
        features, labels, edges = data.specimen(specimen)
        known = np.flatnonzero(labels >= 0)
        self.graph = dense_graph_tensors(features, edges, device)
        self.known = torch.from_numpy(known).to(device)
        self.labels = torch.from_numpy(labels[known]).to(device)


class ManyGraphsTask(_NodeTask):
    """A specimen a step, in a new order every epoch. Loss and accuracy are means over specimens.

    Members see their own orders, so they go through a step one after the other.
    """

    def __init__(
        self,
        training: dict[str, Any],
        data: Tissues,
        device: torch.device,
        model: Model,
        decay: Decay,
        parts: Callable[[int], dict[str, np.ndarray]],
    ) -> None:
        super().__init__(training, (data.features.shape[1], NUM_CLASSES), model, decay)
        self._parts = parts
        folds = max(1, training["split"]["folds"])
        self.turns = max(len(parts(fold)["train"]) for fold in range(folds))

        @cache
        def graph(specimen: int) -> LabelledGraph:
            return LabelledGraph(data, specimen, device)

        self._graph = graph

    def graphs(self, seed: int, part: str) -> list[LabelledGraph]:
        """The specimens of a part."""
        return [self._graph(int(i)) for i in self._parts(seed)[part]]

    def probes(self, seed: int) -> list[Probe]:
        """The held-out specimens, with their cells that have a class."""
        return [(g.graph, g.known, g.labels) for g in self.graphs(seed, "validation")]

    def steps(self, members: Members, draws: Draws) -> Iterator[Step]:
        items = [self.graphs(seed, "train") for seed in members.seeds]
        # Folds differ by a few specimens. All seeds make as many steps, those of the smaller folds
        # with some specimens again, so that nobody's steps depend on who trains beside it.
        orders = []
        for i, own in enumerate(items):
            order = draws.of(i).permutations(len(own))[0].tolist()
            orders.append((order * 2)[: self.turns])
        alone = _each(members)
        for turn in zip(*orders, strict=True):
            steps = []
            for i, (one, at) in enumerate(zip(alone, turn, strict=True)):
                item = items[i][at]
                scores = one(item.graph, self._masks(one, draws.of(i), item.graph))
                steps.append(classification_step(scores[:, item.known], item.labels[None]))
            correct = torch.cat([s.correct / s.examples for s in steps])
            yield Step(torch.cat([s.loss for s in steps]), correct, 1)

    def validate(self, members: Members) -> dict[str, Tensor]:
        rows = []
        for seed, one in zip(members.seeds, _each(members), strict=True):
            found = [
                loss_and_accuracy(one(item.graph)[:, item.known], item.labels[None])
                for item in self.graphs(seed, "validation")
            ]
            rows.append({k: torch.stack([f[k] for f in found]).mean(0) for k in found[0]})
        return {k: torch.cat([row[k] for row in rows]) for k in rows[0]}


def _each(members: Members) -> Sequence[Members]:
    return [members] if members.count == 1 else [members.member(i) for i in range(members.count)]


def split_of(training: dict[str, Any], data: Graph | Tissues, seed: int) -> dict[str, np.ndarray]:
    """Part -> nodes of one graph (its public split, or thirds drawn by the seed), or specimens.

    `training["split"]` is "thirds" for the former; of tissues it has shares, seed and folds; with
    folds, every seed tests on the next one.
    """
    if training.get("split") == "thirds":
        order = numpy_generator("thirds", seed).permutation(len(data.labels))
        parts = [np.sort(part) for part in np.array_split(order, 3)]
        return dict(zip(("train", "validation", "test"), parts, strict=True))
    if isinstance(data, Graph):
        return {"train": data.train, "validation": data.validation, "test": data.test}
    return parts_of(data.names, training["split"], seed)


def node_task(
    training: dict[str, Any],
    data: Graph | Tissues,
    device: torch.device,
    model: Model,
    decay: Decay,
    tensors: Callable[[Graph], GraphTensors],
) -> WholeGraphTask | ManyGraphsTask:
    """How nodes are learnt to be classified, without the classes of what is tested on."""
    if isinstance(data, Tissues):

        def parts(seed: int) -> dict[str, np.ndarray]:
            return {k: v for k, v in split_of(training, data, seed).items() if k != "test"}

        return ManyGraphsTask(training, data, device, model, decay, parts)
    # With thirds every seed tests on other nodes, and is only shown the classes of its own parts.
    known = data if training.get("split") == "thirds" else data.without_labels(data.test)

    def nodes(seed: int) -> dict[str, np.ndarray]:
        return split_of(training, known, seed)

    return WholeGraphTask(training, known, tensors(known), model, decay, nodes)


def add_accuracies(
    tidy: Tidy,
    how: WholeGraphTask | ManyGraphsTask,
    training: dict[str, Any],
    data: Graph | Tissues,
    trained: dict[str, Members],
    device: torch.device,
) -> None:
    """Accuracy on every part; of tissues, the published measures over specimens too."""
    for selection, members in trained.items():
        if isinstance(data, Tissues):
            _add_specimens(tidy, training, data, selection, members, device)
            continue
        assert isinstance(how, WholeGraphTask)
        guesses = members(how.graph).argmax(-1).cpu().numpy()
        splits = [split_of(training, data, seed) for seed in members.seeds]
        for part in splits[0]:
            right = [
                float((guess[split[part]] == data.labels[split[part]]).mean())
                for guess, split in zip(guesses, splits, strict=True)
            ]
            tidy.add(right, selection, part, "accuracy")


def _add_specimens(
    tidy: Tidy,
    training: dict[str, Any],
    data: Tissues,
    selection: str,
    members: Members,
    device: torch.device,
) -> None:
    """Means and standard deviations over specimens, and the course's spread of the outputs."""
    graph = cache(lambda i: LabelledGraph(data, i, device))
    splits = [split_of(training, data, seed) for seed in members.seeds]
    for part in splits[0]:
        found: dict[str, list[float]] = {}
        for k, one in enumerate(_each(members)):
            scores, spread = [], []
            for specimen in splits[k][part].tolist():
                item = graph(specimen)
                logits = one(item.graph)[0]
                spread.append(float(logits.log_softmax(1).std()))
                guess = logits[item.known].argmax(1).cpu().numpy()
                scores.append(specimen_accuracy(guess, item.labels.cpu().numpy()))
            mean, sd = np.nanmean(scores, axis=0), np.nanstd(scores, axis=0)
            for name, value in [
                ("accuracy", mean[0]),
                ("class accuracy", mean[1]),
                ("accuracy, sd over specimens", sd[0]),
                ("class accuracy, sd over specimens", sd[1]),
                ("std of log-probabilities", np.mean(spread)),
            ]:
                found.setdefault(name, []).append(float(value))
        for name, values in found.items():
            tidy.add(values, selection, part, name)


def specimen_accuracy(guess: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Micro accuracy, and the mean over classes that occur, without the embryo sac, of theirs."""
    right = guess == labels
    present = [c for c in np.unique(labels) if c != EMBRYO_SAC]
    by_class = [right[labels == c].mean() for c in present]
    return float(right.mean()), float(np.mean(by_class)) if by_class else float("nan")
