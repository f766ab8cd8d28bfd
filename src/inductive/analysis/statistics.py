"""The statistics on which verdicts are based."""

from typing import NamedTuple

import numpy as np
from scipy import stats


class Estimate(NamedTuple):
    """A mean over seeds with its 95 % confidence interval (Student's t)."""

    mean: float
    low: float
    high: float
    n: int
    """Finite values, which all of the above are over."""
    sd: float
    not_finite: int = 0
    """Values that are left out because they are infinite or not a number."""

    @property
    def half_width(self) -> float:
        """Half of the interval's length."""
        return self.high - self.mean


def estimate(values: np.ndarray, level: float = 0.95) -> Estimate:
    """The mean of independent values, one per seed, (n,).

    The interval is infinite for a single value. Only finite values count; without any, the mean is
    not a number.
    """
    values = np.asarray(values, dtype=float)
    finite = values[np.isfinite(values)]
    n, not_finite = len(finite), len(values) - len(finite)
    mean = float(finite.mean()) if n else np.nan
    if n < 2:
        return Estimate(mean, -np.inf, np.inf, n, np.nan, not_finite)
    sd = float(finite.std(ddof=1))
    half = float(stats.t.ppf((1 + level) / 2, n - 1)) * sd / np.sqrt(n)
    return Estimate(mean, mean - half, mean + half, n, sd, not_finite)


def same_as(ours: Estimate, mean: float, sd: float, n: int) -> tuple[float, float]:
    """Two-sided p of equal means (Welch) and of equal standard deviations (F test).

    `mean`, `sd` (of a sample) and `n` are of the other, published values.
    """
    if ours.sd == sd == 0:
        return float(ours.mean == mean), 1.0
    means = stats.ttest_ind_from_stats(
        ours.mean, ours.sd, ours.n, mean, sd, n, equal_var=False
    ).pvalue
    if sd == 0:
        return float(means), 0.0
    wider = stats.f.sf((ours.sd / sd) ** 2, ours.n - 1, n - 1)
    return float(means), float(2 * min(wider, 1 - wider))


def holm(p_values: list[float]) -> list[float]:
    """Holm's step-down adjustment (1979): the family's error rate stays below the level."""
    order = np.argsort(p_values, kind="stable")
    adjusted, largest = np.empty(len(p_values)), 0.0
    for rank, i in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[i]))
        adjusted[i] = largest
    return [float(p) for p in adjusted]
