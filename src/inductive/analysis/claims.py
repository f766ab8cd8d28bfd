"""A study's claims, checked before any job. For the syntax of a claim see `analysis.comparisons`.

Imports neither pandas nor scipy nor torch, because the planner calls it.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from inductive.analysis.comparisons import (
    ALL,
    ANY,
    KINDS,
    LARGEST,
    SMALLEST,
    Case,
    Claim,
    Kind,
    Selector,
    expand,
    split_comparison,
    table_bodies,
)
from inductive.core.errors import InputError, unknown
from inductive.core.metric import Metric
from inductive.core.run import Run
from inductive.training.measurements import FIXED

_REQUIRED = ("id", "type", "source", "stated")
_TEXTS = ("tested", "built_in")
_ALLOWED = (
    *_REQUIRED,
    *_TEXTS,
    "about",
    "replicated",
    "needs",
    "defaults",
    "comparisons",
    "published_table",
)
TYPES = ("identity", "figure", "effect", "scaling", "mechanism")
REPLICATIONS = ("seeds", "draws", "splits", "cases", "timings")
_TABLE = ("table", "levels", "entries", "margin")
_DATA_KINDS = ("generated", "own", "real")


def check_claims(
    study: str,
    claims: Sequence[Claim],
    metrics: Mapping[str, Metric],
    runs: Sequence[Run],
    published: Mapping[str, Any] | None = None,
) -> None:
    """Raise InputError for the first claim that cannot be judged with any parameters.

    Such a claim lacks a key, has an unknown one or an unknown kind of comparison, or names a
    metric, a coordinate or a column that no metric and no run of the study has. A label's value
    that these parameters do not run is no error: the claim is then not run. The cells of a
    published table are checked where `published`, the study's published.yaml, is given.
    """
    seen = set[str]()
    for number, claim in enumerate(claims, 1):
        where = f"{study}/claims.yaml"
        if not isinstance(claim, dict):
            raise InputError(f"{where}: claim {number}: expected a mapping, found {claim!r}")
        where = f"{where}: {claim.get('id', f'claim {number}')}"
        _check_keys(where, "claim", claim, _REQUIRED, _ALLOWED)
        for key in ("id", "stated", *_TEXTS):
            _expect(where, key, claim.get(key, ""), str, "text")
        _check_source(where, claim["source"])
        for key, allowed in (("type", TYPES), ("replicated", REPLICATIONS)):
            if claim.get(key, allowed[0]) not in allowed:
                raise InputError(f"{where}: {key}: {unknown('value', claim[key], allowed)}")
        if claim["id"] in seen:
            raise InputError(f"{where}: the id appears twice")
        seen.add(claim["id"])
        _check_claim(where, claim, metrics, runs, published)


def _check_claim(
    where: str,
    claim: Claim,
    metrics: Mapping[str, Metric],
    runs: Sequence[Run],
    published: Mapping[str, Any] | None,
) -> None:
    _expect(where, "defaults", claim.get("defaults", {}), dict, "a mapping")
    _expect(where, "needs", claim.get("needs", {}), dict, "a mapping")
    _check_about(where, claim.get("about", {}))
    _expect(where, "comparisons", claim.get("comparisons", []), list, "a list")
    if not claim.get("comparisons") and "published_table" not in claim:
        raise InputError(f"{where}: the key 'comparisons' is missing or empty")
    for comparison in claim.get("comparisons", []):
        _check_shape(where, comparison)
    if "published_table" in claim:
        _check_table_shape(where, claim["published_table"])
        if published is None:
            claim = {key: value for key, value in claim.items() if key != "published_table"}
        else:
            _check_table(where, claim["published_table"], published)
    _check_needs(where, claim.get("needs", {}), runs)
    labels: dict[str, list[Any]] = {}
    for run in runs:
        for name, value in run.labels.items():
            labels.setdefault(name, []).append(value)

    def values_of(column: str) -> list[Any]:
        return list(dict.fromkeys(labels[column])) if column in labels else [ANY]

    for case in expand(claim, published or {}, values_of):
        _check_case(where, case, labels, metrics)


def _check_shape(where: str, comparison: Any) -> None:
    _expect(where, "comparisons", comparison, dict, "mappings in the list")
    kinds = [key for key in comparison if key != "each"]
    if len(kinds) != 1:
        raise InputError(
            f"{where}: expected one of {', '.join(KINDS)} per comparison, found {kinds}"
        )
    if kinds[0] not in KINDS:
        raise InputError(f"{where}: {unknown('comparison', kinds[0], KINDS)}")
    kind, body, each = split_comparison(comparison)
    _expect(where, kind, body, dict, "a mapping")
    _check_keys(where, kind, body, KINDS[kind].required, KINDS[kind].allowed)
    for key, value in body.items():
        _check_entry(where, f"{kind}.{key}", value, KINDS[kind], key)
    if ("more_minus" in body) != ("less_minus" in body):
        raise InputError(f"{where}: {kind}: more_minus and less_minus are only given together")
    _expect(where, "each", each, dict, "a mapping")
    for column, values in each.items():
        if values != ALL and (not isinstance(values, list) or not values):
            raise InputError(f"{where}: each.{column}: expected a list or all, found {values!r}")


def _check_entry(where: str, name: str, value: Any, kind: Kind, key: str) -> None:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if key in kind.selectors_or_numbers and number:
        return
    if key in kind.numbers + kind.optional_numbers:
        if not number:
            raise InputError(f"{where}: {name}: expected a number, found {value!r}")
        return
    _expect(where, name, value, dict, "a selector")


def _check_table_shape(where: str, table: Any) -> None:
    _expect(where, "published_table", table, dict, "a mapping")
    _check_keys(where, "published_table", table, _TABLE, _TABLE)
    _expect(where, "published_table.levels", table["levels"], list, "a list of columns")
    _expect(where, "published_table.entries", table["entries"], list, "a list")
    for entry in table["entries"]:
        _expect(where, "published_table.entries", entry, dict, "mappings in the list")
        _check_keys(where, "published_table.entries", entry, ("key", "of"), ("key", "of"))
        _expect(where, "published_table.entries.of", entry["of"], dict, "a selector")


def _check_table(where: str, table: dict[str, Any], published: Mapping[str, Any]) -> None:
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
        _check_shape(where, {"within": body})


def _check_source(where: str, source: Any) -> None:
    """A text, or a document (a key of sources.yaml, or its entry) and a section of it."""
    if not isinstance(source, str):
        _expect(where, "source", source, dict, "a text, or document and section")
        known = ("document", "section", "title", "date", "link")
        _check_keys(where, "source", source, ("document",), known)


def _check_about(where: str, about: Any) -> None:
    _expect(where, "about", about, dict, "data set: kind")
    for name, kind in about.items():
        if kind not in _DATA_KINDS:
            raise InputError(f"{where}: about.{name}: {unknown('kind', kind, _DATA_KINDS)}")


def _check_needs(where: str, needs: Mapping[str, Any], runs: Sequence[Run]) -> None:
    known = {key for run in runs for key in (*run.training, *run.evaluation)}
    for key in needs:
        if key not in known:
            raise InputError(f"{where}: needs: {unknown('number of a run', key, known)}")


def _check_case(
    where: str, case: Case, labels: Collection[str], metrics: Mapping[str, Metric]
) -> None:
    for role, selector in case.selectors.items():
        _check_selector(f"{where}: {case.kind}.{role}", selector, labels, metrics)
    units = {metrics[s["metric"]].unit: s["metric"] for s in case.selectors.values()}
    scales = {metrics[s["metric"]].scale: s["metric"] for s in case.selectors.values()}
    for differing in (units, scales):
        if len(differing) > 1:
            names = " and ".join(f"'{name}'" for name in differing.values())
            raise InputError(f"{where}: {case.kind}: {names} have different units")


def _check_selector(
    where: str, selector: Selector, labels: Collection[str], metrics: Mapping[str, Metric]
) -> None:
    if "metric" not in selector:
        raise InputError(f"{where}: the key 'metric' is missing")
    if selector["metric"] not in metrics:
        raise InputError(f"{where}: {unknown('metric', selector['metric'], metrics)}")
    coordinates = metrics[selector["metric"]].coordinates
    for column, value in selector.items():
        if column in coordinates:
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if not number and value not in (ANY, LARGEST, SMALLEST):
                raise InputError(
                    f"{where}: {column}: expected a number, {ANY}, {LARGEST} or {SMALLEST}, "
                    f"found {value!r}"
                )
        elif column not in FIXED and column not in labels:
            raise InputError(
                f"{where}: {unknown('column', column, {*FIXED, *labels, *coordinates})}"
            )
        elif isinstance(value, (dict, list)):
            raise InputError(f"{where}: {column}: expected one value, found {value!r}")


def _check_keys(
    where: str,
    what: str,
    found: Mapping[str, Any],
    required: Collection[str],
    allowed: Collection[str],
) -> None:
    for key in found:
        if key not in allowed:
            raise InputError(f"{where}: {what}: {unknown('key', key, allowed)}")
    for key in required:
        if key not in found:
            raise InputError(f"{where}: {what}: the key '{key}' is missing")


def _expect(where: str, name: str, value: Any, kind: type, expected: str) -> None:
    if not isinstance(value, kind):
        raise InputError(f"{where}: {name}: expected {expected}, found {value!r}")
