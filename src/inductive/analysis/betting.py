"""A test of a mean that is valid for any bounded outcome, however it is distributed."""

import numpy as np

BETS = 20
"""Stakes, evenly spaced up to the largest one that cannot lose everything."""


def p_above(values: np.ndarray, bound: float, low: float, high: float) -> float:
    """One-sided p of the hypothesis that the mean of values in [low, high] is at most `bound`.

    A gambler who bets on each value being above the bound multiplies the capital by
    1 + stake * (value - bound), which is expected to stay where it is or fall if the hypothesis is
    true, whatever the distribution. The mean capital over several fixed stakes is therefore 1 / p
    (Waudby-Smith and Ramdas, arXiv:2010.09686, with a mixture of stakes, which makes the result
    independent of the order of the values). Independent values, (n,); 1 where the bound is outside
    [low, high). Raises ValueError for a value outside [low, high].
    """
    width = high - low
    x, m = (np.asarray(values, dtype=float) - low) / width, (bound - low) / width
    if len(x) and (x.min() < -1e-9 or x.max() > 1 + 1e-9):
        raise ValueError(f"values outside [{low:g}, {high:g}]")
    if m >= 1:
        return 1.0
    if m < 0:
        return 0.0
    stakes = np.arange(1, BETS + 1) / BETS / max(m, 1 / BETS)
    # A stake of 1 / m would lose all at a value of 0; a hundredth is kept.
    stakes *= 0.99
    log_capital = np.log1p(stakes[:, None] * (x - m)).sum(1)  # (stakes,)
    largest = log_capital.max()
    log_mean = largest + np.log(np.exp(log_capital - largest).mean())
    return float(np.exp(-max(0.0, log_mean)))
