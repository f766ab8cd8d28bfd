"""Looking at a growing number of seeds, until every verdict is decided or more would not help.

At each look Holm's adjustment runs over the comparisons that are still open, at the look's own
level (`analysis.spending`). A decided comparison stays as it was decided. The looks that were taken
can be played again from the final results, because each uses the first seeds of every run only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import special

from inductive.analysis import spending
from inductive.analysis.material import Material
from inductive.analysis.statistics import holm
from inductive.analysis.study_seeds import scatter_of
from inductive.analysis.verdicts import CONTRADICTED, MIN_SEEDS, Comparison, Look
from inductive.core.run import Run

CLAIM_DECIDED = "another comparison has contradicted the claim"
NOT_ENOUGH = "not even the largest number of seeds would be enough"


@dataclass
class _Entry:
    """A comparison on its way through the looks."""

    claim: int
    material: Material
    result: Comparison
    open: bool = True
    """Whether it is not decided."""
    asking: bool = True
    """Whether more seeds are to be trained for it."""
    looks: list[Look] = field(default_factory=list)


@dataclass(frozen=True)
class Played:
    """The state after some looks."""

    comparisons: list[list[Comparison]]
    """Of every claim."""
    counts: dict[str, int]
    """Run id -> the seeds that the next look needs."""
    undecided: list[int]
    """Numbers of the claims for which the next look is taken."""


def play(materials: Sequence[Sequence[Material]], runs: Sequence[Run], until: int = 0) -> Played:
    """Take the looks in turn: all, or the first `until`. `materials` are those of every claim."""
    plan = max((run.looks for run in runs), key=len, default=()) or (1,)
    levels = spending.levels(plan)
    counts = {run.id: (run.looks or (len(run.seeds),))[0] for run in runs}
    entries = [
        _Entry(number, material, material.blank)
        for number, group in enumerate(materials)
        for material in group
    ]
    tested = [entry for entry in entries if entry.material.testable]
    undecided = set[int]()
    for look, level in enumerate(levels[: until or None], start=1):
        _measure(tested, counts)
        for decides in (True, False):  # evidence does not cost the verdicts any power
            _take([e for e in tested if e.material.blank.decides == decides], look, level)
        deciding = [e for e in tested if e.material.blank.decides]
        _close(deciding, plan, look, levels)
        asking = [e for e in deciding if e.open and e.asking]
        undecided = {e.claim for e in asking}
        needed = {run.id: run for e in asking for run in e.material.runs}
        counts |= {key: _next_count(run, look) for key, run in needed.items()}
    results: list[list[Comparison]] = [[] for _ in materials]
    for entry in entries:
        results[entry.claim].append(replace(entry.result, looks=tuple(entry.looks)))
    return Played(results, counts, sorted(undecided))


def _next_count(run: Run, look: int) -> int:
    """The seeds of a run at the look after `look`."""
    if not run.looks:
        return len(run.seeds)
    return run.looks[min(look, len(run.looks) - 1)]


def _measure(entries: list[_Entry], counts: Mapping[str, int]) -> None:
    """The open comparisons with the seeds of a look, as all seeds of the study let them appear."""
    for entry in entries:
        if entry.open:
            given_up = entry.result.given_up
            entry.result = replace(entry.material.at(counts), given_up=given_up)
    scatter = scatter_of([e.result.contrast for e in entries if e.result.contrast])
    for entry in entries:
        if entry.open:
            entry.result = entry.material.among(scatter, entry.result)


def _take(entries: list[_Entry], look: int, level: float) -> None:
    """One look at the open ones of a family of comparisons."""
    for entry in entries:
        contrast = entry.result.contrast
        if entry.open and contrast is not None and contrast.fixed:
            entry.open = False
            entry.result = replace(entry.result, p_adjusted=entry.result.p)
    family = [entry for entry in entries if entry.open]
    results = [entry.result for entry in family]
    adjusted = holm([result.p for result in results])
    # The comparisons that Holm's step-down leaves are all held to the same threshold.
    left = sum(p >= level for p in adjusted)
    ranks = np.argsort(np.argsort([result.p for result in results], kind="stable"))
    for entry, result, p, rank in zip(family, results, adjusted, ranks, strict=True):
        threshold = level / (len(family) - int(rank) if p < level else left)
        given_up = "" if p < level else result.given_up
        entry.result = replace(
            result, p_adjusted=p, level=level, threshold=threshold, given_up=given_up
        )
        entry.looks.append(Look(look, level, result.contrast, result.p_for, result.p_against, p))
        decided = p < level and result.n >= MIN_SEEDS and not result.not_finite
        entry.open = not decided and result.contrast is not None


def _close(entries: list[_Entry], plan: Sequence[int], look: int, levels: Sequence[float]) -> None:
    """Train no more seeds for comparisons for which these are not worth their time.

    They stay in their family and are looked at with the seeds that others ask for.
    """
    contradicted = {e.claim for e in entries if e.result.verdict == CONTRADICTED}
    count = sum(entry.open for entry in entries)
    for entry in entries:
        if not entry.open or look == len(plan):
            continue
        reason = ""
        if entry.claim in contradicted:
            reason = CLAIM_DECIDED
        elif _hopeless(entry.result, plan, levels[-1] / count):
            reason = NOT_ENOUGH
        entry.asking = not reason
        entry.result = replace(entry.result, given_up=reason)


def _hopeless(result: Comparison, plan: Sequence[int], level: float) -> bool:
    """Whether the largest number of seeds would be unlikely to decide it, even if the true mean is
    where the 95 % interval of today ends that is farther from the region's bounds."""
    contrast = result.contrast
    if contrast is None or contrast.splits or contrast.n < MIN_SEEDS:
        return False
    bounds = [bound for bound in result.region if np.isfinite(bound)]
    low, high = contrast.interval()
    # Of a region with two bounds the middle is farthest from both.
    possible = [low, high, min(max(float(np.mean(bounds)), low), high)]
    distance = max(min(abs(value - bound) for bound in bounds) for value in possible)
    of_seeds = sum(variance for variance, _ in contrast.parts[: len(contrast.groups)])
    fixed = contrast.error**2 - of_seeds
    error = float(np.sqrt(of_seeds * contrast.n / plan[-1] + fixed))
    return distance < error * float(special.ndtri(1 - level / 2))
