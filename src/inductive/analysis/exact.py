"""Comparisons that hold in every row or do not: identities and bounds."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from inductive.analysis.comparisons import Case, Claim
from inductive.analysis.verdicts import Comparison
from inductive.core.metric import Metric

_ALWAYS = ("equal", "never_above")
"""Kinds that are exact in a claim of any type."""


def is_exact(claim: Claim, case: Case) -> bool:
    """Whether a comparison has no probability."""
    return case.kind in _ALWAYS or claim.get("type") == "identity"


def compare_exactly(
    case: Case, rows: Mapping[str, pd.DataFrame], metrics: Mapping[str, Metric]
) -> Comparison:
    """An identity or a bound, row by row; of a mean, the margin is a tolerance of every row.

    `rows` are the measurements that each role of the comparison selects.
    """
    values = {
        role: _scaled(frame, metrics[case.selectors[role]["metric"]])
        for role, frame in rows.items()
    }
    if case.kind == "equal":
        return _exact(case, values["of"], values["minus"], 0.0, both_sides=True)
    if case.kind == "never_above":
        of, bound = values["of"], case.numbers.get("bound", 0.0)
        other = values.get("bound", pd.Series(0.0, of.index, dtype=float))
        return _exact(case, of, other, bound + case.numbers["tolerance"], bound=bound)
    if case.kind == "within":
        of = values["of"]
        other = values.get("minus", pd.Series(0.0, of.index, dtype=float)) + case.numbers["target"]
        return _exact(case, of, other, case.numbers["margin"], both_sides=True)
    differences = _differences(values)
    margin = case.numbers.get("margin", -case.numbers.get("by", 0.0))
    zero = pd.Series(0.0, range(len(differences)))
    return _exact(case, zero - differences, zero, margin, strict=case.kind == "greater")


def _scaled(rows: pd.DataFrame, metric: Metric) -> pd.Series:
    scaled: pd.Series = metric.scale * rows.set_index("seed")["value"]
    return scaled


def _differences(values: Mapping[str, pd.Series]) -> np.ndarray:
    """`more` - `less`, of each gains where these are compared: one per row, or one per seed where
    the selectors have different numbers of rows."""
    if len({len(each) for each in values.values()}) == 1:
        values = {role: each.reset_index(drop=True) for role, each in values.items()}
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
        strict=strict,
        errors=errors,
        distinct=len(np.unique(np.stack([left, right]), axis=1).T),
        not_finite=int((~np.isfinite(broken)).sum()),
        largest_error=float(np.maximum(errors, 0).max()) if len(errors) else np.nan,
        tolerance=tolerance,
        p_for=p_for,
        p_against=1.0 - p_for,
    )
