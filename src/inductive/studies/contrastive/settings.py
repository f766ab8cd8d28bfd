"""The `contrastive` block of params.yaml."""

from typing import Annotated

from pydantic import Field

from inductive.core.settings import (
    Count,
    Counts,
    Distinct,
    NonNegative,
    Positive,
    Precision,
    Seeds,
)
from inductive.core.settings import Settings as Block

HeldOut = Annotated[float, Field(gt=0, lt=0.5)]
"""A share of the images that is held out."""
BatchSize = Annotated[int, Field(ge=2)]
"""Of images; each gives two views."""


class Split(Block):
    """Shares of the images that are held out; the rest is for training."""

    validation: HeldOut
    test: HeldOut


class Base(Block):
    """The run with which all others are compared."""

    temperature: Positive
    batch_size: BatchSize
    rotation: bool
    """Whether views are rotated by any angle."""


class Evaluation(Block):
    """How representations are evaluated."""

    labels: Counts
    """Numbers of labelled training images that the linear classifier gets."""
    neighbours: Count


class Settings(Block):
    """All settings of the contrastive study."""

    seeds: Seeds
    epochs: Count
    learning_rate: Positive
    weight_decay: NonNegative
    size: Annotated[int, Field(ge=16)]
    """Pixels per side to which images are resized."""
    projection: Count
    """Dimension of g."""
    precision: Precision
    """Of training; representations are computed in float32 for the evaluation."""
    split: Split
    base: Base
    temperatures: Annotated[list[Positive], Field(min_length=1), Distinct]
    batch_sizes: Annotated[list[BatchSize], Field(min_length=1), Distinct]
    evaluation: Evaluation
