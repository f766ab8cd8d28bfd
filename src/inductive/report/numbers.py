"""Numbers as readers see them: two significant digits of their error, and their unit."""

import math

from inductive.analysis.verdicts import Comparison

_MOST_DECIMALS = 6
"""With more of them a number is written as a power of ten."""
_SHARES = ("%", "points")


def rounded(value: float, error: float, unit: str = "") -> str:
    """A value with as many digits as give its error two significant ones: '81.53', '1230'.

    With an error of 0 the value is exact and has up to six significant digits. A dash for a value
    that is not finite; one of unknown error has two significant digits. Shares in % and their
    differences in points are never rounded to tens.
    """
    if not math.isfinite(value):
        return "—"
    if error == 0:
        return f"{value:.6g}"
    if not math.isfinite(error):
        error = abs(value) or 1.0
    decimals = _decimals(error, unit)
    if decimals > _MOST_DECIMALS:
        digits = math.floor(math.log10(abs(value))) + decimals if value else 0
        return f"{value:.{max(0, digits)}e}"
    text = f"{round(value, decimals):.{max(0, decimals)}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def _decimals(error: float, unit: str) -> int:
    """Decimals with which an error has two significant digits after rounding, or more."""
    exponent = math.floor(math.log10(abs(error)))
    if round(abs(error) / 10.0**exponent, 1) >= 10:  # 0.0996 is 0.10
        exponent += 1
    return max(1 - exponent, 0) if unit in _SHARES else 1 - exponent


def exact_number(value: float) -> str:
    """A value without an error, with three significant digits or all before the point: '2.00'."""
    if abs(value) >= 1000 or value == 0:
        return f"{value:.0f}"
    text = f"{value:#.3g}"
    return text.removesuffix(".")


def two_digits(value: float, unit: str = "") -> str:
    """A value with two significant digits: an error, a smallest effect."""
    return rounded(value, value, unit)


def at_least(value: float, unit: str = "") -> str:
    """A value with two significant digits, rounded up: what is smaller than the value is smaller
    than what is written."""
    if not math.isfinite(value) or value <= 0:
        return two_digits(value, unit)
    step = 10.0 ** -_decimals(value, unit)
    return two_digits(math.ceil(round(value / step, 9)) * step, unit)


def with_unit(number: str, unit: str) -> str:
    """'1.2 points'; the number alone where it has no unit."""
    return f"{number} {unit}" if unit else number


def is_difference(comparison: Comparison) -> bool:
    """Whether the compared quantity is a difference of levels, not a level."""
    known = comparison.contrast is not None and comparison.contrast.difference
    return known or math.isinf(comparison.region[1])


def unit_of(comparison: Comparison) -> str:
    """The unit of a comparison's quantity: a difference of shares is in points."""
    if comparison.unit == "%" and is_difference(comparison):
        return "points"
    return comparison.unit


def counted(count: int, noun: str) -> str:
    """'1 seed', '1,200 seeds'."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def about(count: int, noun: str) -> str:
    """'24 seeds', 'about 1,300 seeds': an estimate, with two significant digits."""
    if count < 100:
        return counted(count, noun)
    return f"about {counted(int(float(f'{count:.1e}')), noun)}"
