"""The block `rotation` of params.yaml."""

from typing import Annotated, Literal

from pydantic import Field

from inductive.core.settings import Count, Distinct, Name, Positive, Precision, Seeds
from inductive.core.settings import Settings as Block

DatasetName = Literal["cifar10", "mnist", "galaxy10"]
Angle = Annotated[float, Field(ge=-360, le=360)]
"""Degrees, counter-clockwise."""


class Sizes(Block):
    """The largest number of images of each part."""

    train: Count
    validation: Count
    test: Count


class Variant(Block):
    """A network and the images that it is trained on."""

    group: Literal["z2", "p4", "p4m"]
    """z2: a plain network."""
    pictures: Literal["upright", "rotated", "augmented"]
    """In training: unchanged, each rotated once, or rotated by another angle in every epoch."""
    disc: bool
    """Black outside the inscribed circle."""
    datasets: Annotated[list[DatasetName], Distinct] | None = None
    """None: all."""


class Evaluation(Block):
    """Settings of the evaluation."""

    angles: Annotated[list[Angle], Field(min_length=1), Distinct]


class Settings(Block):
    """All settings of the study."""

    seeds: Seeds
    datasets: Annotated[dict[DatasetName, Sizes], Field(min_length=1)]
    batch_size: Count
    epochs: Count
    learning_rate: Positive
    precision: Precision
    """Of training and evaluation; equivariance is always measured in float32."""
    variants: Annotated[dict[Name, Variant], Field(min_length=1)]
    evaluation: Evaluation
