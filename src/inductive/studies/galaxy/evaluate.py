"""The measurements of the galaxy study."""

import math
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from inductive.core.run import Run
from inductive.data.images import Images
from inductive.studies.galaxy.task import GalaxyTask, Training, splits
from inductive.studies.shared.outcomes import add_mean, note_examples
from inductive.training.ensemble import Ensemble
from inductive.training.measurements import MeasurementTable


def evaluate(
    run: Run, data: Images, trained: dict[str, Ensemble], device: torch.device
) -> MeasurementTable:
    """Loss and accuracy before training and of both selections; recall per class, confusion."""
    training = Training(**run.training)
    split = splits(training, data)
    task = GalaxyTask(training, data, split, device, run.seeds[0])
    table = MeasurementTable(run.seeds)
    same = {
        "train": False,
        "validation": not training.stratified,
        "test": not training.stratified or bool(data.is_test.any()),
    }
    if not same["test"]:
        note_examples(table, split(run.seeds[0]))
    untrained = Ensemble.initialise(task.build, run.seeds, device)
    for selection, ensemble in {"untrained": untrained, **trained}.items():
        for part in ("train", "validation", "test"):
            scores, labels = task.predict_part(ensemble, part)
            losses = F.cross_entropy(scores.transpose(1, 2), labels, reduction="none")  # (S, n)
            add = partial(add_mean, table, same=same[part], selection=selection, split=part)
            add(losses, "loss")
            add(losses / math.log(data.num_classes), "loss, share of chance")
            add(scores.argmax(-1) == labels, "accuracy")
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
