"""What the loop needs to know of a study."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from torch import Tensor, nn

from inductive.training.members import Members, Parameters
from inductive.training.optimizers import Optimizer
from inductive.training.randomness import Draws


class Step(NamedTuple):
    """One training step of S members on as many `examples` each."""

    loss: Tensor  # (S,): each member's own mean, differentiable
    correct: Tensor  # (S,): examples classified correctly
    examples: int


class Task(Protocol):
    """A variant of a study, to be trained. No test data train it or choose anything."""

    epochs: int
    patience: int | None
    """Epochs without a better validation loss that are let pass; None: never stop early."""

    def build(self) -> nn.Module:
        """A new network; its weights come from torch's generator, which the caller has seeded."""

    def optimizer(self, parameters: Parameters) -> Optimizer:
        """An optimiser that works element by element, so that members stay apart."""

    def steps(self, members: Members, draws: Draws) -> Iterator[Step]:
        """The steps of one epoch. The loop updates the weights between two of them."""

    def validate(self, members: Members) -> dict[str, Tensor]:
        """Metric -> (S,) on the validation split; `loss` selects the best epoch."""
