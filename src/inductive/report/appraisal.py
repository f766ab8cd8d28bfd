"""What one comparison's values say beside the verdict: what is missing, and how fragile it is."""

from dataclasses import dataclass
from math import comb, floor, inf, isfinite, isinf, log2, nan

from inductive.analysis import fragility, power
from inductive.analysis.contrast import Contrast
from inductive.analysis.verdicts import CONTRADICTED, REPRODUCED, Comparison

TOST = 0.05
"""The level of each of the two one-sided tests of an equivalence."""
_ANY_NUMBER = 10**12
"""So many seeds that these add nothing to the error."""


@dataclass(frozen=True)
class Appraisal:
    """Of one comparison; what does not apply is NaN or None."""

    detectable: float = nan
    """Of an undecided one: the smallest effect that would have been seen; see `analysis.power`."""
    needed: power.Needed | None = None
    """Of an undecided one: what would decide it."""
    hopeless: bool = False
    """Of an undecided one: no number of seeds would decide it, if the effect is what it looks
    like."""
    equivalence: float = nan
    """The difference is smaller than this, in either direction."""
    fragility: int | None = None
    """Of a decided one: the fewest seeds whose removal changes that."""
    removals: int = 0
    """Up to how many seeds were removed; 0 where this was not tried."""


def appraise(comparison: Comparison) -> Appraisal:
    """Everything that applies to a comparison. Powers are simulated, always with the same draws."""
    contrast = comparison.contrast
    if contrast is None or contrast.n < 2 or contrast.fixed:
        return Appraisal()
    region, threshold = comparison.region, comparison.threshold
    random = isfinite(contrast.error) and contrast.error > 0
    by_t = random and not contrast.splits
    equivalence = nan
    if by_t and isinf(region[1]):
        equivalence = power.equivalence(contrast, TOST)
    if comparison.verdict in (REPRODUCED, CONTRADICTED):
        fewest = fragility.removal(contrast, region, threshold)
        return Appraisal(equivalence=equivalence, fragility=fewest, removals=_removals(contrast))
    if contrast.constant and not random and not contrast.splits:
        return Appraisal(needed=power.Needed(_of_sign_test(threshold), None))
    if not by_t:
        return Appraisal()
    needed = power.needed(contrast, region, threshold)
    nothing = needed.seeds is None and needed.examples is None
    reached = power.power(contrast, region, contrast.mean, threshold, _ANY_NUMBER)
    return Appraisal(
        detectable=power.detectable(contrast, region, threshold),
        needed=needed,
        hopeless=nothing and reached < power.POWER,
        equivalence=equivalence,
    )


def _of_sign_test(threshold: float) -> int:
    """The fewest equal values that the sign test decides at a two-sided threshold."""
    return floor(1 - log2(threshold)) + 1


def interval_of(contrast: Contrast, level: float = 0.95) -> tuple[float, float]:
    """The two-sided interval of the test by which a comparison is judged, clipped to the values
    that the quantity can have; infinite for a single seed.

    Student's t with the error as the skewness of the seeds widens it, without Hall's correction for
    that of the test examples; or, where seeds fall into two groups, all values that the bets do not
    reject.
    """
    if contrast.n < 2:
        return -inf, inf
    if contrast.splits:
        alpha = (1 - level) / 2
        low, high = _lowest(contrast, alpha), -_lowest(contrast.mirrored, alpha)
    else:
        low, high = contrast.interval(level)
    lowest, highest = contrast.bounds or (-inf, inf)
    return max(low, lowest), min(high, highest)


def _lowest(contrast: Contrast, alpha: float) -> float:
    """The smallest value that is not rejected in favour of larger ones at level `alpha`."""
    if contrast.bounds is None:
        return -inf
    low, high = contrast.bounds
    for _ in range(60):
        middle = (low + high) / 2
        rejected = contrast.p_above(middle) < alpha
        low, high = (middle, high) if rejected else (low, middle)
    return low


def _removals(contrast: Contrast) -> int:
    """Up to how many seeds `fragility.removal` removes."""
    seeds = len({seed for group in contrast.groups for seed in group.seeds})
    tried = 0
    for count in range(1, fragility.MOST + 1):
        if comb(seeds, count) > fragility.TRIES:
            break
        tried = count
    return tried
