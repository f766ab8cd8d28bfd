"""Judging claims: from a study's claims and measurements to verdicts, by rules alone.

Every comparison yields two one-sided p-values: of the hypothesis that the claim does not hold
(`p_for`), and of the hypothesis that it does (`p_against`). Twice the smaller one is its two-sided
p, and Holm's adjustment runs over all comparisons of a study. A comparison is decided where that
is below 0.05. A claim is reproduced where all its comparisons are decided for it, contradicted
where one is decided against it, and inconclusive otherwise.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from inductive.analysis import statistics
from inductive.analysis.comparisons import Case, Claim, Selector, expand
from inductive.analysis.results import Results
from inductive.analysis.selection import rows_where
from inductive.core.metric import Metric
from inductive.core.run import Run

LEVEL = 0.05
REPRODUCED, CONTRADICTED = "reproduced", "contradicted"
INCONCLUSIVE, NOT_RUN = "inconclusive", "not run"
VERDICTS = (REPRODUCED, CONTRADICTED, INCONCLUSIVE, NOT_RUN)


@dataclass(frozen=True)
class Comparison:
    """One comparison of a claim and its result."""

    description: str
    values: np.ndarray
    """The value or paired difference per seed, finite or not, in `unit`; of an exact comparison
    by how much each row breaks it, 0 where it holds. Empty where it was not run."""
    region: tuple[float, float]
    """The claim holds where the mean lies in this open interval."""
    unit: str = ""
    exact: bool = False
    """An identity or a bound: it holds in every row or it does not; no probability."""
    paired: bool = False
    """A difference of two variants, paired by seed."""
    ambiguous: bool = False
    """Not run, because its selectors leave several values per seed."""
    p_for: float = 1.0
    p_against: float = 1.0
    p_adjusted: float = 1.0

    @property
    def not_finite(self) -> int:
        """How many values are infinite or not a number."""
        return int((~np.isfinite(self.values)).sum())

    @property
    def verdict(self) -> str:
        """The verdict on this comparison alone."""
        if not len(self.values):
            return NOT_RUN
        few = len(self.values) < statistics.MIN_SEEDS and not self.exact
        if few or self.not_finite or self.p_adjusted >= LEVEL:
            return INCONCLUSIVE
        return REPRODUCED if self.p_for < self.p_against else CONTRADICTED


@dataclass(frozen=True)
class Verdict:
    """A judged claim."""

    id: str
    source: str
    statement: str
    verdict: str
    reason: str
    comparisons: tuple[Comparison, ...]

    @property
    def deciding(self) -> Comparison | None:
        """The comparison with the smallest p_against; None where none was run."""
        run = [c for c in self.comparisons if len(c.values)]
        return min(run, key=lambda c: (c.p_against, -c.p_for), default=None)


def judge(claims: Sequence[Claim], results: Results) -> list[Verdict]:
    """The verdict on every claim of a study, from its results."""
    kinds = {run.dataset.kind for run in results.runs if run.dataset}
    return judge_measurements(
        claims, results.measurements, results.metrics, kinds, results.runs, results.published
    )


def judge_measurements(
    claims: Sequence[Claim],
    measurements: pd.DataFrame,
    metrics: Mapping[str, Metric],
    kinds: set[str],
    runs: Sequence[Run] = (),
    published: Mapping[str, Any] | None = None,
) -> list[Verdict]:
    """The verdict on every claim of one study.

    `measurements` are those of all its runs with their labels as columns (`Results.measurements`);
    `kinds` are the kinds of its data sets and `runs` give the settings of its networks. A claim
    about other data or other settings is not run.
    """
    lacks = [_lacks(claim, kinds, runs) for claim in claims]
    compared = [
        list(_comparisons(claim, measurements, metrics, published or {})) for claim in claims
    ]
    # A claim about other data or settings is not judged and not counted in the correction.
    compared = [
        [replace(c, values=np.empty(0)) for c in group] if lack else group
        for group, lack in zip(compared, lacks, strict=True)
    ]
    family = [c for group in compared for c in group if len(c.values) and not c.exact]
    adjusted = statistics.holm([_two_sided(c) for c in family])
    adjusted_p = {id(c): p for c, p in zip(family, adjusted, strict=True)}
    return [
        _conclude(
            claim,
            tuple(replace(c, p_adjusted=adjusted_p.get(id(c), _two_sided(c))) for c in group),
            lack,
        )
        for claim, group, lack in zip(claims, compared, lacks, strict=True)
    ]


def _two_sided(comparison: Comparison) -> float:
    return min(1.0, 2 * min(comparison.p_for, comparison.p_against))


def _lacks(claim: Claim, kinds: set[str], runs: Sequence[Run]) -> str | None:
    """A requirement of a claim that these results do not meet; None where they meet all."""
    needs = dict(claim.get("needs", {}))
    kind = needs.pop("kind", None)
    about = [run for run in runs if _concerns(claim, run)]
    kinds = {run.dataset.kind for run in about if run.dataset} or kinds
    if kind and kinds != {kind}:
        return f"needs {kind} data; these are {', '.join(sorted(kinds))}"
    for run in about:
        settings = run.evaluation | run.training
        for key, needed in needs.items():
            if settings.get(key) != needed:
                name = key.replace("_", " ")
                return f"needs the published {name}, {needed}; here it is {settings.get(key)}"
    return None


def _concerns(claim: Claim, run: Run) -> bool:
    """Whether a run has all the labels that a claim names in its defaults."""
    named = {k: v for k, v in claim.get("defaults", {}).items() if k in run.labels}
    return named.items() <= run.labels.items()


def _conclude(claim: Claim, comparisons: tuple[Comparison, ...], lack: str | None) -> Verdict:
    each = [c.verdict for c in comparisons]
    if lack:
        verdict, reason = NOT_RUN, lack
    elif NOT_RUN in each:
        first = next(c for c in comparisons if c.verdict == NOT_RUN)
        verdict, reason = NOT_RUN, f"these parameters do not run {first.description}"
        if first.ambiguous:
            reason = f"these parameters run several variants of {first.description}"
    elif not comparisons:
        verdict, reason = NOT_RUN, "these parameters run none of its comparisons"
    elif CONTRADICTED in each:
        count = each.count(CONTRADICTED)
        verdict, reason = CONTRADICTED, f"{count} of {len(each)} comparisons decide against it"
    elif INCONCLUSIVE in each:
        seeds = min(len(c.values) for c in comparisons)
        count = each.count(INCONCLUSIVE)
        verdict = INCONCLUSIVE
        reason = f"{count} of {len(each)} comparisons undecided with {seeds} seeds"
        worst = max(comparisons, key=lambda c: c.not_finite)
        if worst.not_finite:
            rows = "rows" if worst.exact else "seeds"
            reason += (
                f"; the value of {worst.not_finite} of {len(worst.values)} {rows} is not finite"
            )
    else:
        verdict, reason = REPRODUCED, f"all {len(each)} comparisons decide for it"
    statement = " ".join(claim["statement"].split())
    return Verdict(claim["id"], claim["source"], statement, verdict, reason, comparisons)


def _comparisons(
    claim: Claim,
    measurements: pd.DataFrame,
    metrics: Mapping[str, Metric],
    published: Mapping[str, Any],
) -> Iterator[Comparison]:
    coordinates = {name for metric in metrics.values() for name in metric.coordinates}

    def values_of(column: str) -> list[Any]:
        return list(dict.fromkeys(measurements[column].dropna())) if column in measurements else []

    def values(selector: Selector) -> pd.Series:
        """In the metric's unit, by seed. Empty where there are none."""
        rows = rows_where(measurements, coordinates, selector).set_index("seed")["value"]
        scaled: pd.Series = metrics[selector["metric"]].scale * rows
        return scaled

    cases = list(expand(claim, published, values_of))
    compared = [replace(_compare(case, values), unit=_unit(case, metrics)) for case in cases]
    # A variant that is run on some data sets only is compared on these; on none, it was not run.
    some = any(len(c.values) for case, c in zip(cases, compared, strict=True) if case.optional)
    for case, comparison in zip(cases, compared, strict=True):
        if len(comparison.values) or not (case.optional and some):
            yield comparison


