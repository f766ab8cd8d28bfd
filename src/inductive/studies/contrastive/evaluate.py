"""The measurements of the contrastive study."""

from dataclasses import dataclass

import torch

from inductive.core.run import Run
from inductive.data.images import Images
from inductive.studies.contrastive.embedding import add_shape, keep_embedding, keep_views
from inductive.studies.contrastive.probe import METHODS, add_probes
from inductive.studies.contrastive.task import ContrastiveTask, Training, splits
from inductive.studies.shared.outcomes import note_examples
from inductive.training.ensemble import Ensemble
from inductive.training.measurements import MeasurementTable


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Every evaluation setting of a run."""

    labels: list[int]
    """Numbers of labelled training images that the linear classifier gets."""
    neighbours: int
    examples: bool
    """Whether example views and an embedding in the plane are kept for the report."""


def evaluate(
    run: Run, data: Images, trained: dict[str, Ensemble], device: torch.device
) -> MeasurementTable:
    """Probes on f and g by number of labels; alignment, uniformity, rank and cosines of views.

    Of the last epoch: a contrastive loss does not select the best epoch for the probes. `split` is
    the representation, f or g. Untrained networks are evaluated in the same way.
    """
    evaluation = Evaluation(**run.evaluation)
    training = Training(**run.training)
    split = splits(training, data)
    task = ContrastiveTask(training, data, split, device)
    table = MeasurementTable(run.seeds)
    published_test = bool(data.is_test.any())  # then it is the test part of every seed
    if not published_test:
        note_examples(table, split(run.seeds[0]))
    untrained = Ensemble.initialise(task.build, run.seeds, device)
    for selection, ensemble in {"untrained": untrained, "last": trained["last"]}.items():
        for representation in METHODS:
            add_probes(
                table,
                task,
                ensemble,
                selection,
                representation,
                labels=evaluation.labels,
                neighbours=evaluation.neighbours,
                same_test=published_test,
            )
            add_shape(table, task, ensemble, selection, representation)
    if evaluation.examples:
        keep_views(table, data)
        if run.example in run.seeds:
            keep_embedding(table, task, untrained, trained["last"], run.example)
    return table
