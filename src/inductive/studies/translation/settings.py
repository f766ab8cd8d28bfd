"""The block `translation` of params.yaml."""

from typing import Annotated, Literal

from pydantic import Field

from inductive.core.settings import (
    Count,
    Distinct,
    Fraction,
    Name,
    NonNegative,
    NonNegativeInt,
    Positive,
    Seeds,
)
from inductive.core.settings import Settings as Block

Net = Literal["Net1", "Net2"]
Nets = Annotated[list[Net], Field(min_length=1), Distinct]
Amount = Annotated[int, Field(ge=0, le=8)]
"""Pixels on every side."""


class Adadelta(Block):
    """The optimiser's settings."""

    learning_rate: Positive
    rho: Fraction
    eps: Positive
    weight_decay: NonNegative


class Padding(Block):
    """How images and feature maps are padded."""

    mode: str
    """A function of inductive.nn.padding_modes."""
    amount: Amount


class Course(Block):
    """The published protocol: every network with every padding."""

    nets: Nets
    paddings: Annotated[dict[Name, Padding], Field(min_length=1)]


class Clean(Block):
    """Independent draws and shuffled training: every network, mode and amount."""

    nets: Nets
    modes: Annotated[list[str], Field(min_length=1), Distinct]
    amounts: Annotated[list[Amount], Field(min_length=1), Distinct]
    seeds: Seeds | None = None
    """None: the study's."""
    epochs: Count | None = None
    """None: the study's."""


class Draws(Block):
    """The course protocol on other images of the same kind."""

    data_seeds: Annotated[list[NonNegativeInt], Distinct]
    paddings: Annotated[list[str], Distinct]
    """Names in `course.paddings`."""
    seeds: Seeds


class Evaluation(Block):
    """Settings of the evaluation."""

    shifts: Annotated[list[NonNegativeInt], Field(min_length=1), Distinct]
    """Pixels towards the band of the other class."""


class Settings(Block):
    """All settings of the study."""

    seeds: Seeds
    batch_size: Count
    epochs: Count
    patience: NonNegativeInt
    """Epochs without a better validation loss before training stops."""
    adadelta: Adadelta
    course: Course
    clean: Clean
    draws: Draws
    evaluation: Evaluation
