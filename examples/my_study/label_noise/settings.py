"""The `label_noise:` block of the parameters."""

from typing import Annotated

from pydantic import Field

from inductive.core import settings


class Settings(settings.Settings):
    """Unknown keys, other types and values out of range are refused before any job starts."""

    seeds: settings.Seeds
    noise: Annotated[list[settings.Fraction], Field(min_length=1), settings.Distinct]
    epochs: settings.Count
    dropout: settings.Dropout
    learning_rate: settings.Positive
    weight_decay: settings.NonNegative
