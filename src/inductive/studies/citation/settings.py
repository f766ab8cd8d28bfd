"""The citation block of params.yaml."""

from typing import Annotated, Literal

from pydantic import Field

from inductive.core.settings import (
    Count,
    Distinct,
    Dropout,
    Fraction,
    Grid,
    NonNegative,
    Positive,
    Seeds,
)
from inductive.core.settings import Settings as Block
from inductive.studies.shared.graph_settings import Entries


class Network(Block):
    """A network and its optimiser."""

    hidden: Count
    """Width of the hidden layer (of one head, for a GAT)."""
    dropout: Dropout
    learning_rate: Positive
    weight_decay: NonNegative


class AttentionNetwork(Network):
    """A GAT."""

    heads: Count
    """Of the first layer; their outputs are concatenated."""
    output_heads: Count
    """Of the second layer; their outputs are averaged."""


class Models(Entries):
    """The networks to be trained."""

    GCN: Network | None = None
    GAT: AttentionNetwork | None = None
    MLP: Network | None = None


class RandomSplit(Block):
    """Random splits as in Shchur et al. 2018 (arXiv:1811.05868). The test set is the rest."""

    train_per_class: Count
    validation_per_class: Count
    largest_component: bool
    """Whether only nodes of the largest connected component take part."""


class Evaluation(Block):
    """How much noise is added to the graph that a trained network reads."""

    edge_noise: Grid
    """Random edges, as a share of the number of edges."""
    feature_noise: Annotated[list[Fraction], Field(min_length=1), Distinct]
    """The share of nodes whose features are shuffled among them."""


class Settings(Block):
    """The whole block."""

    seeds: Seeds
    epochs: Count
    models: Models
    splits: Annotated[list[Literal["public", "random"]], Field(min_length=1), Distinct]
    random_split: RandomSplit
    evaluation: Evaluation
