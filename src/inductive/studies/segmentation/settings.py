"""The block `segmentation` of params.yaml."""

from typing import Annotated

from pydantic import Field

from inductive.core.settings import (
    Count,
    Distinct,
    Name,
    NonNegative,
    NonNegativeInt,
    Positive,
    Precision,
    Seeds,
)
from inductive.core.settings import Settings as Block

Depth = Annotated[int, Field(ge=1, le=5)]
"""Halvings of the feature map."""


class Plain(Block):
    """The network and the training from which variants differ."""

    skips: bool
    matched: bool
    """As many parameters as with skips, by more channels; only useful without skips."""
    flips: bool
    """Crops in all eight orientations of a square."""
    elastic: NonNegative
    """Standard deviation of the random displacements, in pixels."""
    border_weight: NonNegative
    """Weight of membranes between close cells in the loss; 0: all pixels weigh the same."""


class Variant(Block):
    """The settings that differ from `plain`; None: as in `plain`."""

    skips: bool | None = None
    matched: bool | None = None
    flips: bool | None = None
    elastic: NonNegative | None = None
    border_weight: NonNegative | None = None


class Evaluation(Block):
    """Settings of the evaluation."""

    tolerances: Annotated[list[NonNegative], Field(min_length=1), Distinct]
    """Pixels by which a boundary may be off."""


class Settings(Block):
    """All settings of the study."""

    seeds: Seeds
    epochs: Count
    batch_size: Count
    learning_rate: Positive
    crop: Annotated[int, Field(ge=16)]
    """Pixels per side."""
    crops_per_image: Count
    """In one epoch."""
    precision: Precision
    """Of training; masks are evaluated in float32."""
    channels: Count
    """Of the first level; every halving doubles them."""
    depth: Depth
    depths: Annotated[list[Depth], Distinct]
    """Of the variants in `sweep_variants`."""
    parts: Annotated[int, Field(ge=2)]
    """Blocks of neighbouring images, one of which is held out."""
    folds: Annotated[list[NonNegativeInt], Field(min_length=1), Distinct]
    """The parts that are held out, counted from 0, each in its own runs."""
    plain: Plain
    variants: Annotated[dict[Name, Variant], Field(min_length=1)]
    sweep_variants: Annotated[list[str], Distinct]
    evaluation: Evaluation
