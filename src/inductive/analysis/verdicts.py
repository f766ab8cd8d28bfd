"""Comparisons with their results, and what several of them say together."""

import operator
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inductive.analysis import statistics
from inductive.analysis.comparisons import Claim

LEVEL = 0.05
REPRODUCED, CONTRADICTED = "reproduced", "contradicted"
INCONCLUSIVE, NOT_RUN = "inconclusive", "not run"
OTHER_DATA = "other data"
"""Measured, but on other data than the claim is about: evidence and no verdict."""
VERDICTS = (REPRODUCED, CONTRADICTED, INCONCLUSIVE, OTHER_DATA, NOT_RUN)
EVIDENCE = {REPRODUCED: "holds on", CONTRADICTED: "fails on", INCONCLUSIVE: "open on"}


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
    data: str = ""
    """Kind and name of the data sets that the values were measured on; empty without any."""
    decides: bool = True
    """Whether these are the data that the claim is about. If not, it is evidence beside it."""
    largest_error: float = np.nan
    """Of an exact comparison, over all rows; it holds where this is at most `tolerance`."""
    tolerance: float = 0.0
    p_for: float = 1.0
    p_against: float = 1.0
    p_adjusted: float = 1.0

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
        any, of the evidence; None where none was run."""
        run = [c for c in self.comparisons if len(c.values)]
        deciding = [c for c in run if c.decides] or run
        key = operator.attrgetter("p_against", "support", "closeness")
        return min(deciding, key=key, default=None)


def decide(comparisons: Sequence[Comparison]) -> tuple[str, str]:
    """What comparisons say together, and why."""
    each = [c.verdict for c in comparisons]
    if not comparisons:
        return NOT_RUN, "these parameters run none of its comparisons"
    if NOT_RUN in each:
        first = next(c for c in comparisons if c.verdict == NOT_RUN)
        several = "several variants of " if first.ambiguous else ""
        verb = "run" if several else "do not run"
        return NOT_RUN, f"these parameters {verb} {several}{first.description}"
    if CONTRADICTED in each:
        count = each.count(CONTRADICTED)
        return CONTRADICTED, f"{count} of {_counted(len(each))} {_verb(count)} against it"
    if INCONCLUSIVE not in each:
        if len(each) == 1:
            return REPRODUCED, "its comparison decides for it"
        return REPRODUCED, f"all {len(each)} comparisons decide for it"
    seeds = min(len(c.values) for c in comparisons)
    reason = f"{each.count(INCONCLUSIVE)} of {_counted(len(each))} undecided with {seeds} seeds"
    worst = max(comparisons, key=lambda c: c.not_finite)
    if worst.not_finite:
        rows = "rows" if worst.exact else "seeds"
        reason += f"; the value of {worst.not_finite} of {len(worst.values)} {rows} is not finite"
    return INCONCLUSIVE, reason


def _counted(count: int) -> str:
    return f"{count} comparison" if count == 1 else f"{count} comparisons"


def _verb(count: int) -> str:
    return "decides" if count == 1 else "decide"
