"""The oversmoothing block of params.yaml."""

from typing import Annotated, Literal

from pydantic import Field

from inductive.core.settings import (
    Count,
    Distinct,
    Dropout,
    Fraction,
    NonNegative,
    Positive,
    Seeds,
)
from inductive.core.settings import Settings as Block
from inductive.studies.shared.graph_settings import Entries, SpecimenSplit

RemedyName = Literal[
    "none", "self", "residual", "pair-norm", "batch-norm", "he", "he-unregularised", "gcnii"
]


class Overrides(Block):
    """Settings of a remedy that take precedence over those of the graph."""

    hidden: Count | None = None
    dropout: Dropout | None = None
    learning_rate: Positive | None = None
    weight_decay: NonNegative | None = None
    epochs: Count | None = None


class Remedy(Overrides):
    """A remedy against oversmoothing, for the plain stack of graph convolutions."""

    gain: Positive | None = None
    """Factor of the initial weights."""


class GCNIIRemedy(Overrides):
    """GCNII, a different network."""

    initial: Fraction
    """α, the share of the first layer's output in the input of every later one."""
    strength: Positive
    """θ, from which the weight of a layer's matrix beside the identity follows."""
    mixed_weight_decay: NonNegative
    """Of the layers' matrices; `weight_decay` is that of the first and the last linear layer."""


class Remedies(Entries):
    """The remedies that graphs may name under `depths`."""

    none: Remedy | None = None
    self_: Remedy | None = Field(default=None, alias="self")
    residual: Remedy | None = None
    pair_norm: Remedy | None = Field(default=None, alias="pair-norm")
    batch_norm: Remedy | None = Field(default=None, alias="batch-norm")
    he: Remedy | None = None
    he_unregularised: Remedy | None = Field(default=None, alias="he-unregularised")
    gcnii: GCNIIRemedy | None = None


class GraphNumbers(Block):
    """The training and the depths of networks on one data set."""

    hidden: Count
    dropout: Dropout
    drop_input: bool
    """Whether dropout is applied to the input features too."""
    learning_rate: Positive
    weight_decay: NonNegative
    epochs: Count
    depths: Annotated[dict[RemedyName, Annotated[list[Count], Distinct]], Field(min_length=1)]
    """Numbers of graph convolutions, by remedy."""


class Graphs(Entries):
    """The data sets."""

    celltypegraph: GraphNumbers | None = None
    cora: GraphNumbers | None = None


class Settings(Block):
    """The whole block."""

    seeds: Seeds
    split: SpecimenSplit
    """Of celltypegraph's specimens."""
    remedies: Remedies
    graphs: Graphs
