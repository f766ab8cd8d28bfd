"""Cross-entropy and accuracy of S classifiers at once."""

import torch.nn.functional as F
from torch import Tensor

from inductive.training.task import Step


def cross_entropy(scores: Tensor, labels: Tensor) -> Tensor:
    """(S, B, classes), (S, B) -> (S,), each member's mean over its own examples."""
    losses = F.cross_entropy(scores.flatten(0, 1), labels.flatten(), reduction="none")
    return losses.view(labels.shape).mean(1)


def classification_step(scores: Tensor, labels: Tensor) -> Step:
    """A training step from scores (S, B, classes) and labels (S, B)."""
    correct = (scores.detach().argmax(-1) == labels).float().sum(1)
    return Step(cross_entropy(scores, labels), correct, labels.shape[1])


def loss_and_accuracy(scores: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """The two metrics of a classifier, each (S,)."""
    accuracy = (scores.argmax(-1) == labels).float().mean(1)
    return {"loss": cross_entropy(scores, labels), "accuracy": accuracy}
