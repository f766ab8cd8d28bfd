"""The `gradients:` block of params.yaml."""

from typing import Annotated

from pydantic import Field

from inductive.core.settings import Count, Counts, Distinct, Positive, Seeds
from inductive.core.settings import Settings as Block


class Chains(Block):
    """Chains of ReLU units on scalars."""

    depths: Counts
    scales: Annotated[list[Positive], Field(min_length=1), Distinct]
    """Medians of the random weights; unit weights are measured as well."""
    points: Count
    """Random inputs per chain."""


class Recurrent(Block):
    """A recurrent sigmoid network."""

    widths: Counts
    steps: Annotated[list[Annotated[int, Field(ge=2)]], Field(min_length=1), Distinct]
    """The step n to which the Jacobian from step 1 is taken."""
    largest: Positive
    """Largest singular value of the weight matrix."""
    starts: Count
    """Random starting points per width."""


class Settings(Block):
    """The settings of the gradients study."""

    seeds: Seeds
    chains: Chains
    recurrent: Recurrent
