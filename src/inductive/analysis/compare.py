"""From a claim's comparisons and a study's measurements to values and p-values."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from inductive.analysis import statistics
from inductive.analysis.comparisons import Case, Claim, Selector, expand
from inductive.analysis.selection import rows_where
from inductive.analysis.verdicts import Comparison
from inductive.core.metric import Metric
from inductive.core.run import Run


def compare_all(
    claim: Claim,
    measurements: pd.DataFrame,
    metrics: Mapping[str, Metric],
    runs: Sequence[Run],
    published: Mapping[str, Any],
) -> Iterator[Comparison]:
    """Every comparison of a claim on the measurements of its study; see `judge_measurements`."""
    coordinates = {name for metric in metrics.values() for name in metric.coordinates}

    def values_of(column: str) -> list[Any]:
        return list(dict.fromkeys(measurements[column].dropna())) if column in measurements else []

    def values(selector: Selector) -> pd.Series:
        """In the metric's unit, by seed. Empty where there are none."""
        rows = rows_where(measurements, coordinates, selector).set_index("seed")["value"]
        scaled: pd.Series = metrics[selector["metric"]].scale * rows
        return scaled

    cases = list(expand(claim, published, values_of))
    exact = claim.get("type") == "identity"
    compared = [
        replace(
            _compare(case, values, exact=exact),
            unit=_unit(case, metrics),
            **_data(claim, case, runs),
        )
        for case in cases
    ]
    # A variant that is run on some data sets only is compared on these; on none, it was not run.
    some = any(len(c.values) for case, c in zip(cases, compared, strict=True) if case.optional)
    for case, comparison in zip(cases, compared, strict=True):
        if len(comparison.values) or not (case.optional and some):
            yield comparison


def _unit(case: Case, metrics: Mapping[str, Metric]) -> str:
    return metrics[next(iter(case.selectors.values()))["metric"]].unit


def _data(claim: Claim, case: Case, runs: Sequence[Run]) -> dict[str, Any]:
    """Which data a comparison is made on, and whether they are those that the claim is about."""
    specs = [
        run.dataset
        for run in runs
        if run.dataset and any(_selects(s, run) for s in case.selectors.values())
    ]
    about: dict[str, str] = claim.get("about", {})
    decides = not about or all(about.get(spec.name) == spec.kind for spec in specs)
    names = sorted({f"{spec.kind} {spec.name}" for spec in specs})
    return {"data": " and ".join(names), "decides": decides}


def _selects(selector: Selector, run: Run) -> bool:
    """Whether a selector's labels are those of a run."""
    return all(run.labels[k] == v for k, v in selector.items() if k in run.labels)


def _compare(
    case: Case, values_of: Callable[[Selector], pd.Series], *, exact: bool = False
) -> Comparison:
    """`exact`: of an identity, where a target's margin is a tolerance that every row must keep."""
    values = {role: values_of(selector) for role, selector in case.selectors.items()}
    if case.kind == "equal":
        return _exact(case, values["of"], values["minus"], 0.0, both_sides=True)
    if case.kind == "never_above":
        of, bound = values["of"], case.numbers.get("bound", 0.0)
        other = values.get("bound", pd.Series(0.0, of.index, dtype=float))
        return _exact(case, of, other, bound + case.numbers["tolerance"], bound=bound)
    if exact and case.kind in ("greater", "not_below"):
        differences = _difference(values, by_row=True)
        margin = case.numbers.get("margin", 0.0)
        zero = pd.Series(0.0, range(len(differences)))
        return _exact(case, zero - differences, zero, margin, strict=case.kind == "greater")
    if exact and case.kind == "within":
        of = values["of"]
        other = values.get("minus", pd.Series(0.0, of.index, dtype=float)) + case.numbers["target"]
        return _exact(case, of, other, case.numbers["margin"], both_sides=True)
    region = (-case.numbers.get("margin", 0.0), np.inf)
    if case.kind == "within":
        target, margin = case.numbers["target"], case.numbers["margin"]
        region = (target - margin, target + margin)
    paired = "of" not in values or "minus" in values
    if any(each.index.has_duplicates for each in values.values()):
        return Comparison(case.description, np.empty(0), region, paired=paired, ambiguous=True)
    differences = _difference(values)
    if not len(differences) or not np.isfinite(differences).all():
        p = 0.5 if len(differences) else 1.0
        return Comparison(
            case.description, differences, region, paired=paired, p_for=p, p_against=p
        )
    above_low, above_high = (statistics.p_above(differences, bound) for bound in region)
    bounded = np.isfinite(region[1])
    below_high = 1.0 - above_high if bounded else 0.0
    return Comparison(
        case.description,
        differences,
        region,
        paired=paired,
        p_for=max(above_low, below_high),  # both bounds must hold
        p_against=min(1.0 - above_low, above_high if bounded else 1.0),
    )


def _difference(values: Mapping[str, pd.Series], *, by_row: bool = False) -> np.ndarray:
    """The value that is compared, one per seed that all selectors have, or one per row."""
    if by_row and len({len(each) for each in values.values()}) == 1:
        values = {role: each.reset_index(drop=True) for role, each in values.items()}
    if "of" in values:
        difference = values["of"] - values["minus"] if "minus" in values else values["of"]
    else:
        more, less = values["more"], values["less"]
        if "more_minus" in values:
            more, less = more - values["more_minus"], less - values["less_minus"]
        difference = more - less
    for each in values.values():
        difference = difference[difference.index.isin(each.index)]
    return difference.to_numpy(dtype=float)


def _exact(
    case: Case,
    of: pd.Series,
    other: pd.Series,
    tolerance: float,
    *,
    bound: float = 0.0,
    both_sides: bool = False,
    strict: bool = False,
) -> Comparison:
    """An identity or a bound, row by row: the error `of` - `other`, or its size, is at most
    `tolerance` (below it where `strict`). `bound` is the part of it that is no error."""
    left, right = of.to_numpy(dtype=float), other.to_numpy(dtype=float)
    if len(left) != len(right):
        left = right = np.empty(0)
    errors = np.abs(left - right) if both_sides else left - right
    kept = errors < tolerance if strict else errors <= tolerance
    # An error of exactly 0 breaks a strict bound, too, and must be seen among the values.
    excess = np.where(errors == bound, 1.0, errors - bound)
    broken = np.where(np.isfinite(errors) & kept, 0.0, excess)
    p_for = float((broken != 0).any()) if np.isfinite(broken).all() else 0.5
    return Comparison(
        case.description,
        broken,
        (0.0, 0.0),
        exact=True,
        largest_error=float(np.maximum(errors, 0).max()) if len(errors) else np.nan,
        tolerance=tolerance,
        p_for=p_for,
        p_against=1.0 - p_for,
    )
