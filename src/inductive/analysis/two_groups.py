"""Whether the seeds of a network fall into two groups, of which a small sample may show one."""

import numpy as np

# 99.8 % of samples of n normal values have a smaller separation: simulated, 400,000 samples for
# each n up to 12 and 200,000 above.
_SIZES = (4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 60, 100)
_CRITICAL = (
    (59.8, 25.3, 17.3, 14.1, 12.4, 11.55, 11.0, 10.5, 10.4, 10.5, 10.9, 11.3, 12.1, 13.8, 16.6)
)  # fmt: skip
_CLEARLY, _SAFE_ERRORS = 1.5, 4.0
MIN_VALUES = 4
"""Of fewer values nothing can be said."""


def separation(values: np.ndarray) -> float:
    """The largest two-sample t over all ways to cut the sorted values (n,) into a lower and an
    upper part; infinite where both parts have no spread and differ."""
    x = np.sort(np.asarray(values, dtype=float))
    n = len(x)
    if n < 3 or x[-1] - x[0] <= 1e-12 * max(1.0, abs(x[-1])):
        return 0.0
    x = x - x.mean()
    k = np.arange(1, n)  # size of the lower part
    below, above = np.cumsum(x)[:-1], x.sum() - np.cumsum(x)[:-1]
    squares = np.cumsum(x**2)
    within = squares[-1] - below**2 / k - above**2 / (n - k)
    distance = above / (n - k) - below / k
    error = np.sqrt(np.maximum(within, 0.0) / (n - 2) * (1 / k + 1 / (n - k)))
    tiny = 1e-9 * (x[-1] - x[0])
    return float(np.max(np.where(error > tiny, distance / np.maximum(error, tiny), np.inf)))


def seen_to_split(values: np.ndarray, noise: float = 0.0) -> bool:
    """Whether the values are clearly further apart in two groups than those of normal samples: by
    half more than in 99.8 % of these, so that values that are only skewed are rarely taken for it.

    `noise` is the standard deviation that the test examples alone give a value. Near 100 % one
    example more or less is no second group: the groups must differ by four standard errors of it.
    False for fewer than MIN_VALUES values, of which nothing can be said.
    """
    x = np.sort(np.asarray(values, dtype=float))
    n = len(x)
    if n < MIN_VALUES or separation(x) <= _CLEARLY * np.interp(n, _SIZES, _CRITICAL):
        return False
    k = np.arange(1, n)
    below = np.cumsum(x)[:-1]
    distance = (x.sum() - below) / (n - k) - below / k
    return bool((distance > _SAFE_ERRORS * noise * np.sqrt(1 / k + 1 / (n - k))).any())
