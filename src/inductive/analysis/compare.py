"""The measurements that belong to a claim's comparisons."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from inductive.analysis.comparisons import Case, Claim, Selector, expand
from inductive.analysis.exact import compare_exactly, is_exact
from inductive.analysis.material import Entry, Material, Role
from inductive.analysis.selection import rows_where
from inductive.analysis.verdicts import Comparison
from inductive.core.metric import Metric
from inductive.core.run import Run
from inductive.training.measurements import FIXED

SIGNS = {"more": 1.0, "more_minus": -1.0, "less": -1.0, "less_minus": 1.0, "of": 1.0, "minus": -1.0}
"""The sign that each role's mean has in the compared quantity."""
SPREAD = "timing spread"
_EQUAL_SIZES = 1.0
"""Test examples / training examples of splits whose sizes the evaluation did not note."""


class Kept(Protocol):
    """What evaluations keep beside the measurements."""

    def outcomes(
        self, run: Run, metric: str, *, selection: str, split: str, **coordinates: float
    ) -> dict[int, np.ndarray] | None:
        """Seed -> outcome per test example (N,), the same examples for all seeds; None without."""

    def example_counts(self, run: Run) -> tuple[int, int] | None:
        """Training and test examples of one random split; None where not noted."""


def material_of(
    claim: Claim,
    measurements: pd.DataFrame,
    metrics: Mapping[str, Metric],
    runs: Sequence[Run],
    published: Mapping[str, Any],
    kept: Kept | None,
) -> Iterator[Material]:
    """Every comparison of a claim with its measurements; see `judge_measurements`."""
    coordinates = {name for metric in metrics.values() for name in metric.coordinates}
    labels = [c for c in measurements.columns if c not in (*FIXED, *coordinates, "value")]

    def values_of(column: str) -> list[Any]:
        return list(dict.fromkeys(measurements[column].dropna())) if column in measurements else []

    over: str = claim.get("over", "")

    def role(name: str, selector: Selector) -> Role:
        rows = rows_where(measurements, coordinates, selector)
        networks = rows[labels].drop_duplicates()
        own = [_run_of(each, runs) for each in networks.to_dict("records")]
        known = tuple(run for run in own if run is not None)
        metric, sign = metrics[selector["metric"]], SIGNS.get(name, 1.0)
        units = [over] if over in rows else []
        repeated = bool(rows.duplicated([*units, "seed"]).any())
        outcomes = None
        if kept and len(known) == 1 and not repeated:
            outcomes = _outcomes(known[0], rows, coordinates, kept)
        return Role(
            sign,
            metric,
            rows,
            known,
            tuple(map(tuple, networks.drop(columns=units).fillna("").to_numpy().tolist())),
            tuple(_entries(rows, units, labels, runs, sign * metric.scale)),
            outcomes,
            repeated,
        )

    cases = list(expand(claim, published, values_of))
    all_roles = [{name: role(name, s) for name, s in case.selectors.items()} for case in cases]
    made = [
        _material(claim, case, roles, measurements, labels, runs, kept, metrics)
        for case, roles in zip(cases, all_roles, strict=True)
    ]
    # A variant that is run on some data sets only is compared on these; on none, it was not run.
    some = any(each.case.optional and _was_run(each) for each in made)
    for each in made:
        if _was_run(each) or not (each.case.optional and some):
            yield each


def _entries(
    rows: pd.DataFrame, units: list[str], labels: list[str], runs: Sequence[Run], scale: float
) -> Iterator[Entry]:
    by_labels: dict[tuple[Any, ...], Run | None] = {}
    for record in rows.to_dict("records"):
        key = tuple(record[name] for name in labels)
        if key not in by_labels:
            by_labels[key] = _run_of({name: record[name] for name in labels}, runs)
        run, seed = by_labels[key], record["seed"]
        unit = record[units[0]] if units else seed
        position = run.seeds.index(seed) if run and seed in run.seeds else 0
        yield Entry(unit, run.id if run else "", position, scale * record["value"])


def _was_run(material: Material) -> bool:
    return material.testable or bool(len(material.blank.values))


