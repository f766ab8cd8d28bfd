"""The `attention:` block of params.yaml."""

from typing import Annotated

from pydantic import Field

from inductive.core.settings import Count, Counts, Distinct, Positive, Seeds
from inductive.core.settings import Settings as Block

Tokens = Annotated[int, Field(ge=2)]
"""A number of tokens."""


class Scale(Block):
    """Scores and their softmax by width of the head."""

    widths: Counts
    tokens: Tokens
    deviation: Positive
    """Standard deviation of the entries of q and k."""


class Heads(Block):
    """Rank of the output by number of heads, at one total width."""

    tokens: Tokens
    width: Count
    counts: Counts
    ranks: Counts
    """Ranks of a head's attention weights."""


class Order(Block):
    """Equivariance to permutations of the tokens."""

    tokens: Tokens
    width: Count
    heads: Count


class Forms(Block):
    """Efficient forms against plain ones."""

    tokens: Tokens
    width: Count
    rank: Count
    window: Count


class Relative(Block):
    """A convolution and a max pooling by relative attention."""

    tokens: Annotated[int, Field(ge=8)]
    kernel: Annotated[list[Annotated[int | float, Field(ge=0)]], Field(min_length=3, max_length=3)]
    reach: Annotated[int, Field(ge=1, le=3)]
    """Neighbours to each side over which the maximum is taken."""
    sharpness: Annotated[list[Positive], Field(min_length=2), Distinct]


class Cost(Block):
    """Time and memory of one pass."""

    width: Count
    window: Count
    tokens: Annotated[list[Count], Field(min_length=3), Distinct]


class Settings(Block):
    """The settings of the attention study."""

    seeds: Seeds
    scale: Scale
    heads: Heads
    order: Order
    forms: Forms
    relative: Relative
    cost: Cost
