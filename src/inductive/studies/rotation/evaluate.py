"""The measurements of the rotation study."""

from functools import partial

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
    task = RotationTask(Training(**run.training), data, splits(run, data), device)
    table = MeasurementTable(run.seeds)
    for selection, ensemble in trained.items():
        for part in ("train", "validation", "test"):
            scores, labels = task.predict_part(ensemble, part)
            correct = (scores.argmax(-1) == labels).float().mean(1)
            table.add(correct, "accuracy", selection=selection, split=part)
    ensemble = trained["last"]
    labels = torch.stack([task.labels[task.indices(seed, "test")] for seed in run.seeds])  # (S, n)
    _add_sweep(table, task, ensemble, labels, run.evaluation["angles"])
    for angle in (90, 180, 270):
        change = change_of_scores(task, ensemble, angle)
        table.add(change, "change of scores", selection="last", split="test", angle=angle)
    rotated = (scores_rotated_once(task, ensemble).argmax(-1) == labels).float().mean(1)
    table.add(rotated, "accuracy, rotated once", selection="last", split="test")
    for layer, errors in enumerate(equivariance(task, ensemble).unbind(1), start=1):
        table.add(errors, "equivariance error", selection="last", split="test", layer=layer)
    table.add_constant(sum(p[0].numel() for p in ensemble.parameters.values()), "parameters")
    table.keep("pictures", _pictures(data.pixels[:2]))
    return table


def _add_sweep(
    table: MeasurementTable,
    task: RotationTask,
    ensemble: Ensemble,
    labels: Tensor,
    angles: list[float],
) -> None:
    """Accuracy and consistency at every angle, and their summaries over the circle."""
    add = partial(table.add, selection="last", split="test")
    upright = scores_at_angle(task, ensemble, 0.0).argmax(-1)  # (S, n)
    add((upright == labels).float().mean(1), "accuracy, upright")
    accuracies, consistencies = [], []
    for angle in angles:
        predicted = scores_at_angle(task, ensemble, angle).argmax(-1)
        accuracies.append((predicted == labels).float().mean(1))
        consistencies.append((predicted == upright).float().mean(1))
        add(accuracies[-1], "accuracy", angle=angle)
        add(consistencies[-1], "consistency", angle=angle)
        nearest = scores_at_angle(task, ensemble, angle, "nearest").argmax(-1)
        accuracy = (nearest == labels).float().mean(1)
        add(accuracy, "accuracy, nearest", angle=angle)
    curve = torch.stack(accuracies)  # (angles, S)
    weights = torch.from_numpy(circle_weights(angles)).float().to(labels.device)[:, None]
    add((weights * curve).sum(0), "mean over angles")
    add(curve.min(0).values, "least over angles")
    add(curve.max(0).values - curve.min(0).values, "range over angles")
    consistency = (weights * torch.stack(consistencies)).sum(0)
    add(consistency, "mean consistency")


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
