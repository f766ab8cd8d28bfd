"""The aggregation block of params.yaml."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from inductive.core.settings import Count, Distinct, Dropout, NonNegative, Positive, Seeds
from inductive.core.settings import Settings as Block
from inductive.studies.shared.graph_settings import Entries, SpecimenSplit

Number = int | float
"""Not converted: it becomes part of labels and of names of folders."""
Parameters = Annotated[list[Number | Literal["inf", "-inf"]], Distinct]
Starts = Annotated[list[Number], Distinct]


class Limits(Block):
    """Random neighbourhoods on which the aggregators' limits are measured."""

    nodes: Count
    degree: Count
    """A node has 1 to 2 degree - 1 neighbours."""
    width: Count
    """Of a message."""
    parameters: Annotated[list[Positive], Field(min_length=1), Distinct]
    """Finite values of λ and q that approach their limits."""


class Learnt(Block):
    """Aggregators whose parameter and size exponent are learnt."""

    softmax: Starts = Field(default=[])
    """Values that λ starts from."""
    power: Starts = Field(default=[])
    """Values that q starts from."""

    @field_validator("power")
    @classmethod
    def _has_gradient(cls, starts: list[Number]) -> list[Number]:
        if 0 in starts:
            raise ValueError("a learnt power cannot start at 0, where it has no gradient")
        return starts


class Grid(Block):
    """Fixed aggregators: every parameter of a family times every exponent; and learnt ones."""

    softmax: Parameters = Field(default=[])
    """Values of λ."""
    power: Parameters = Field(default=[])
    """Values of q."""
    exponents: Annotated[list[Number], Field(min_length=1), Distinct]
    """Values of η, the exponent of the number of neighbours."""
    learnt: Learnt = Learnt()


class ThresholdTask(Block):
    """A task with a known correct aggregator. Its network has no dropout."""

    epochs: Count
    dropout: Annotated[float, Field(ge=0, le=0)]
    learning_rate: Positive
    weight_decay: NonNegative
    grid: Grid


class NetworkTask(Block):
    """A data set on which the aggregators are layers of a network."""

    epochs: Count
    hidden: Count
    dropout: Dropout
    learning_rate: Positive
    weight_decay: NonNegative
    """Of all parameters but the aggregators' own."""
    grid: Grid


class Tasks(Entries):
    """The tasks: <data set>, or <data set>-<target>."""

    neighbourhoods_mean: ThresholdTask | None = Field(default=None, alias="neighbourhoods-mean")
    neighbourhoods_max: ThresholdTask | None = Field(default=None, alias="neighbourhoods-max")
    neighbourhoods_min: ThresholdTask | None = Field(default=None, alias="neighbourhoods-min")
    neighbourhoods_sum: ThresholdTask | None = Field(default=None, alias="neighbourhoods-sum")
    cora: NetworkTask | None = None
    celltypegraph: NetworkTask | None = None


class Settings(Block):
    """The whole block."""

    seeds: Seeds
    split: SpecimenSplit
    """Of celltypegraph's specimens."""
    limits: Limits
    tasks: Tasks
