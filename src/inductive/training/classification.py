"""Cross-entropy and accuracy of S classifiers at once."""

import torch.nn.functional as F
from torch import Tensor

from inductive.training.task import Step


def cross_entropy(scores: Tensor, labels: Tensor, weights: Tensor | None = None) -> Tensor:
    """(S, B, classes), (S, B) -> (S,), the mean over each network's own examples.

    With `weights` (classes,) the mean is weighted by those of the examples' classes.
    """
    losses = F.cross_entropy(scores.flatten(0, 1), labels.flatten(), reduction="none")
    losses = losses.view(labels.shape)
    if weights is None:
        return losses.mean(1)
    example_weights = weights[labels]  # (S, B)
    return (losses * example_weights).sum(1) / example_weights.sum(1)


def classification_step(scores: Tensor, labels: Tensor, weights: Tensor | None = None) -> Step:
    """A training step from scores (S, B, classes) and labels (S, B)."""
    correct = (scores.detach().argmax(-1) == labels).float().sum(1)
    return Step(cross_entropy(scores, labels, weights), correct, labels.shape[1])


def loss_and_accuracy(scores: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """`loss` and `accuracy`, each (S,), from scores (S, B, classes) and labels (S, B)."""
    accuracy = (scores.argmax(-1) == labels).float().mean(1)
    return {"loss": cross_entropy(scores, labels), "accuracy": accuracy}
