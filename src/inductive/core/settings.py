"""Typed settings: the base of every block of params.yaml, and the types that blocks share."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)

from inductive.core.errors import unknown


class Settings(BaseModel):
    """A block of params.yaml. Unknown keys are refused, and no value is converted."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


FEWEST_SEEDS = 3
"""With fewer seeds no comparison is decided."""
MOST_SEEDS = 10_000
MOST_LOOKS = 6
"""With more looks the first one would be decided at a level below a thousandth."""


@dataclass(frozen=True)
class SeedPlan:
    """The seeds of a block, and after how many of them its comparisons are looked at."""

    seeds: tuple[int, ...]
    """All seeds that may be needed."""
    looks: tuple[int, ...]
    """Counts of the first seeds, ascending; the last one counts them all."""

    def __iter__(self) -> Iterator[int]:
        return iter(self.seeds)

    def __len__(self) -> int:
        return len(self.seeds)

    def plain(self) -> int | list[int] | dict[str, int]:
        """As params.yaml gives it: first and most, a count, or a list."""
        if len(self.looks) > 1:
            return {"first": self.looks[0], "most": self.looks[-1]}
        count = len(self.seeds)
        return count if self.seeds == tuple(range(count)) else list(self.seeds)


def _seed_plan(value: Any) -> Any:
    if isinstance(value, SeedPlan):
        return value
    if isinstance(value, dict):
        return _on_demand(value)
    if type(value) is int and 1 <= value <= MOST_SEEDS:
        return SeedPlan(tuple(range(value)), (value,))
    whole = isinstance(value, list) and all(type(seed) is int and seed >= 0 for seed in value)
    if not whole or not value or len(set(value)) < len(value):
        raise ValueError(
            "expected a count of 1 to 10,000, or a list of different integers of at least 0, or "
            "a mapping of first and most"
        )
    return SeedPlan(tuple(value), (len(value),))


def _on_demand(value: dict[Any, Any]) -> SeedPlan:
    """Looks after `first` seeds, twice as many, ..., `most`."""
    for key in value:
        if key not in ("first", "most"):
            raise ValueError(f"expected first and most; {unknown('key', key, ['first', 'most'])}")
    for key in ("first", "most"):
        if type(value.get(key)) is not int:
            raise ValueError(f"expected first and most, with an integer as {key}")
    first, most = value["first"], value["most"]
    if first < FEWEST_SEEDS:
        raise ValueError(
            f"expected first to be at least {FEWEST_SEEDS}: no comparison is decided with fewer "
            f"than {FEWEST_SEEDS} seeds"
        )
    if most > MOST_SEEDS:
        raise ValueError("expected most to be at most 10,000")
    if first > most:
        raise ValueError("expected first not to be larger than most")
    factor = 2 ** (MOST_LOOKS - 1)
    if most > factor * first:
        raise ValueError(
            f"expected most to be at most {factor * first}, {factor} times first: with more than "
            f"{MOST_LOOKS} looks, too little of the 5 % would be left for the first one"
        )
    looks = [first]
    while looks[-1] < most:
        looks.append(min(2 * looks[-1], most))
    return SeedPlan(tuple(range(most)), tuple(looks))


def _distinct(values: list[Any]) -> list[Any]:
    if any(value in values[:i] for i, value in enumerate(values)):
        raise ValueError("an entry appears twice")
    return values


Seeds = Annotated[
    SeedPlan,
    BeforeValidator(_seed_plan),
    PlainSerializer(SeedPlan.plain),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": MOST_SEEDS},
                {"type": "array", "minItems": 1, "items": {"type": "integer", "minimum": 0}},
                {
                    "type": "object",
                    "properties": {
                        "first": {"type": "integer", "minimum": FEWEST_SEEDS},
                        "most": {"type": "integer", "maximum": MOST_SEEDS},
                    },
                    "required": ["first", "most"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
"""A count (5 means 0 to 4), a list of seeds, or seeds on demand: {first: 3, most: 12}."""
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
