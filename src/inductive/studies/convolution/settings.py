"""The `convolution:` block of params.yaml."""

from typing import Annotated

from pydantic import Field

from inductive.core.settings import Count, Counts, Distinct, NonNegativeInt, Seeds
from inductive.core.settings import Settings as Block


class Pixel(Block):
    """The first pixel of random images."""

    size: Annotated[int, Field(ge=3)]
    """Rows and columns of an image."""
    images: Count
    """Random images, each with a random kernel, per seed."""


class Sizes(Block):
    """Output sizes of every combination of these numbers."""

    inputs: Counts
    kernels: Counts
    strides: Counts
    paddings: Annotated[list[NonNegativeInt], Field(min_length=1), Distinct]


class Settings(Block):
    """The settings of the convolution study."""

    seeds: Seeds
    pixel: Pixel
    sizes: Sizes
