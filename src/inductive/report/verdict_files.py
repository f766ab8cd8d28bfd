"""A study's verdicts as files: every claim, every comparison, every look and every seed."""

from collections.abc import Iterator, Mapping, Sequence
from math import nan, sqrt
from pathlib import Path
from typing import Any

import pandas as pd

from inductive.analysis.statistics import estimate
from inductive.analysis.verdicts import (
    CONTRADICTED,
    INCONCLUSIVE,
    NOT_RUN,
    REPRODUCED,
    Comparison,
    Verdict,
)
from inductive.core.files import write_json, write_text
from inductive.report import locks
from inductive.report.appraisal import Appraisal, appraise, interval_of
from inductive.report.numbers import is_difference, unit_of
from inductive.report.summary import summarise

COMPARISONS = (
    "claim", "comparison", "description", "type", "exact", "decides", "data", "unit",
    "region_low", "region_high", "replicated", "paired", "resampling", "published_sd",
    "published_n", "bound_low", "bound_high", "difference", "fixed", "verdict",
    "result", "effect", "low", "high", "low_corrected", "high_corrected", "d", "p", "p_holm",
    "level", "threshold", "n", "decided_at", "examples", "example_error", "seed_error",
    "splits", "cases", "distinct", "largest_error", "tolerance", "strict", "not_finite",
    "diverged", "noise", "detectable", "seeds_needed", "examples_needed", "equivalence",
    "fragility", "given_up",
)  # fmt: skip
"""Columns of verdicts.csv. Of evidence, which has no verdict, `result` alone is given.

results/README.md defines the columns of all three files.
"""
LOOKS = (
    "claim", "comparison", "look", "seeds", "level", "mean", "example_variance",
    "example_third_moment", "examples", "splits", "tail", "p_for", "p_against", "p_holm",
)  # fmt: skip
"""Columns of looks.csv. The rows of one look and one value of `decides` are a family of Holm's."""
PER_SEED = ("claim", "comparison", "group", "seed", "value", "from_look")
"""Columns of per_seed.csv."""
_RESULTS = {REPRODUCED: "holds", CONTRADICTED: "fails", INCONCLUSIVE: "open"}
_Row = dict[str, Any]
_DIGITS = "%.10g"
_BOUNDS = ("region_low", "region_high", "tolerance")
"""With these exact comparisons are judged, so they have all their digits."""
_COUNTS = ("look", "seeds", "examples", "seed", "from_look")
"""Whole numbers, of which some may be missing."""


def write_verdicts(
    folder: Path,
    verdicts: Sequence[Verdict],
    published: Mapping[str, Any],
    lock_file: Path,
    seeds: str = "",
) -> None:
    """Write verdicts.csv, looks.csv, per_seed.csv and verdicts.json into a study's folder.

    verdicts.json has one entry per claim, as the ledger shows it. The claims that have results are
    locked in `lock_file`; see `report.locks`. `published` are the study's published values, `seeds`
    the numbers of seeds at which it is looked at.
    """
    contents = {v.id: locks.locked_content(v.claim, published, seeds) for v in verdicts}
    judged = [v.id for v in verdicts if any(len(c.values) for c in v.comparisons)]
    edited = locks.lock(lock_file, contents, judged)
    appraisals = {v.id: [appraise(c) for c in v.comparisons] for v in verdicts}
    comparisons = pd.DataFrame(_comparison_rows(verdicts, appraisals), columns=list(COMPARISONS))
    for column in _BOUNDS:
        digits = comparisons[column].map(lambda bound: repr(float(bound)), na_action="ignore")
        comparisons[column] = digits
    _write(folder / "verdicts.csv", comparisons, _DIGITS)
    # In full precision, so that every verdict can be computed again from them.
    for name, columns, rows in (
        ("looks", LOOKS, _look_rows(verdicts)),
        ("per_seed", PER_SEED, _seed_rows(verdicts)),
    ):
        frame = pd.DataFrame(rows, columns=list(columns))
        counts = {column: "Int64" for column in columns if column in _COUNTS}
        _write(folder / f"{name}.csv", frame.astype(counts))
    summaries = [
        summarise(v, appraisals[v.id])
        | {"hash": locks.claim_hash(contents[v.id]), "edited": edited[v.id]}
        for v in verdicts
    ]
    write_json(folder / "verdicts.json", summaries)


def _write(path: Path, frame: pd.DataFrame, digits: str | None = None) -> None:
    write_text(path, frame.to_csv(index=False, float_format=digits, lineterminator="\n"))


def _comparison_rows(
    verdicts: Sequence[Verdict], appraisals: Mapping[str, Sequence[Appraisal]]
) -> Iterator[_Row]:
    for verdict in verdicts:
        pairs = zip(verdict.comparisons, appraisals[verdict.id], strict=True)
        for number, (comparison, appraisal) in enumerate(pairs, 1):
            row = {"claim": verdict.id, "comparison": number, "type": verdict.claim["type"]}
            row["replicated"] = verdict.claim.get("replicated", "seeds")
            row |= _description(comparison) | _result(comparison)
            if comparison.exact:
                row |= _exact(comparison)
            elif comparison.contrast and comparison.contrast.fixed:
                row |= {"effect": comparison.contrast.mean, "fixed": True}
            elif len(comparison.values):
                row |= _tested(comparison) | _contrast(comparison) | _appraisal(appraisal)
            yield row


