"""How few seeds decide a verdict: the smallest number whose removal would change it."""

from itertools import combinations

import numpy as np

from inductive.analysis.contrast import Contrast
from inductive.analysis.verdicts import CONTRADICTED, INCONCLUSIVE, MIN_SEEDS, REPRODUCED

MOST = 3
"""Larger sets of seeds are not searched."""
TRIES = 2000


def removal(contrast: Contrast, region: tuple[float, float], threshold: float) -> int | None:
    """The fewest seeds without which the comparison would no longer be decided as it is.

    All sets of up to MOST seeds are tried, as far as they are at most 2,000; None where none of
    them changes it, or where it is undecided. `threshold` is what its two-sided p is compared with.
    A seed is removed from all networks.
    """
    before = decision(contrast, region, threshold)
    if before == INCONCLUSIVE:
        return None
    seeds = list(dict.fromkeys(seed for group in contrast.groups for seed in group.seeds))
    for count in range(1, MOST + 1):
        tries = np.prod([(len(seeds) - i) / (i + 1) for i in range(count)])
        if tries > TRIES:
            return None
        for removed in combinations(seeds, count):
            left = contrast.without(set(removed))
            if left.n < MIN_SEEDS or decision(left, region, threshold) != before:
                return count
    return None


def decision(contrast: Contrast, region: tuple[float, float], threshold: float) -> str:
    """The verdict on one comparison whose two-sided p is compared with `threshold`."""
    p_for, p_against = contrast.probabilities(region)
    if 2 * min(p_for, p_against) >= threshold:
        return INCONCLUSIVE
    return REPRODUCED if p_for < p_against else CONTRADICTED
