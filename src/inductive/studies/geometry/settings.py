"""The `geometry:` block of params.yaml."""

from typing import Annotated

from pydantic import Field

from inductive.core.settings import Count, Counts, Distinct, Seeds
from inductive.core.settings import Settings as Block

OpenFractions = Annotated[list[Annotated[float, Field(gt=0, lt=1)]], Field(min_length=1), Distinct]
"""Different numbers strictly between 0 and 1."""
AtLeastTwo = Annotated[int, Field(ge=2)]


class Projection(Block):
    """Random projections of a cloud of points."""

    points: AtLeastTwo
    dimension: Count
    epsilons: OpenFractions
    """Distortions for which the lemma gives a number of dimensions."""
    draws: Count
    """Random matrices per seed and distortion."""


class Orthogonal(Block):
    """Sets of almost orthogonal unit vectors."""

    dimensions: Counts
    deltas: OpenFractions
    """Largest allowed |x·y| of two vectors of a set."""
    patience: Count
    """Consecutive draws that do not fit after which a search ends."""
    most: AtLeastTwo
    """Size of a set at which a search ends."""


class Angles(Block):
    """Angles of pairs of random vectors."""

    dimensions: Counts
    pairs: AtLeastTwo


class Settings(Block):
    """The settings of the geometry study."""

    seeds: Seeds
    projection: Projection
    orthogonal: Orthogonal
    angles: Angles
