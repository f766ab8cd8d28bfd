"""The graph_algebra block of params.yaml."""

from typing import Annotated

from pydantic import Field

from inductive.core.settings import Count, Distinct, Positive, Seeds
from inductive.core.settings import Settings as Block

Sizes = Annotated[list[Count], Field(min_length=2), Distinct]


class Identities(Block):
    """The random graph and its features."""

    nodes: Annotated[int, Field(ge=2)]
    degree: Positive
    """Expected number of neighbours of a node."""
    width: Count
    """Of the features."""


class Cost(Block):
    """The sizes for which attention is timed."""

    nodes: Count
    """Of the graphs that differ in their number of edges."""
    width: Count
    edges: Sizes
    """Each counted in both directions."""
    dense_nodes: Sizes
    """Numbers of nodes for attention between all pairs, and over a fixed number of neighbours."""


class Settings(Block):
    """The whole block."""

    seeds: Seeds
    identities: Identities
    cost: Cost
