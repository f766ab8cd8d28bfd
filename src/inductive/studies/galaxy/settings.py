"""The `galaxy` block of params.yaml."""

from typing import Annotated

from pydantic import Field

from inductive.core.settings import (
    Count,
    Dropout,
    Name,
    NonNegative,
    NonNegativeInt,
    Positive,
    Seeds,
)
from inductive.core.settings import Settings as Block

HeldOut = Annotated[float, Field(gt=0, lt=0.5)]
"""A share of the images that is held out."""


class Split(Block):
    """Shares of the images that are held out; the rest is for training."""

    validation: HeldOut
    test: HeldOut
    seed: NonNegativeInt
    """Of the course's one split."""


class Variant(Block):
    """One or more remedies against overfitting; options that are not named are off."""

    dropout: Dropout = 0.0
    weight_decay: NonNegative = 0.0
    augmented: bool = False
    class_weights: bool = False


class Settings(Block):
    """All settings of the galaxy study."""

    seeds: Seeds
    batch_size: Count
    epochs: Count
    learning_rate: Positive
    split: Split
    variants: Annotated[dict[Name, Variant], Field(min_length=1)]
    """Of the clean protocol."""
