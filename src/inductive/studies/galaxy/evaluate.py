"""The measurements of the galaxy study."""

import math

import torch
from torch import Tensor

from inductive.core.run import Run
from inductive.data.images import Images
from inductive.studies.galaxy.task import GalaxyTask, Training, splits
from inductive.training.classification import loss_and_accuracy
from inductive.training.ensemble import Ensemble
from inductive.training.measurements import MeasurementTable


def evaluate(
    run: Run, data: Images, trained: dict[str, Ensemble], device: torch.device
) -> MeasurementTable:
    """Loss and accuracy before training and of both selections; recall per class, confusion."""
    training = Training(**run.training)
    task = GalaxyTask(training, data, splits(training, data), device, run.seeds[0])
    table = MeasurementTable(run.seeds)
    untrained = Ensemble.initialise(task.build, run.seeds, device)
    for selection, ensemble in {"untrained": untrained, **trained}.items():
        for part in ("train", "validation", "test"):
            scores, labels = task.predict_part(ensemble, part)
            for metric, values in loss_and_accuracy(scores, labels).items():
                table.add(values, metric, selection=selection, split=part)
                if metric == "loss":
                    relative = values / math.log(data.num_classes)
                    table.add(relative, "loss, share of chance", selection=selection, split=part)
            if part == "test":
                _add_classes(table, selection, scores.argmax(-1), labels, data.num_classes)
    return table


def _add_classes(
    table: MeasurementTable, selection: str, predicted: Tensor, labels: Tensor, num_classes: int
) -> None:
    """Test images of every pair of true and predicted class, recall per class and its mean.

    `predicted` and `labels` are (S, n). The recall of a class without test images is NaN, and the
    mean is over the other classes.
    """
    pairs = labels * num_classes + predicted
    counts = torch.stack([p.bincount(minlength=num_classes**2) for p in pairs]).float()
    confusion = counts.view(-1, num_classes, num_classes)  # (S, true, predicted)
    recall = confusion.diagonal(dim1=1, dim2=2) / confusion.sum(2)  # (S, true)
    table.add(recall.nanmean(1), "balanced accuracy", selection=selection, split="test")
    for true in range(num_classes):
        table.add(recall[:, true], "recall", selection=selection, split="test", true=true)
        for guess in range(num_classes):
            table.add(
                confusion[:, true, guess],
                "confusion",
                selection=selection,
                split="test",
                true=true,
                predicted=guess,
            )