def _unit(case: Case, metrics: Mapping[str, Metric]) -> str:
    return metrics[next(iter(case.selectors.values()))["metric"]].unit


def _compare(case: Case, values_of: Callable[[Selector], pd.Series]) -> Comparison:
    values = {role: values_of(selector) for role, selector in case.selectors.items()}
    if case.kind == "equal":
        return _exact(case, values["of"], values["minus"])
    if case.kind == "never_above":
        of = values["of"]
        constant = pd.Series(case.numbers.get("bound"), of.index, dtype=float)
        return _exact(case, of, values.get("bound", constant), case.numbers["tolerance"])
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


def _difference(values: Mapping[str, pd.Series]) -> np.ndarray:
    """The value that is compared, one per seed that all selectors have."""
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
    case: Case, of: pd.Series, other: pd.Series, tolerance: float | None = None
) -> Comparison:
    """An identity, or with a tolerance a bound, row by row."""
    left, right = of.to_numpy(dtype=float), other.to_numpy(dtype=float)
    if len(left) != len(right):
        left = right = np.empty(0)
    broken = left - right
    if tolerance is not None:
        broken = np.where(np.isfinite(broken) & (broken <= tolerance), 0.0, broken)
    p_for = float((broken != 0).any()) if np.isfinite(broken).all() else 0.5
    return Comparison(
        case.description, broken, (0.0, 0.0), exact=True, p_for=p_for, p_against=1.0 - p_for
    )
