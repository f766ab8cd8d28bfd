"""The `language` block of params.yaml."""

from typing import Annotated, Literal

from pydantic import Field

from inductive.core.settings import (
    Count,
    Distinct,
    Dropout,
    Fraction,
    Name,
    NonNegative,
    NonNegativeInt,
    Positive,
    Precision,
    Seeds,
)
from inductive.core.settings import Settings as Block

PositionName = Literal["none", "learned", "sinusoidal", "concatenated", "rope", "alibi", "relative"]
AttentionName = Literal["fused", "naive", "window", "linear"]
BlockLength = Annotated[int, Field(ge=2)]
"""Characters of a training window."""
Share = Annotated[float, Field(gt=0, le=1)]
Beta = Annotated[float, Field(ge=0, lt=1)]


class Model(Block):
    """The size of a GPT."""

    layers: Count
    heads: Count
    width: Count


class Protocol(Block):
    """A GPT and how it is trained."""

    model: str
    """A name in `models`."""
    block: BlockLength
    batch_size: Count
    steps: Count
    report_every: Count
    """Steps per epoch of the training curves."""
    watched: Count
    """Windows whose loss is measured after every epoch."""
    learning_rate: Positive
    warmup: NonNegativeInt
    """Steps."""
    final: Fraction
    """The learning rate at the end of its cosine, as a share of the largest."""
    betas: Annotated[list[Beta], Field(min_length=2, max_length=2)]
    weight_decay: NonNegative
    """Of matrices."""
    clip: Positive
    """Largest norm of a gradient."""
    dropout: Dropout
    precision: Precision
    """Of training; losses are evaluated in float32."""
    positions: PositionName
    attention: AttentionName
    window: NonNegativeInt
    """Tokens that a token attends to where attention is `window`."""


class Samples(Block):
    """Texts that are sampled after prompts from the evaluated text."""

    count: Count
    prompt: Count
    """Characters."""
    characters: Count
    temperatures: Annotated[list[Positive], Distinct]
    top_p: Annotated[list[Share], Field(min_length=1), Distinct]
    top_k: Annotated[list[Count], Distinct]


class Verbatim(Block):
    """Prompts from the text whose greedy continuation is compared with the original."""

    prompts: Count
    prompt: Count
    """Characters; fewer where prompt and continuation exceed the block."""
    characters: Count


class Prompt(Block):
    """A prompt whose continuation the report shows."""

    text: Annotated[str, Field(min_length=1)]
    temperature: NonNegative
    top_p: Share


class Evaluation(Block):
    """Settings of the evaluation."""

    stretch: Annotated[list[Positive], Field(min_length=1), Distinct]
    """Lengths of evaluated windows, as multiples of the block."""
    windows: Count
    """At most this many."""
    samples: Samples
    verbatim: Verbatim
    prompts: list[Prompt]


class Settings(Block):
    """All settings of the language study."""

    seeds: Seeds
    held_out: Annotated[float, Field(gt=0, lt=0.5)]
    """Share of the text, its last part."""
    models: Annotated[dict[Name, Model], Field(min_length=1)]
    course: Protocol | None = None
    """The file as it is, nothing held out; None: not run."""
    clean: Protocol
    positions: Annotated[list[PositionName], Field(min_length=1), Distinct]
    """Of the clean protocol, at every block."""
    blocks: Annotated[list[BlockLength], Field(min_length=1), Distinct]
    attentions: Annotated[list[AttentionName], Distinct]
    mlp_layers: Annotated[list[Count], Distinct]
    """Hidden layers of an MLP, at equal parameters."""
    evaluation: Evaluation
