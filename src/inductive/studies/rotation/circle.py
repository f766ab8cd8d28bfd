"""Means over all angles."""

from collections.abc import Sequence

import numpy as np


def circle_weights(degrees: Sequence[float]) -> np.ndarray:
    """(n,) weights of the trapezoid rule for a mean over the circle, for any gaps between angles.

    Angles that are equal modulo 360 share one weight.
    """
    angles = np.mod(degrees, 360)
    distinct = np.unique(angles)
    gaps = np.diff(np.append(distinct, distinct[0] + 360))
    weights = dict(zip(distinct.tolist(), ((gaps + np.roll(gaps, 1)) / 720).tolist(), strict=True))
    each = angles.tolist()
    return np.array([weights[angle] / each.count(angle) for angle in each])
