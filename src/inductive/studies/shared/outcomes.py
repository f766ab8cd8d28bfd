"""Means over examples, which are the same for every seed or are drawn anew for each."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from torch import Tensor

from inductive.training.measurements import MeasurementTable


def add_mean(
    table: MeasurementTable,
    outcomes: np.ndarray | Tensor,
    metric: str,
    *,
    same: bool,
    selection: str = "",
    split: str = "",
    **coordinates: int | float,
) -> None:
    """Add the mean of each seed's outcomes (S, N), bool or numbers.

    The outcomes are kept where `same`: a column is then the same test example for every seed.
    """
    where: dict[str, Any] = {"selection": selection, "split": split, **coordinates}
    if same:
        table.add_outcomes(outcomes, metric, **where)
    else:
        shares = outcomes.astype(float) if isinstance(outcomes, np.ndarray) else outcomes.double()
        table.add(shares.mean(1).tolist(), metric, **where)


def note_examples(table: MeasurementTable, split: Mapping[str, np.ndarray]) -> None:
    """The note `examples` of a run in which every seed has its own test examples: how many examples
    one seed is trained and tested on. Estimates from splits that overlap are not independent; these
    numbers say by how much (Nadeau and Bengio 2003, doi:10.1023/A:1024068626366)."""
    table.note("examples", {part: len(split[part]) for part in ("train", "test")})
