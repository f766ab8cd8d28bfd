"""The measurements of the language study."""

import math
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import torch

from inductive.core.run import Run
from inductive.data.text import Text
from inductive.studies.language.names import BITS, GRAMMAR, KNOWN
from inductive.studies.language.task import LanguageTask, Training
from inductive.studies.language.writing import (
    Prompt,
    Samples,
    Verbatim,
    add_samples,
    add_verbatim,
    note_texts,
)
from inductive.training.ensemble import Ensemble
from inductive.training.measurements import MeasurementTable

BINS = 8
"""Intervals per block over which losses by position are averaged."""


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Every evaluation setting of a run. Only the base models write texts."""

    stretch: list[float]
    """Lengths of evaluated windows, as multiples of the block."""
    windows: int
    """At most this many."""
    samples: Samples | None = None
    verbatim: Verbatim | None = None
    prompts: list[Prompt] = field(default_factory=list)


def evaluate(
    run: Run, data: Text, trained: dict[str, Ensemble], device: torch.device
) -> MeasurementTable:
    """Bits per character by length and by position; for the base models, texts they write.

    Of the last step: the loss on the evaluated text is also measured during training, so it must
    not select the weights.
    """
    evaluation = Evaluation(**run.evaluation)
    task, table = LanguageTask(Training(**run.training), data, device), MeasurementTable(run.seeds)
    ensemble = trained["last"]
    _add_losses(table, task, ensemble, evaluation)
    if task.floor is not None:
        table.add_constant(task.floor, GRAMMAR)
    table.add_constant(sum(p[0].numel() for p in ensemble.parameters.values()), "parameters")
    if evaluation.samples is not None:
        add_samples(table, task, ensemble, evaluation.samples)
    if evaluation.verbatim is not None:
        add_verbatim(table, task, ensemble, evaluation.verbatim)
    if evaluation.prompts and run.example in run.seeds:
        note_texts(table, task, ensemble, evaluation.prompts, run.example)
    return table


def _add_losses(
    table: MeasurementTable, task: LanguageTask, ensemble: Ensemble, evaluation: Evaluation
) -> None:
    """Losses by length and by position, from one pass over windows of the longest length.

    No output depends on later positions, so the mean of the first L positions is the loss of
    windows of length L.
    """
    part, block, length = task.evaluated_part, task.training.block, task.training.longest
    available = max(1, (len(task.tokens[part]) - 1 - length) // block + 1)
    count = min(evaluation.windows, available)
    starts = np.linspace(0, available - 1, count).round() * block
    losses, correct = task.scored(ensemble, part, starts.astype(int), length)
    by_window = losses.double() / math.log(2)  # (S, windows, length)
    bits = by_window.mean(1)  # (S, length)
    # The windows are the same for every seed, so they are the examples.
    table.add_outcomes(by_window[..., :block].mean(2), BITS, selection="last", split=part)
    table.add(bits[:, block // 2 : block].mean(1), KNOWN, selection="last", split=part)
    table.add(losses[..., :block].double().mean((1, 2)), "loss", selection="last", split=part)
    table.add(correct[..., :block].mean((1, 2)), "accuracy", selection="last", split=part)
    for stretch in evaluation.stretch:
        means = by_window[..., : round(stretch * block)].mean(2)
        table.add_outcomes(means, BITS, selection="last", split=part, relative_length=stretch)
    edges = np.linspace(0, length, round(length / block * BINS) + 1).round().astype(int)
    for low, high in pairwise(edges):
        if high > low:
            mean, centre = bits[:, low:high].mean(1), float((low + high) / 2 / block)
            table.add(mean, BITS, selection="last", split=part, relative_position=centre)