def _description(c: Comparison) -> _Row:
    row: _Row = {key: getattr(c, key) for key in ("description", "exact", "decides", "data")}
    row |= {"unit": unit_of(c), "paired": c.paired, "given_up": c.given_up}
    row |= {"not_finite": c.not_finite, "diverged": c.diverged, "noise": c.noise}
    if not c.exact:
        row |= {"region_low": c.region[0] + 0.0, "region_high": c.region[1]}  # no -0
    return row


def _result(c: Comparison) -> _Row:
    verdict = c.verdict
    return {
        "verdict": verdict if c.decides else "",
        "result": _RESULTS.get(verdict, NOT_RUN),
    }


def _exact(c: Comparison) -> _Row:
    return {
        "cases": len(c.values),
        "distinct": c.distinct,
        "largest_error": c.largest_error,
        "tolerance": c.tolerance,
        "strict": c.strict,
    }


def _tested(c: Comparison) -> _Row:
    return {
        "effect": c.contrast.mean if c.contrast else estimate(c.values).mean,
        "p": c.p,
        "p_holm": c.p_adjusted,
        "level": c.level,
        "threshold": c.threshold,
        "n": c.n,
        "decided_at": c.n if c.verdict in (REPRODUCED, CONTRADICTED) else None,
    }


def _contrast(c: Comparison) -> _Row:
    contrast = c.contrast
    if contrast is None:
        return {}
    low, high = interval_of(contrast)
    low_corrected, high_corrected = interval_of(contrast, 1 - c.threshold)
    row: _Row = {
        "low": low,
        "high": high,
        "low_corrected": low_corrected,
        "high_corrected": high_corrected,
        "d": contrast.d if contrast.n > 1 and is_difference(c) else nan,
        "resampling": contrast.resampling,
        "difference": contrast.difference,
        "fixed": False,
        "splits": contrast.splits,
        "seed_error": sqrt(sum(variance for variance, _ in contrast.parts[: len(contrast.groups)])),
    }
    if contrast.bounds:
        row |= {"bound_low": contrast.bounds[0], "bound_high": contrast.bounds[1]}
    if contrast.published:
        row |= {"published_sd": contrast.published.sd, "published_n": contrast.published.n}
    if contrast.examples:
        row["examples"] = len(contrast.examples.values)
        row["example_error"] = sqrt(contrast.examples.variance)
    return row


def _appraisal(appraisal: Appraisal) -> _Row:
    return {
        "detectable": appraisal.detectable,
        "seeds_needed": appraisal.needed.seeds if appraisal.needed else None,
        "examples_needed": appraisal.needed.examples if appraisal.needed else None,
        "equivalence": appraisal.equivalence,
        "fragility": appraisal.fragility,
    }


def _numbered(verdicts: Sequence[Verdict]) -> Iterator[tuple[_Row, Comparison]]:
    for verdict in verdicts:
        for number, comparison in enumerate(verdict.comparisons, 1):
            yield {"claim": verdict.id, "comparison": number}, comparison


def _look_rows(verdicts: Sequence[Verdict]) -> Iterator[_Row]:
    for where, comparison in _numbered(verdicts):
        for look in comparison.looks:
            row = where | {"look": look.number, "level": look.level, "p_for": look.p_for}
            row |= {"p_against": look.p_against, "p_holm": look.p_adjusted}
            if contrast := look.contrast:
                row |= {"seeds": contrast.n, "mean": contrast.mean, "splits": contrast.splits}
                row["tail"] = contrast.tail
                if examples := contrast.examples:
                    row["examples"] = len(examples.values)
                    row["example_variance"] = examples.variance
                    row["example_third_moment"] = examples.third_moment
            yield row


def _seed_rows(verdicts: Sequence[Verdict]) -> Iterator[_Row]:
    """The values of the last look, by group. Of a comparison with values that are not finite, the
    sums over all groups; of an exact one, the error of each row."""
    for where, comparison in _numbered(verdicts):
        if comparison.exact:
            for number, error in enumerate(comparison.errors, 1):
                yield where | {"group": "rows", "seed": number, "value": error}
            continue
        if comparison.contrast is None:
            for seed, value in zip(comparison.seeds, comparison.values, strict=True):
                yield where | {"group": "all", "seed": seed, "value": value}
            continue
        for index, group in enumerate(comparison.contrast.groups):
            for seed, value in zip(group.seeds, group.values, strict=True):
                yield where | {
                    "group": group.name,
                    "seed": seed,
                    "value": value,
                    "from_look": _first_look(comparison, index, seed),
                }


def _first_look(comparison: Comparison, group: int, seed: int) -> int | None:
    """The first look that used a seed."""
    for look in comparison.looks:
        if look.contrast and seed in look.contrast.groups[group].seeds:
            return look.number
    return None
