"""The measurements of the segmentation study."""

from functools import partial

import numpy as np
import torch

from inductive.core.run import Run
from inductive.data.segments import Segments
from inductive.studies.segmentation.agreement import boundary_f1, overlap
from inductive.studies.segmentation.task import SegmentationTask, Training
from inductive.training.ensemble import Ensemble
from inductive.training.measurements import MeasurementTable

SHOWN = 256
"""Pixels per side of the predicted mask that the report shows."""


def evaluate(
    run: Run, data: Segments, trained: dict[str, Ensemble], device: torch.device
) -> MeasurementTable:
    """Dice, IoU and accuracy of cells and F1 of boundaries, on whole images.

    The same measures of a mask without any membrane ("everything cell") are a baseline. Of the last
    epoch: the loss on the held-out images is measured during training, so it must not select an
    epoch.
    """
    task = SegmentationTask(Training(**run.training), data, device)
    table, ensemble = MeasurementTable(run.seeds), trained["last"]
    predicted = {}
    for part in ("train", "validation"):
        predicted[part] = (task.whole(ensemble, part)[:, :, 0] > 0).cpu().numpy()  # (S, n, h, w)
        true = (task.masks[task.indices(part), 0] > 0).cpu().numpy()  # (n, h, w)
        _add_agreement(table, part, predicted[part], true, run.evaluation["tolerances"])
    for seed, masks in zip(run.seeds, predicted["validation"], strict=True):
        table.keep("mask", masks[0, :SHOWN, :SHOWN], seed)
    table.note("shown image", int(task.parts["validation"][0]))
    table.add_constant(sum(p[0].numel() for p in ensemble.parameters.values()), "parameters")
    return table


def _add_agreement(
    table: MeasurementTable,
    part: str,
    predicted: np.ndarray,
    true: np.ndarray,
    tolerances: list[float],
) -> None:
    """The measures of the predicted masks (S, n, h, w), and of masks without membranes."""
    add = partial(table.add, selection="last", split=part)
    all_cell = np.ones_like(predicted)
    for metric, values in overlap(predicted, true).items():
        add(values, metric)
    for metric, values in overlap(all_cell, true).items():
        add(values, f"{metric}, everything cell")
    for tolerance in tolerances:
        scores = [boundary_f1(masks, true, tolerance) for masks in predicted]
        add(scores, "boundary F1", tolerance=tolerance)
        if tolerance == min(tolerances):
            add(scores, "boundary F1")
            baseline = [boundary_f1(masks, true, tolerance) for masks in all_cell]
            add(baseline, "boundary F1, everything cell")
