"""Changes of a trained network's scores and maps when its input is rotated."""

from collections.abc import Callable, Iterator

import torch
from torch import Tensor

from inductive.studies.rotation.task import RotationTask
from inductive.studies.shared.image_task import BATCH
from inductive.training.ensemble import Ensemble


def scores_at_angle(
    task: RotationTask, ensemble: Ensemble, angle: float, interpolation: str = "bilinear"
) -> Tensor:
    """(S, n, classes): scores of all test images rotated by one angle, in degrees."""
    return _scores(task, ensemble, lambda images, *_: task.turned(images, angle, interpolation))


def scores_rotated_once(task: RotationTask, ensemble: Ensemble) -> Tensor:
    """(S, n, classes): scores of all test images, each rotated by its own angle."""

    def rotated(images: Tensor, indices: Tensor, seed: int) -> Tensor:
        return task.turned(images, task.angles(seed)[indices])

    return _scores(task, ensemble, rotated)


def _scores(
    task: RotationTask, ensemble: Ensemble, transform: Callable[[Tensor, Tensor, int], Tensor]
) -> Tensor:
    def views(seed: int) -> Iterator[Tensor]:
        for indices in task.indices(seed, "test").split(BATCH):
            yield task.normalised(transform(task.raw(indices), indices, seed), seed)

    return task.predict(ensemble, views)


def change_of_scores(task: RotationTask, ensemble: Ensemble, angle: float) -> Tensor:
    """(S,): the largest change of a score of a test image when it is rotated, as a share of the
    largest score. In float32."""
    changes = []
    for i, seed in enumerate(ensemble.seeds):
        single, scores = ensemble.select(i), []
        for indices in task.indices(seed, "test").split(BATCH):
            images = task.raw(indices)
            both = [task.turned(images, degrees) for degrees in (0.0, angle)]
            scores.append(torch.cat([single(task.normalised(x, seed)) for x in both]))
        upright, rotated = torch.cat(scores, 1)
        changes.append((rotated - upright).abs().max() / upright.abs().max())
    return torch.stack(changes)


def equivariance(task: RotationTask, ensemble: Ensemble, count: int = 64) -> Tensor:
    """(S, layers): the equivariance error of each layer on the first `count` test images of each
    seed. In float32."""
    errors = []
    for i, seed in enumerate(ensemble.seeds):
        indices = task.indices(seed, "test")[:count]
        x = task.normalised(task.turned(task.raw(indices), 0.0), seed)
        errors.append(ensemble.select(i)(x, method="equivariance_errors"))
    return torch.cat(errors)
