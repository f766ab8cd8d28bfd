"""The judge of version 0.2, for comparison: a paired t test per seed, and certainty without spread.

It knows nothing of test examples, overlapping splits, groups of seeds or looks.
"""

import numpy as np
from scipy import special

LEVEL = 0.05
MIN_SEEDS = 3


def verdicts(values: list[np.ndarray], regions: list[tuple[float, float]]) -> list[str]:
    """The verdicts on the comparisons of one study from their values per seed, each (S,)."""
    p_for, p_against = [], []
    for x, (low, high) in zip(values, regions, strict=True):
        above_low, above_high = _p_above(x, low), _p_above(x, high)
        bounded = np.isfinite(high)
        p_for.append(max(above_low, 1 - above_high if bounded else 0.0))
        p_against.append(min(1 - above_low, above_high if bounded else 1.0))
    two_sided = np.minimum(1, 2 * np.minimum(p_for, p_against))
    decided = np.zeros(len(values), dtype=bool)
    for rank, i in enumerate(np.argsort(two_sided, kind="stable")):  # Holm's step-down
        if two_sided[i] * (len(values) - rank) >= LEVEL:
            break
        decided[i] = len(values[i]) >= MIN_SEEDS
    return [
        "inconclusive" if not d else "reproduced" if p < q else "contradicted"
        for d, p, q in zip(decided, p_for, p_against, strict=True)
    ]


def _p_above(x: np.ndarray, bound: float) -> float:
    if not np.isfinite(bound):
        return 1.0
    error, distance = x.std(ddof=1) / np.sqrt(len(x)), x.mean() - bound
    if error <= 1e-12 * max(1.0, abs(bound)):
        return 0.5 if abs(distance) < 1e-9 else float(distance < 0)
    return float(special.stdtr(len(x) - 1, -distance / error))
