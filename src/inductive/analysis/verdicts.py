"""Comparisons with their results, and what several of them say together."""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from inductive.analysis.comparisons import Claim
from inductive.analysis.contrast import FEW_EXAMPLES, Contrast
from inductive.analysis.spending import LEVEL

MIN_SEEDS = 3
"""With fewer seeds no comparison is decided."""
REPRODUCED, CONTRADICTED = "reproduced", "contradicted"
INCONCLUSIVE, NOT_RUN = "inconclusive", "not run"
OTHER_DATA = "other data"
"""Measured, but on other data than the claim is about: evidence and no verdict."""
VERDICTS = (REPRODUCED, CONTRADICTED, INCONCLUSIVE, OTHER_DATA, NOT_RUN)
EVIDENCE = {REPRODUCED: "holds on", CONTRADICTED: "fails on", INCONCLUSIVE: "open on"}


class Look(NamedTuple):
    """A comparison at one number of seeds."""

    number: int
    """From 1."""
    level: float
    """What Holm's adjusted p is compared with."""
    contrast: Contrast | None
    """None where a value is not finite or the machine was too noisy."""
    p_for: float
    p_against: float
    p_adjusted: float


@dataclass(frozen=True)
class Comparison:
    """One comparison of a claim and its result."""

    description: str
    values: np.ndarray
    """The value or difference per seed that all its networks have, in `unit`; of an exact
    comparison by how much each row breaks it, 0 where it holds. Empty where it was not run."""
    region: tuple[float, float]
    """The claim holds where the true mean lies in this open interval."""
    unit: str = ""
    seeds: tuple[int, ...] = ()
    """Of `values`; empty of an exact comparison."""
    exact: bool = False
    """An identity or a bound: it holds in every row or it does not; no probability."""
    paired: bool = False
    """Whether a seed gives all its networks something in common."""
    paired_by: str = ""
    """What that is; empty without."""
    practical: float | None = None
    """The difference below which nobody would care, in `unit`, where the claim names one."""
    ambiguous: bool = False
    """Not run, because its selectors leave several values per seed."""
    missing: str = ""
    """Which value of a label has no measurements, and which have; empty where none is missing."""
    data: str = ""
    """Kind and name of the data sets that the values were measured on; empty without any."""
    decides: bool = True
    """Whether these are the data that the claim is about. If not, it is evidence beside it."""
    largest_error: float = np.nan
    """Of an exact comparison, over all rows; it holds where this is at most `tolerance`."""
    tolerance: float = 0.0
    strict: bool = False
    """Whether an error of exactly `tolerance` breaks it."""
    errors: np.ndarray = field(default_factory=lambda: np.empty(0))
    """Of an exact comparison, of every row."""
    distinct: int = 0
    """How many of these rows compare different numbers."""
    contrast: Contrast | None = None
    """The compared quantity with its sources of variance; None where it is exact, was not run or
    has values that are not finite."""
    not_finite: int = 0
    """How many values are infinite or not a number."""
    diverged: int = 0
    """How many seeds of its networks diverged in training."""
    noise: float = np.nan
    """The `timing spread` of measured times."""
    p_for: float = 1.0
    p_against: float = 1.0
    p_adjusted: float = 1.0
    level: float = LEVEL
    """It is decided where `p_adjusted` is below this."""
    threshold: float = LEVEL
    """What the two-sided p itself is compared with in Holm's step-down."""
    looks: tuple[Look, ...] = ()
    """Every look until it was decided, the last one with the numbers above."""
    given_up: str = ""
    """Why it asked for no more seeds after some look; empty where it was decided or asked to the
    last one. Where others got more seeds, it was looked at with these."""

    @property
    def p(self) -> float:
        """Two-sided."""
        return min(1.0, 2 * min(self.p_for, self.p_against))

    @property
    def support(self) -> float:
        """Smaller where the values support the claim less, at equal `p_against`."""
        return -self.p_for

    @property
    def closeness(self) -> float:
        """Of an exact comparison: smaller where the largest error is closer to its tolerance."""
        if not self.exact or not np.isfinite(self.largest_error):
            return 0.0
        return -self.largest_error / (self.tolerance or 1.0)

    @property
    def distance(self) -> float:
        """Of the mean from the nearer bound of the region, in `unit`; infinite without a mean."""
        if self.contrast is None:
            return np.inf
        bounds = [bound for bound in self.region if np.isfinite(bound)]
        return min(abs(self.contrast.mean - bound) for bound in bounds)

    @property
    def n(self) -> int:
        """Seeds of the smallest group, or rows of an exact comparison."""
        return self.contrast.n if self.contrast else len(self.values)

    @property
    def verdict(self) -> str:
        """The verdict on this comparison alone."""
        if not len(self.values):
            return NOT_RUN
        certain = self.exact or (self.contrast is not None and self.contrast.fixed)
        few = self.n < MIN_SEEDS and not certain
        undecided = self.p if self.exact else self.p_adjusted
        if few or self.not_finite or undecided >= self.level:
            return INCONCLUSIVE
        return REPRODUCED if self.p_for < self.p_against else CONTRADICTED


