"""The interface between the training loop and a study."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from torch import Tensor, nn

from inductive.training.ensemble import Ensemble, Parameters
from inductive.training.optimizers import Optimizer
from inductive.training.random_streams import RandomStreams


class Step(NamedTuple):
    """One training step of S networks, each on the same number of `examples`."""

    loss: Tensor  # (S,): mean over each network's own examples, differentiable
    correct: Tensor  # (S,): examples classified correctly
    examples: int


class Task(Protocol):
    """One variant of a study, to be trained. It never uses test data."""

    epochs: int
    patience: int | None
    """Training ends after more than `patience` epochs without a lower validation loss; None: never
    early."""

    def build(self) -> nn.Module:
        """A new network; its weights come from torch's global generator, seeded by the caller."""

    def optimizer(self, parameters: Parameters) -> Optimizer:
        """An optimiser that works element by element, so that networks stay independent."""

    def steps(self, ensemble: Ensemble, streams: RandomStreams) -> Iterator[Step]:
        """The steps of one epoch. The loop updates the weights after each of them."""

    def validate(self, ensemble: Ensemble) -> dict[str, Tensor]:
        """Metric -> (S,) on the validation split; the lowest `loss` selects the best epoch."""