def _material(
    claim: Claim,
    case: Case,
    roles: dict[str, Role],
    measurements: pd.DataFrame,
    labels: list[str],
    runs: Sequence[Run],
    kept: Kept | None,
    metrics: Mapping[str, Metric],
) -> Material:
    replicated = claim.get("replicated", "seeds")
    same = len({role.network for role in roles.values()}) == 1
    paired = len(roles) > 1 and (same or replicated != "seeds" or "paired" in claim)
    if is_exact(claim, case):
        blank = compare_exactly(case, {name: role.rows for name, role in roles.items()}, metrics)
    else:
        repeated = any(role.repeated for role in roles.values())
        blank = Comparison(
            case.description, np.empty(0), _region(case), paired=paired, ambiguous=repeated
        )
    data, decides = _data(claim, case, runs)
    unit = next(iter(roles.values())).metric.unit
    involved = [_rows_of(measurements, labels, role.rows) for role in roles.values()]
    blank = replace(
        blank,
        unit=unit,
        data=data,
        decides=decides,
        missing=_missing(case, measurements, labels),
        paired_by=_paired_by(claim, same=same) if paired else "",
        practical=case.practical,
        diverged=sum(len(r[r["metric"] == "diverged in epoch"]) for r in _distinct(involved)),
    )
    noise = np.nan
    if replicated == "timings":
        spreads = [r.loc[r["metric"] == SPREAD, "value"].max() for r in involved]
        noise = float(np.nanmax(spreads)) if np.isfinite(spreads).any() else np.nan
    resampling = 0.0
    if replicated == "splits":
        sizes = [kept.example_counts(run) for r in roles.values() for run in r.runs if kept]
        known = [test / train for train, test in filter(None, sizes)]
        resampling = max(known, default=_EQUAL_SIZES)
    return Material(claim, case, roles, blank, resampling, noise)


def _missing(case: Case, measurements: pd.DataFrame, labels: list[str]) -> str:
    """'model GCNN (but GAT, GCN)' for the first label of a selector whose value nothing has."""
    for selector in case.selectors.values():
        for name in labels:
            present = list(dict.fromkeys(measurements[name].dropna()))
            if name in selector and selector[name] not in present:
                shown = ", ".join(map(str, present))
                return f"{name.replace('_', ' ')} {selector[name]} (but {shown})"
    return ""


def _paired_by(claim: Claim, *, same: bool) -> str:
    """What a seed gives all networks of a comparison in common."""
    if same:
        return "the same networks"
    shared = {"draws": "the same draw", "splits": "the same split", "timings": "the same round"}
    text: str = claim.get("paired", shared.get(claim.get("replicated", ""), "the same case"))
    return text


def _region(case: Case) -> tuple[float, float]:
    if case.kind == "within":
        target, margin = case.numbers["target"], case.numbers["margin"]
        return target - margin, target + margin
    return case.numbers.get("by", -case.numbers.get("margin", 0.0)), np.inf


def _rows_of(measurements: pd.DataFrame, labels: list[str], rows: pd.DataFrame) -> pd.DataFrame:
    """All measurements of the networks that some rows are of."""
    if not labels or not len(rows):
        return measurements if len(rows) else measurements.iloc[:0]
    return measurements.merge(rows[labels].drop_duplicates(), on=labels)


def _distinct(frames: Sequence[pd.DataFrame]) -> list[pd.DataFrame]:
    """Each network's measurements once."""
    seen: list[pd.DataFrame] = []
    for frame in frames:
        if not any(frame.equals(other) for other in seen):
            seen.append(frame)
    return seen


def _run_of(labels: Mapping[Any, Any], runs: Sequence[Run]) -> Run | None:
    """The run that has these labels; a column that a run does not have is missing in its rows."""
    present = {name: value for name, value in labels.items() if not pd.isna(value)}
    return next((run for run in runs if run.labels == present), None)


def _outcomes(
    run: Run, rows: pd.DataFrame, coordinates: set[str], kept: Kept
) -> dict[int, np.ndarray] | None:
    row = rows.iloc[0]
    where = {name: row[name] for name in coordinates if name in row and not pd.isna(row[name])}
    return kept.outcomes(
        run, row["metric"], selection=row["selection"], split=row["split"], **where
    )


def _data(claim: Claim, case: Case, runs: Sequence[Run]) -> tuple[str, bool]:
    """Which data a comparison is made on, and whether they are those that the claim is about."""
    specs = [
        run.dataset
        for run in runs
        if run.dataset and any(_selects(s, run) for s in case.selectors.values())
    ]
    about: dict[str, str] = claim.get("about", {})
    decides = not about or all(about.get(spec.name) == spec.kind for spec in specs)
    return " and ".join(sorted({f"{spec.kind} {spec.name}" for spec in specs})), decides


def _selects(selector: Selector, run: Run) -> bool:
    """Whether a selector's labels are those of a run."""
    return all(run.labels[k] == v for k, v in selector.items() if k in run.labels)
