"""What it would take to decide an undecided comparison: effects, seeds, test examples.

Powers are simulated with this judge's own test on normal values, because its correction for
skewness has no closed form; the draws are the same at every call.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from inductive.analysis.contrast import Contrast, p_of_t, widening

POWER = 0.8
"""The chance of a decision that "would have been seen" and "needed" refer to."""
DRAWS = 2000
_SIMULATED = 40  # seeds up to which powers are simulated
MOST_SEEDS = 1000
"""More than these are not worth naming."""
_MOST_EXAMPLES = 1e7
Region = tuple[float, float]


def power(contrast: Contrast, region: Region, mean: float, level: float, n: int) -> float:
    """The chance that `n` seeds of every network decide for or against, if the true mean is `mean`.

    Standard deviations are those of the contrast. `level` is the two-sided level of this
    comparison, after all corrections. The claim holds where the mean lies in `region`.
    """
    if n > _SIMULATED:
        return _by_t(contrast, region, mean, level, n)
    random = np.random.default_rng(0)
    means, variances, wide = np.full(DRAWS, mean), np.zeros(DRAWS), np.zeros(DRAWS)
    parts: list[tuple[np.ndarray, float]] = []
    for group in contrast.groups:
        x = random.standard_normal((DRAWS, n)) * group.values.std(ddof=1)
        centre = x.mean(1)
        # Overlapping splits share a part of their error, which more of them do not remove.
        means += centre * np.sqrt(1 + n * contrast.resampling)
        squares = (x - centre[:, None]) ** 2
        of_mean = squares.sum(1) / (n - 1) * (1 / n + contrast.resampling)
        parts.append((of_mean, n - 1))
        wide += of_mean * (widening(n, contrast.tail) ** 2 - 1)
    for fixed, df in contrast.parts[len(contrast.groups) :]:
        means += random.standard_normal(DRAWS) * np.sqrt(fixed)
        parts.append((fixed * random.chisquare(df, DRAWS) / df, df))
    for variance, _ in parts:
        variances += variance
    error = np.sqrt(variances + wide)
    if not (error > 0).all():
        return float(2 * 0.5**n < level)  # a sign test
    freedom = variances**2 / np.sum([variance**2 / df for variance, df in parts], axis=0)

    def above(bound: float) -> np.ndarray:
        decided: np.ndarray = p_of_t((means - bound) / error, freedom, 0.0) < level / 2
        return decided

    def below(bound: float) -> np.ndarray:
        decided: np.ndarray = p_of_t((bound - means) / error, freedom, 0.0) < level / 2
        return decided

    low, high = region
    if np.isfinite(high):
        return float(((above(low) & below(high)) | below(low) | above(high)).mean())
    return float((above(low) | below(low)).mean())


def _by_t(contrast: Contrast, region: Region, mean: float, level: float, n: int) -> float:
    """The same for so many seeds that their variance is known almost exactly."""
    parts = contrast.parts[len(contrast.groups) :]
    for group in contrast.groups:
        of_mean = float(group.values.var(ddof=1)) * (1 / n + contrast.resampling)
        parts.append((of_mean * widening(n, contrast.tail) ** 2, n - 1.0))
    variance = sum(each for each, _ in parts)
    if not variance > 0:
        return float(2 * 0.5**n < level)
    df = variance**2 / sum(each**2 / freedom for each, freedom in parts)
    error = np.sqrt(variance)
    critical = float(special.stdtrit(df, 1 - level / 2))

    def above(bound: float) -> float:
        return float(stats.nct.sf(critical, df, (mean - bound) / error))

    def below(bound: float) -> float:
        return float(stats.nct.sf(critical, df, (bound - mean) / error))

    low, high = region
    if not np.isfinite(high):
        return above(low) + below(low)
    # Both bounds are kept where neither test fails.
    return max(0.0, above(low) + below(high) - 1) + below(low) + above(high)


def detectable(contrast: Contrast, region: Region, level: float) -> float:
    """The smallest distance of the true mean from a one-sided region's bound that these seeds would
    have decided with a chance of POWER; infinite where no distance is large enough.

    Of a two-sided region, the half-width of the smallest one in whose middle a true mean would
    have been confirmed.
    """
    low, high = region
    scale = contrast.error * float(special.stdtrit(contrast.df, 1 - level / 2))
    if not 0 < scale < np.inf:
        return 0.0 if scale == 0 else np.inf
    near, far = 0.0, 16 * scale
    for _ in range(14):
        middle = (near + far) / 2
        if np.isfinite(high):
            reached = power(contrast, (-middle, middle), 0.0, level, contrast.n)
        else:
            reached = power(contrast, region, low + middle, level, contrast.n)
        near, far = (near, middle) if reached >= POWER else (middle, far)
    return far


@dataclass(frozen=True)
class Needed:
    """What would decide a comparison if the effect is what it looks like.

    Where both are named, both are needed; where neither is, nothing reasonable helps.
    """

    seeds: int | None
    """Seeds of every network."""
    examples: int | None
    """Test examples, where the sample of these stands in the way of more seeds."""


def needed(contrast: Contrast, region: Region, level: float) -> Needed:
    """Seeds for a chance of POWER, if the true mean and all spreads are those that were measured.

    Where more seeds alone do not help, the test examples and the seeds with which each has half of
    the variance that is allowed, by the normal approximation.
    """
    bounds = [bound for bound in region if np.isfinite(bound)]
    distance = min(abs(contrast.mean - bound) for bound in bounds)
    quantiles = float(special.ndtri(1 - level / 2) + special.ndtri(POWER))
    allowed = (distance / quantiles) ** 2  # variance of the mean
    others = sum(variance for variance, _ in contrast.parts[len(contrast.groups) :])
    spread = sum(float(group.values.var(ddof=1)) for group in contrast.groups)
    if others + spread * contrast.resampling >= allowed:
        if contrast.examples is None or allowed == 0 or contrast.resampling:
            return Needed(None, None)
        examples = len(contrast.examples.values) * 2 * contrast.examples.variance / allowed
        seeds = max(contrast.n, 2 * spread / allowed)
        if examples > _MOST_EXAMPLES or seeds > MOST_SEEDS:
            return Needed(None, None)
        return Needed(int(np.ceil(seeds)), int(np.ceil(examples)))
    low = high = contrast.n
    while power(contrast, region, contrast.mean, level, high) < POWER:
        low, high = high, 2 * high
        if high > MOST_SEEDS:
            return Needed(None, None)
    while high - low > 1:
        middle = (low + high) // 2
        enough = power(contrast, region, contrast.mean, level, middle) >= POWER
        low, high = (low, middle) if enough else (middle, high)
    return Needed(high, None)


def equivalence(contrast: Contrast, level: float = 0.05) -> float:
    """The smallest margin within which the mean is equivalent to 0: two one-sided tests (TOST) at
    `level` would both pass for any larger one."""
    low, high = contrast.interval(1 - 2 * level)
    return max(abs(low), abs(high))
