"""How the scores (n, n) of positions depend on their distance."""

import numpy as np
from scipy.optimize import curve_fit


def by_distance(scores: np.ndarray) -> np.ndarray:
    """(n,): the mean of each diagonal of (n, n), for distances 0 to n - 1."""
    return np.array([np.diagonal(scores, offset).mean() for offset in range(len(scores))])


def largest_rise(scores: np.ndarray) -> float:
    """The largest increase of one of the scores (n,) by distance over an earlier one.

    0 where they only decrease, however slowly.
    """
    return float((scores - np.minimum.accumulate(scores)).max())


def spread_on_diagonals(scores: np.ndarray) -> float:
    """Largest range of values on one diagonal of (n, n): 0 where it depends on i - j only."""
    return max(float(np.ptp(np.diagonal(scores, offset))) for offset in range(len(scores)))


def fits(distance: np.ndarray, scores: np.ndarray) -> dict[str, np.ndarray]:
    """Least-squares fits of two parameters each: a exp(-b distance), and a + b ln distance."""

    def exponential(x: np.ndarray, a: float, b: float) -> np.ndarray:
        return a * np.exp(-b * x)

    (a, b), _ = curve_fit(exponential, distance, scores, p0=(scores[0], 1 / len(scores)))
    slope, start = np.polyfit(np.log(distance), scores, 1)
    return {
        "exponential": exponential(distance, a, b),
        "logarithmic": start + slope * np.log(distance),
    }
