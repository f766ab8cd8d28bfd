"""Typed settings: the base of every block of params.yaml, and the types that blocks share."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema


class Settings(BaseModel):
    """A block of params.yaml. Unknown keys are refused, and no value is converted."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


def _seeds(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 10_000:
        return list(range(value))
    whole = isinstance(value, list) and all(type(seed) is int and seed >= 0 for seed in value)
    if not whole or not value or len(set(value)) < len(value):
        raise ValueError(
            "expected a count of 1 to 10,000, or a list of different integers of at least 0"
        )
    return value


def _distinct(values: list[Any]) -> list[Any]:
    if any(value in values[:i] for i, value in enumerate(values)):
        raise ValueError("an entry appears twice")
    return values


Seeds = Annotated[
    list[int],
    BeforeValidator(_seeds),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": 10_000},
                {"type": "array", "minItems": 1, "items": {"type": "integer", "minimum": 0}},
            ]
        }
    ),
]
"""A count (5 means 0 to 4) or a list of seeds; a list after validation."""
Distinct = AfterValidator(_distinct)
"""For lists whose entries must differ: `Annotated[list[X], Distinct]`."""
Count = Annotated[int, Field(ge=1)]
NonNegativeInt = Annotated[int, Field(ge=0)]
Fraction = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Dropout = Annotated[float, Field(ge=0, lt=1)]
Precision = Literal["float32", "bfloat16"]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$", max_length=60)]
"""Of a variant, model or padding: it becomes part of a folder's name."""
Counts = Annotated[list[Count], Field(min_length=1), Distinct]
Grid = Annotated[list[NonNegative], Field(min_length=1), Distinct]
