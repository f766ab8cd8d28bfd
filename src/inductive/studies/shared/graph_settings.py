"""Parts of params.yaml that the graph studies have in common. Imports no torch."""

import math
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from inductive.core.settings import NonNegativeInt, Settings


class Entries(Settings):
    """A mapping with known names, at least one of which is present.

    Each is declared as `name: Model | None = None`.
    """

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not self.entries():
            raise ValueError("is empty; at least one entry is needed")
        return self

    def entries(self) -> dict[str, Any]:
        """The entries that are present, by their names in params.yaml, in order of declaration."""
        fields = type(self).model_fields.items()
        entries = {field.alias or name: getattr(self, name) for name, field in fields}
        return {name: entry for name, entry in entries.items() if entry is not None}


class SpecimenSplit(Settings):
    """How the specimens of every stage are split."""

    shares: Annotated[list[Annotated[float, Field(gt=0, lt=1)]], Field(min_length=3, max_length=3)]
    """Of training, validation and test."""
    seed: NonNegativeInt
    folds: Literal[0] | Annotated[int, Field(ge=3)]
    """0: one split by `shares`. Otherwise a seed tests on fold seed % folds."""

    @field_validator("shares")
    @classmethod
    def _sum_to_one(cls, shares: list[float]) -> list[float]:
        if not math.isclose(sum(shares), 1.0, abs_tol=1e-6):
            raise ValueError("expected shares that add up to 1")
        return shares
