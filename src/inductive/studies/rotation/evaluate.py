"""The measurements of the rotation study."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from inductive.augment.rotation import disc, rotate
from inductive.core.run import Run
from inductive.data.images import Images
from inductive.studies.rotation.circle import circle_weights
from inductive.studies.rotation.invariance import (
    change_of_scores,
    equivariance,
    scores_at_angle,
    scores_rotated_once,
)
from inductive.studies.rotation.task import RotationTask, Training, splits
from inductive.studies.shared.outcomes import add_mean, note_examples
from inductive.training.ensemble import Ensemble
from inductive.training.measurements import MeasurementTable


def evaluate(
    run: Run, data: Images, trained: dict[str, Ensemble], device: torch.device
) -> MeasurementTable:
    """Accuracy as trained, upright and at every angle; consistency; equivariance of each layer.

    `accuracy` without an angle is on test images with the rotations of the validation images. The
    rest is of the last epoch, as published. `consistency` is the share of images that are
    classified as they are upright, whether correctly or not. `change of scores` and `equivariance
    error` are in float32 for every precision, so that exact invariance shows as rounding error.
    """
    split = splits(run, data)
    task = RotationTask(Training(**run.training), data, split, device)
    table = MeasurementTable(run.seeds)
    tested = _Tested(table, task, run.seeds, published=int(data.is_test.sum()))
    if not tested.same:
        note_examples(table, split(run.seeds[0]))
    for selection, ensemble in trained.items():
        for part in ("train", "validation"):
            scores, labels = task.predict_part(ensemble, part)
            correct = (scores.argmax(-1) == labels).float().mean(1)
            table.add(correct, "accuracy", selection=selection, split=part)
        correct = task.predict_part(ensemble, "test")[0].argmax(-1) == tested.labels
        tested.add(correct, "accuracy", selection=selection)
    ensemble = trained["last"]
    _add_sweep(table, task, ensemble, tested, run.evaluation["angles"])
    for angle in (90, 180, 270):
        change = change_of_scores(task, ensemble, angle)
        table.add(change, "change of scores", selection="last", split="test", angle=angle)
    rotated = scores_rotated_once(task, ensemble).argmax(-1) == tested.labels
    tested.add(rotated, "accuracy, rotated once")
    for layer, errors in enumerate(equivariance(task, ensemble).unbind(1), start=1):
        table.add(errors, "equivariance error", selection="last", split="test", layer=layer)
    table.add_constant(sum(p[0].numel() for p in ensemble.parameters.values()), "parameters")
    table.keep("pictures", _pictures(data.pixels[:2]))
    return table


class _Tested:
    """The test images of every seed, and the measurements that are means over them."""

    def __init__(
        self, table: MeasurementTable, task: RotationTask, seeds: Sequence[int], published: int
    ) -> None:
        """`published` is the number of published test images."""
        indices = torch.stack([task.indices(seed, "test") for seed in seeds])
        self.table = table
        self.labels = task.labels[indices]
        """(S, n)"""
        self.same = indices.shape[1] == published
        """Whether every seed is tested on all published test images, each in its own order."""
        self._order = indices.argsort(1)

    def add(
        self, outcomes: Tensor, metric: str, *, selection: str = "last", **coordinates: float
    ) -> None:
        """Add the mean of outcomes (S, n), which are in each seed's order of the images."""
        by_image = outcomes.gather(1, self._order)
        where: dict[str, Any] = {"selection": selection, "split": "test", **coordinates}
        add_mean(self.table, by_image, metric, same=self.same, **where)


def _add_sweep(
    table: MeasurementTable,
    task: RotationTask,
    ensemble: Ensemble,
    tested: _Tested,
    angles: list[float],
) -> None:
    """Accuracy and consistency at every angle, and their summaries over the circle."""
    labels = tested.labels
    upright = scores_at_angle(task, ensemble, 0.0).argmax(-1)  # (S, n)
    tested.add(upright == labels, "accuracy, upright")
    weights = torch.from_numpy(circle_weights(angles)).to(labels.device)
    right, consistent = (torch.zeros_like(labels, dtype=torch.float64) for _ in range(2))
    accuracies = []
    for angle, weight in zip(angles, weights, strict=True):
        predicted = scores_at_angle(task, ensemble, angle).argmax(-1)
        right += weight * (predicted == labels)
        consistent += weight * (predicted == upright)
        accuracies.append((predicted == labels).float().mean(1))
        tested.add(predicted == labels, "accuracy", angle=angle)
        same = (predicted == upright).float().mean(1)
        table.add(same, "consistency", selection="last", split="test", angle=angle)
        nearest = scores_at_angle(task, ensemble, angle, "nearest").argmax(-1)
        accuracy = (nearest == labels).float().mean(1)
        table.add(accuracy, "accuracy, nearest", selection="last", split="test", angle=angle)
    # The mean over the circle is that of each image first, so that an image is one outcome.
    tested.add(right.clamp(max=1), "mean over angles")  # the weights add up to 1 but for rounding
    tested.add(consistent.clamp(max=1), "mean consistency")
    curve = torch.stack(accuracies)  # (angles, S)
    least, most = curve.min(0).values, curve.max(0).values
    table.add(least, "least over angles", selection="last", split="test")
    table.add(most - least, "range over angles", selection="last", split="test")


def _pictures(pixels: np.ndarray) -> Tensor:
    """The examples (8, s, s, channels) uint8 that the report shows, of two images.

    The first one rotated by 0, 30, 90, 180 and 270 degrees, by 30 without interpolation and by 30
    inside the disc; the second one upright.
    """
    first, second = torch.from_numpy(pixels).permute(0, 3, 1, 2).float().div(255).split(1)
    rotated = [rotate(first, torch.tensor([float(angle)])) for angle in (0, 30, 90, 180, 270)]
    nearest = rotate(first, torch.tensor([30.0]), "nearest")
    inside = rotated[1] * disc(first.shape[-1])
    pictures = torch.cat([*rotated, nearest, inside, second])
    return (255 * pictures).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)
