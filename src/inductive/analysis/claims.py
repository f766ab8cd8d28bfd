"""A study's claims, checked before any job. For the syntax of a claim see `analysis.comparisons`.

Imports neither pandas nor scipy nor torch, because the planner calls it.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from inductive.analysis.claim_shape import (
    check_keys,
    check_shape,
    check_table,
    check_table_shape,
    expect,
    expect_quantity,
)
from inductive.analysis.comparisons import (
    ANY,
    LARGEST,
    SMALLEST,
    Case,
    Claim,
    Selector,
    expand,
)
from inductive.analysis.quantity import Quantity, unit_words
from inductive.core.errors import InputError, unknown
from inductive.core.metric import Metric
from inductive.core.run import Run
from inductive.training.measurements import FIXED

_REQUIRED = ("id", "type", "source", "stated")
_TEXTS = ("tested", "built_in", "paired", "over")
_ALLOWED = (
    *_REQUIRED,
    *_TEXTS,
    "about",
    "replicated",
    "practical",
    "same_examples",
    "needs",
    "defaults",
    "comparisons",
    "published_table",
)
_ID = re.compile(r"[A-Za-z0-9_-]+")
TYPES = ("identity", "figure", "effect", "scaling", "mechanism")
REPLICATIONS = ("seeds", "draws", "splits", "cases", "timings")
_DATA_KINDS = ("generated", "own", "real")


def check_claims(
    study: str,
    claims: Sequence[Claim],
    metrics: Mapping[str, Metric],
    runs: Sequence[Run],
    published: Mapping[str, Any] | None = None,
    datasets: Collection[str] | None = None,
) -> None:
    """Raise InputError for the first claim that cannot be judged with any parameters.

    Such a claim lacks a key, has an unknown one or an unknown kind of comparison, names a metric, a
    coordinate or a column that no metric and no run of the study has, or has a number in another
    unit than its metric. A label's value that these parameters do not run is no error: the claim is
    then not run. The cells of a published table are checked where `published`, the study's
    published.yaml, is given, and the data that a claim is about where `datasets`, the names of all
    data sets, are.
    """
    seen = set[str]()
    for number, claim in enumerate(claims, 1):
        where = f"{study}/claims.yaml"
        if not isinstance(claim, dict):
            raise InputError(f"{where}: claim {number}: expected a mapping, found {claim!r}")
        where = f"{where}: {claim.get('id', f'claim {number}')}"
        check_keys(where, "claim", claim, _REQUIRED, _ALLOWED)
        for key in ("id", "stated", *_TEXTS):
            expect(where, key, claim.get(key, ""), str, "text")
        expect(where, "same_examples", claim.get("same_examples", False), bool, "true or false")
        _check_source(where, claim["source"])
        for key, allowed in (("type", TYPES), ("replicated", REPLICATIONS)):
            if claim.get(key, allowed[0]) not in allowed:
                raise InputError(f"{where}: {key}: {unknown('value', claim[key], allowed)}")
        if not _ID.fullmatch(claim["id"]):
            raise InputError(f"{where}: id: expected letters, digits, - and _ without spaces")
        if claim["id"] in seen:
            raise InputError(f"{where}: the id appears twice in this file")
        seen.add(claim["id"])
        _check_about(where, claim.get("about", {}), datasets)
        _check_claim(where, claim, metrics, runs, published)


def _check_claim(
    where: str,
    claim: Claim,
    metrics: Mapping[str, Metric],
    runs: Sequence[Run],
    published: Mapping[str, Any] | None,
) -> None:
    expect(where, "defaults", claim.get("defaults", {}), dict, "a mapping")
    expect(where, "needs", claim.get("needs", {}), dict, "a mapping")
    practical = _check_practical(where, claim)
    expect(where, "comparisons", claim.get("comparisons", []), list, "a list")
    if not claim.get("comparisons") and "published_table" not in claim:
        raise InputError(f"{where}: the key 'comparisons' is missing or empty")
    for comparison in claim.get("comparisons", []):
        check_shape(where, comparison)
    if "published_table" in claim:
        check_table_shape(where, claim["published_table"])
        if published is None:
            claim = {key: value for key, value in claim.items() if key != "published_table"}
        else:
            check_table(where, claim["published_table"], published)
    _check_needs(where, claim.get("needs", {}), runs)
    labels: dict[str, list[Any]] = {}
    for run in runs:
        for name, value in run.labels.items():
            labels.setdefault(name, []).append(value)

    def values_of(column: str) -> list[Any]:
        return list(dict.fromkeys(labels[column])) if column in labels else [ANY]

    if "over" in claim and claim["over"] not in labels:
        raise InputError(f"{where}: over: {unknown('label', claim['over'], labels)}")
    for case in expand(claim, published or {}, values_of):
        _check_case(where, case, labels, metrics)
        if practical and case.kind not in ("equal", "never_above"):
            unit = _unit(case, metrics)
            _check_unit(where, "practical", practical, unit, difference=True)


def _check_practical(where: str, claim: Claim) -> Quantity | None:
    if "practical" not in claim:
        return None
    practical = expect_quantity(where, "practical", claim["practical"])
    if practical.value <= 0:
        raise InputError(f"{where}: practical: {claim['practical']} is not above 0")
    return practical


def _check_source(where: str, source: Any) -> None:
    """A text, or a document (a key of sources.yaml, or its entry) and a section of it."""
    if not isinstance(source, str):
        expect(where, "source", source, dict, "a text, or document and section")
        known = ("document", "section", "title", "date", "link")
        check_keys(where, "source", source, ("document",), known)


def _check_about(where: str, about: Any, datasets: Collection[str] | None) -> None:
    expect(where, "about", about, dict, "data set: kind")
    for name, kind in about.items():
        if datasets is not None and name not in datasets:
            raise InputError(f"{where}: about: {unknown('data set', name, datasets)}")
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
    unit = _unit(case, metrics)
    for name, value in case.numbers.items():
        level = name == "bound" or (name == "target" and "minus" not in case.selectors)
        _check_unit(
            where,
            f"{case.kind}.{name}",
            Quantity(value, case.units[name]),
            "" if name == "target_n" else unit,
            difference=not level,
        )


def _unit(case: Case, metrics: Mapping[str, Metric]) -> str:
    return metrics[next(iter(case.selectors.values()))["metric"]].unit


def _check_unit(where: str, name: str, quantity: Quantity, unit: str, *, difference: bool) -> None:
    """Refuse a quantity in another unit than the metric's, or without one."""
    words = unit_words(unit, difference=difference)
    if quantity.unit in (words or ("",)):
        return
    if not words:
        raise InputError(f"{where}: {name}: '{quantity}': the metric has no unit")
    if not quantity.unit:
        word = words[-1] if abs(quantity.value) == 1 else words[0]
        raise InputError(f"{where}: {name}: {quantity} has no unit; write '{quantity} {word}'")
    hint = "; differences of shares are in points" if quantity.unit == "%" else ""
    raise InputError(f"{where}: {name}: {unknown('unit', quantity.unit, words)}{hint}")


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
