"""Training of node classifiers: the common part of tasks on one graph and on many graphs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from inductive.nn.graph_tensors import GraphTensors
from inductive.training.ensemble import Ensemble, Parameters
from inductive.training.optimizers import Optimizer, make_adam
from inductive.training.random_streams import RandomStreams

Model = Callable[[int, int], nn.Module]
"""(num_features, num_classes) -> a network that has `mask_shapes(graph)`."""
Probe = tuple[GraphTensors, Tensor, Tensor]
"""A graph, some of its nodes (n,) and their classes (n,)."""
Decay = Callable[[Parameters], dict[str, float]]
"""The weight decay of every parameter that has one, by name."""


@dataclass(frozen=True, kw_only=True)
class NodeTraining:
    """The training settings that every node classification study has."""

    epochs: int
    dropout: float
    """Probability with which an entry of a dropout site is set to 0."""
    learning_rate: float
    """Of Adam."""
    weight_decay: float
    """L2 penalty that is added to the gradient."""


class NodeTask:
    """Adam and a fixed number of epochs."""

    patience: int | None = None

    def __init__(
        self, training: NodeTraining, shape: tuple[int, int], model: Model, decay: Decay
    ) -> None:
        """`shape` is (num_features, num_classes)."""
        self.training, self.epochs = training, training.epochs
        self.shape, self.model, self.decay = shape, model, decay

    def build(self) -> nn.Module:
        """A new network."""
        return self.model(*self.shape)

    def optimizer(self, parameters: Parameters) -> Optimizer:
        """Adam, with the weight decay of each parameter."""
        rate = self.training.learning_rate
        return make_adam(parameters, learning_rate=rate, weight_decay=self.decay(parameters))

    def masks(
        self, ensemble: Ensemble, streams: RandomStreams, graph: GraphTensors
    ) -> dict[str, Tensor]:
        """Dropout site -> masks (S, ...) of one step."""
        module: Any = ensemble.module
        return streams.dropout_masks(module.mask_shapes(graph), self.training.dropout)
