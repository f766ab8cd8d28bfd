"""Numbers with their units, as claims write them: `3 points`, `81.5 %`, `0.3 bits`.

The unit of a share's level is `%`, that of a difference of shares `points`.
"""

import math
import re
from typing import Any, NamedTuple

_TEXT = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*")
_WORDS = {"°": ("degrees", "degree"), "px": ("px",), "ms": ("ms",)}


class Quantity(NamedTuple):
    """A number, and its unit as written."""

    value: float
    unit: str = ""
    """Empty for a pure number."""

    def __str__(self) -> str:
        return f"{self.value:g} {self.unit}".rstrip()


def parse_quantity(written: Any) -> Quantity | None:
    """The quantity that a number or a text such as '3 points' states; None for anything else."""
    if isinstance(written, str):
        match = _TEXT.fullmatch(written)
        quantity = Quantity(float(match[1]), match[2]) if match else None
    elif isinstance(written, (int, float)) and not isinstance(written, bool):
        quantity = Quantity(float(written))
    else:
        quantity = None
    return quantity if quantity and math.isfinite(quantity.value) else None


def unit_words(unit: str, *, difference: bool) -> tuple[str, ...]:
    """What a claim may call a metric's unit; the first is preferred. Empty for a pure number.

    `difference`: of a margin, a tolerance or a deviation, not of a level.
    """
    if not unit:
        return ()
    if unit == "%":
        return ("points", "point") if difference else ("%",)
    return _WORDS.get(unit) or tuple(dict.fromkeys((unit, unit.removesuffix("s"))))


def level_unit(difference: str) -> str:
    """The unit of a level, from the unit of differences of such levels."""
    return "%" if difference in ("points", "point") else difference
