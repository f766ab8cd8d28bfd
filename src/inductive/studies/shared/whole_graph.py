"""Node classification on one graph, all of which is processed at every step."""

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import torch
from torch import Tensor

from inductive.data.graph import Graph
from inductive.nn.graph_tensors import GraphTensors
from inductive.studies.shared.node_task import Decay, Model, NodeTask, NodeTraining, Probe
from inductive.training.classification import classification_step, loss_and_accuracy
from inductive.training.ensemble import Ensemble
from inductive.training.random_streams import RandomStreams
from inductive.training.task import Step


class WholeGraphTask(NodeTask):
    """One step per epoch. `parts` gives the nodes of each part of a seed's split."""

    def __init__(
        self,
        training: NodeTraining,
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

    def supervision(self, seed: int, part: str) -> tuple[Tensor, Tensor]:
        """Nodes of a part and their classes, both (n,)."""
        return self._supervision(seed)[part]

    def targets(self, ensemble: Ensemble, part: str) -> tuple[Tensor, Tensor]:
        """Nodes and their classes, both (S, n)."""
        pairs = [self.supervision(seed, part) for seed in ensemble.seeds]
        return torch.stack([p[0] for p in pairs]), torch.stack([p[1] for p in pairs])

    def probes(self, seed: int) -> list[Probe]:
        """The graph with its training nodes."""
        return [(self.graph, *self.supervision(seed, "train"))]

    def steps(self, ensemble: Ensemble, streams: RandomStreams) -> Iterator[Step]:
        """A single step on all training nodes."""
        scores = ensemble(self.graph, self.masks(ensemble, streams, self.graph))
        nodes, labels = self.targets(ensemble, "train")
        yield classification_step(_rows(scores, nodes), labels)

    def validate(self, ensemble: Ensemble) -> dict[str, Tensor]:
        """Loss and accuracy on the validation nodes, each (S,)."""
        nodes, labels = self.targets(ensemble, "validation")
        return loss_and_accuracy(_rows(ensemble(self.graph), nodes), labels)


def _rows(scores: Tensor, nodes: Tensor) -> Tensor:
    """(S, N, classes), (S, n) -> (S, n, classes)."""
    return scores.gather(1, nodes[..., None].expand(-1, -1, scores.shape[-1]))