@dataclass(frozen=True)
class Verdict:
    """A judged claim. Only comparisons on the data that it is about decide it."""

    claim: Claim
    verdict: str
    reason: str
    evidence: tuple[str, ...]
    """What the same comparisons say on other data: 'holds on generated cora', ..."""
    comparisons: tuple[Comparison, ...]

    @property
    def id(self) -> str:
        """The claim's id."""
        return str(self.claim["id"])

    @property
    def deciding(self) -> Comparison | None:
        """The comparison that supports the claim least, of those that decide the claim or, without
        any, of the evidence; None where none was run.

        Of an inconclusive claim one that is undecided, of a contradicted one one that says so, of
        a reproduced one that whose mean is closest to the bound, where all have one unit.
        """
        run = [c for c in self.comparisons if len(c.values)]
        deciding = [c for c in run if c.decides] or run
        same = [c for c in deciding if c.verdict == self.verdict] or deciding
        key: Callable[[Comparison], Any] = operator.attrgetter("p_against", "support", "closeness")
        one_unit = len({c.unit for c in same}) == 1 and all(c.contrast for c in same)
        if self.verdict == REPRODUCED and one_unit:
            key = operator.attrgetter("distance")
        return min(same, key=key, default=None)


def decide(comparisons: Sequence[Comparison]) -> tuple[str, str]:
    """What comparisons say together, and why."""
    each = [c.verdict for c in comparisons]
    if not comparisons:
        return NOT_RUN, "these parameters run none of its comparisons"
    if NOT_RUN in each:
        first = next(c for c in comparisons if c.verdict == NOT_RUN)
        if first.ambiguous:
            return NOT_RUN, f"these parameters run several variants of {first.description}"
        return NOT_RUN, f"these parameters do not run {first.missing or first.description}"
    verdict, reason = _together(comparisons, each)
    return verdict, "; ".join([reason, *_remarks(comparisons)])


def _together(comparisons: Sequence[Comparison], each: list[str]) -> tuple[str, str]:
    if CONTRADICTED in each:
        count = each.count(CONTRADICTED)
        return CONTRADICTED, f"{count} of {_counted(len(each))} {_verb(count)} against it"
    if INCONCLUSIVE not in each:
        if len(each) == 1:
            return REPRODUCED, "its comparison decides for it"
        return REPRODUCED, f"all {len(each)} comparisons decide for it"
    undecided = [c for c in comparisons if c.verdict == INCONCLUSIVE]
    seeds = min(c.n for c in undecided)
    return INCONCLUSIVE, f"{len(undecided)} of {_counted(len(each))} undecided with {seeds} seeds"


def _remarks(comparisons: Sequence[Comparison]) -> list[str]:
    """What a reader must know beside the verdict."""
    remarks = []
    worst = max(comparisons, key=lambda c: c.not_finite)
    if worst.not_finite:
        rows = "rows" if worst.exact else "seeds"
        remarks.append(
            f"the value of {worst.not_finite} of {len(worst.values)} {rows} is not finite"
        )
    diverged = max(c.diverged for c in comparisons)
    if diverged:
        remarks.append(f"{diverged} {'seed' if diverged == 1 else 'seeds'} diverged in training")
    noisy = [c for c in comparisons if c.noise > 0 and not c.contrast and not c.not_finite]
    if noisy:
        noise = max(c.noise for c in noisy)
        remarks.append(
            f"the machine was too noisy to tell: repeated timings spread over {100 * noise:.0f} %"
        )
    contrasts = [c.contrast for c in comparisons if c.contrast]
    if any(contrast.splits for contrast in contrasts):
        remarks.append(
            "seeds fall into two groups, so it is judged by a test for any bounded outcome"
            if all(contrast.bounds for contrast in contrasts if contrast.splits)
            else "seeds fall into two groups, and the measured quantity has no bounds to judge by"
        )
    examples = [len(c.examples.values) for c in contrasts if c.examples]
    if examples and min(examples) < FEW_EXAMPLES:
        only = "only" if len(set(examples)) == 1 else "as few as"
        remarks.append(f"{only} {min(examples)} test examples")
    return remarks


def _counted(count: int) -> str:
    return f"{count} comparison" if count == 1 else f"{count} comparisons"


def _verb(count: int) -> str:
    return "decides" if count == 1 else "decide"
