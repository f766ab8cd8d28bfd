"""The `positions:` block of params.yaml."""

from typing import Annotated

from pydantic import Field

from inductive.core.settings import Distinct, Seeds
from inductive.core.settings import Settings as Block

Even = Annotated[int, Field(ge=2, multiple_of=2)]
"""A number of dimensions: sines and cosines come in pairs."""
Positions = Annotated[int, Field(ge=3)]
"""A number of positions."""


class Codes(Block):
    """The encodings themselves."""

    p: Even
    n: Positions
    longest: Annotated[int, Field(ge=16)]
    """Positions over which the decay of scores with distance is measured."""


class Scores(Block):
    """Scores of random features with an encoding added or concatenated."""

    p: Even
    n: Positions


class Dimensions(Block):
    """Cross terms and angles by dimension."""

    widths: Annotated[list[Even], Field(min_length=2), Distinct]
    n: Positions


class Settings(Block):
    """The settings of the positions study."""

    seeds: Seeds
    codes: Codes
    scores: Scores
    dimensions: Dimensions
