"""Node classification on many graphs (specimens of tissue), one of which is processed per step."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache

import numpy as np
import torch
from torch import Tensor

from inductive.data.tissues import NUM_CLASSES, Tissues
from inductive.nn.graph_tensors import dense_graph_tensors
from inductive.studies.shared.node_task import Decay, Model, NodeTask, NodeTraining, Probe
from inductive.training.classification import classification_step, loss_and_accuracy
from inductive.training.ensemble import Ensemble
from inductive.training.random_streams import RandomStreams
from inductive.training.task import Step


class LabelledGraph:
    """One specimen on a device, and which of its nodes have a class."""

    def __init__(self, data: Tissues, specimen: int, device: torch.device) -> None:
        features, labels, edges = data.specimen(specimen)
        known = np.flatnonzero(labels >= 0)
        self.graph = dense_graph_tensors(features, edges, device)
        self.known = torch.from_numpy(known).to(device)
        self.labels = torch.from_numpy(labels[known]).to(device)


class ManyGraphsTask(NodeTask):
    """One specimen per step, in a new order every epoch. Metrics are means over specimens.

    The order depends on the seed, so within a step seeds are processed one after the other.
    """

    def __init__(
        self,
        training: NodeTraining,
        data: Tissues,
        device: torch.device,
        model: Model,
        decay: Decay,
        parts: Callable[[int], dict[str, np.ndarray]],
        folds: int,
    ) -> None:
        """`parts` gives the specimens of each part of a seed's split. It has `folds` different
        results, or a single one where `folds` is 0."""
        super().__init__(training, (data.features.shape[1], NUM_CLASSES), model, decay)
        self._parts = parts
        self.steps_per_epoch = max(len(parts(fold)["train"]) for fold in range(max(1, folds)))

        @cache
        def graph(specimen: int) -> LabelledGraph:
            return LabelledGraph(data, specimen, device)

        self._graph = graph

    def graphs(self, seed: int, part: str) -> list[LabelledGraph]:
        """The specimens of a part."""
        return [self._graph(int(i)) for i in self._parts(seed)[part]]

    def probes(self, seed: int) -> list[Probe]:
        """The validation specimens, with their nodes that have a class."""
        return [(g.graph, g.known, g.labels) for g in self.graphs(seed, "validation")]

    def steps(self, ensemble: Ensemble, streams: RandomStreams) -> Iterator[Step]:
        """One step per training specimen."""
        specimens = [self.graphs(seed, "train") for seed in ensemble.seeds]
        # Folds differ by a few specimens. A smaller fold repeats some of its specimens, so that all
        # seeds make the same number of steps, which does not depend on their batch of seeds.
        orders = []
        for i, own in enumerate(specimens):
            order = streams.select(i).permutations(len(own))[0].tolist()
            orders.append((order * 2)[: self.steps_per_epoch])
        singles = split_ensemble(ensemble)
        for indices in zip(*orders, strict=True):
            steps = []
            for i, (single, index) in enumerate(zip(singles, indices, strict=True)):
                item = specimens[i][index]
                masks = self.masks(single, streams.select(i), item.graph)
                scores = single(item.graph, masks)
                steps.append(classification_step(scores[:, item.known], item.labels[None]))
            correct = torch.cat([s.correct / s.examples for s in steps])
            yield Step(torch.cat([s.loss for s in steps]), correct, 1)

    def validate(self, ensemble: Ensemble) -> dict[str, Tensor]:
        """Loss and accuracy, means over the validation specimens, each (S,)."""
        rows = []
        for seed, single in zip(ensemble.seeds, split_ensemble(ensemble), strict=True):
            by_specimen = [
                loss_and_accuracy(single(item.graph)[:, item.known], item.labels[None])
                for item in self.graphs(seed, "validation")
            ]
            rows.append(
                {k: torch.stack([m[k] for m in by_specimen]).mean(0) for k in by_specimen[0]}
            )
        return {k: torch.cat([row[k] for row in rows]) for k in rows[0]}


def split_ensemble(ensemble: Ensemble) -> Sequence[Ensemble]:
    """Every seed's network as an ensemble of one."""
    return (
        [ensemble] if ensemble.count == 1 else [ensemble.select(i) for i in range(ensemble.count)]
    )
