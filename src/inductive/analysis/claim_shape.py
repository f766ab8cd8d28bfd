"""The shape of a claim's comparisons in YAML: keys and types, without measurements.

Every function raises InputError with one line that begins with `where`.
"""

from collections.abc import Collection, Mapping
from typing import Any

from inductive.analysis.comparisons import ALL, KINDS, Kind, split_comparison, table_bodies
from inductive.analysis.quantity import Quantity, parse_quantity
from inductive.core.errors import InputError, unknown

_NOT_NEGATIVE = ("by", "margin", "tolerance")
_TABLE = ("table", "levels", "entries", "margin")
_ENTRY = ("key", "of", "sd", "n")


def check_shape(where: str, comparison: Any) -> None:
    """One comparison has one kind, the keys of that kind, and values of the right types."""
    expect(where, "comparisons", comparison, dict, "mappings in the list")
    kinds = [key for key in comparison if key != "each"]
    if len(kinds) != 1:
        raise InputError(
            f"{where}: expected one of {', '.join(KINDS)} per comparison, found {kinds}"
        )
    if kinds[0] not in KINDS:
        raise InputError(f"{where}: {unknown('comparison', kinds[0], KINDS)}")
    kind, body, each = split_comparison(comparison)
    expect(where, kind, body, dict, "a mapping")
    check_keys(where, kind, body, KINDS[kind].required, KINDS[kind].allowed)
    for key, value in body.items():
        _check_entry(where, f"{kind}.{key}", value, KINDS[kind], key)
    _check_deviation(where, kind, body)
    if ("more_minus" in body) != ("less_minus" in body):
        raise InputError(f"{where}: {kind}: more_minus and less_minus are only given together")
    expect(where, "each", each, dict, "a mapping")
    for column, values in each.items():
        if values != ALL and (not isinstance(values, list) or not values):
            raise InputError(f"{where}: each.{column}: expected a list or all, found {values!r}")


def _check_entry(where: str, name: str, value: Any, kind: Kind, key: str) -> None:
    if key in kind.selectors_or_numbers and parse_quantity(value):
        return
    if key in kind.numbers + kind.optional_numbers:
        quantity = expect_quantity(where, name, value)
        if key in _NOT_NEGATIVE and quantity.value < 0:
            raise InputError(f"{where}: {name}: expected at least 0, found {value}")
        return
    expect(where, name, value, dict, "a selector")


def _check_deviation(where: str, kind: str, body: Mapping[str, Any]) -> None:
    """A target's standard deviation is not negative and comes with the number of values."""
    if ("target_sd" in body) != ("target_n" in body):
        raise InputError(f"{where}: {kind}: target_sd and target_n are only given together")
    if "target_sd" not in body:
        return
    if expect_quantity(where, f"{kind}.target_sd", body["target_sd"]).value < 0:
        raise InputError(f"{where}: {kind}.target_sd: {body['target_sd']} is below 0")
    _check_count(where, f"{kind}.target_n", body["target_n"])


def _check_count(where: str, name: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 2:
        raise InputError(f"{where}: {name}: expected a whole number, at least 2, found {value!r}")


def expect_quantity(where: str, name: str, value: Any) -> Quantity:
    """The quantity of a key's value; InputError where it is no number with or without a unit."""
    quantity = parse_quantity(value)
    if quantity is None:
        raise InputError(f"{where}: {name}: expected a number with its unit, found {value!r}")
    return quantity


def check_table_shape(where: str, table: Any) -> None:
    """The entry `published_table` of a claim has its keys."""
    expect(where, "published_table", table, dict, "a mapping")
    check_keys(where, "published_table", table, _TABLE, _TABLE)
    expect_quantity(where, "published_table.margin", table["margin"])
    expect(where, "published_table.levels", table["levels"], list, "a list of columns")
    expect(where, "published_table.entries", table["entries"], list, "a list")
    for entry in table["entries"]:
        expect(where, "published_table.entries", entry, dict, "mappings in the list")
        check_keys(where, "published_table.entries", entry, _ENTRY[:2], _ENTRY)
        expect(where, "published_table.entries.of", entry["of"], dict, "a selector")
        if ("sd" in entry) != ("n" in entry):
            raise InputError(f"{where}: published_table.entries: sd and n are only given together")


def check_table(where: str, table: dict[str, Any], published: Mapping[str, Any]) -> None:
    """published.yaml has the table, nested as the claim says, and every cell makes a comparison."""
    name = table["table"]
    if name not in published:
        raise InputError(f"{where}: {unknown('table of published.yaml', name, published)}")
    try:
        bodies = list(table_bodies(table, published))
    except (KeyError, IndexError, TypeError, AttributeError):
        raise InputError(
            f"{where}: published_table: '{name}' of published.yaml is not nested by "
            f"{table['levels']} with these entries in every cell"
        ) from None
    for body in bodies:
        check_shape(where, {"within": body})


def check_keys(
    where: str,
    what: str,
    found: Mapping[str, Any],
    required: Collection[str],
    allowed: Collection[str],
) -> None:
    """All required keys are there, and only allowed ones."""
    for key in found:
        if key not in allowed:
            raise InputError(f"{where}: {what}: {unknown('key', key, allowed)}")
    for key in required:
        if key not in found:
            raise InputError(f"{where}: {what}: the key '{key}' is missing")


def expect(where: str, name: str, value: Any, kind: type, expected: str) -> None:
    """A value is of a kind, which an error calls `expected`."""
    if not isinstance(value, kind):
        raise InputError(f"{where}: {name}: expected {expected}, found {value!r}")
