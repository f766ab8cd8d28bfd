"""How the seeds of a study's networks scatter, from all of them together.

A few seeds of one network do not show whether a part of them fails: most samples miss the long
tail, have too small a variance, and make Student's t far too large. All networks of a study
together show it.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from inductive.analysis.contrast import Contrast

EXPONENTIAL = 2.0
"""The skewness of exponential values, the strongest that is corrected for."""
_STANDARD_ERRORS = 0.5  # by which the skewness is taken to be stronger than it is seen to be


class Scatter(NamedTuple):
    """What all seeds of a study say."""

    tail: float
    """Their skewness / that of exponential values: 0 (normal) to 1."""
    splits: bool
    """Whether those of any network have been seen to fall into two groups."""


def scatter_of(contrasts: Iterable[Contrast]) -> Scatter:
    """From the compared quantities of a study; a network in several of them counts once."""
    groups, splits = {}, False
    for contrast in contrasts:
        splits |= contrast.splits
        if contrast.deterministic:
            continue
        for group in contrast.groups:
            own = group.sign * group.values
            if len(own) > 2:
                groups[own.tobytes()] = own
    thirds = cubes = error = 0.0
    for own in groups.values():
        n, sd = len(own), own.std(ddof=1)
        thirds += ((own - own.mean()) ** 3).sum() * n / (n - 1) / (n - 2)
        cubes += sd**3
        # The variance of the skewness of n normal values.
        error += 6 * n * (n - 1) / ((n - 2) * (n + 1) * (n + 3)) * sd**6
    if cubes == 0:
        return Scatter(0.0 if groups else 1.0, splits)
    skewness = (abs(thirds) + _STANDARD_ERRORS * np.sqrt(error)) / cubes
    return Scatter(float(min(1.0, skewness / EXPONENTIAL)), splits)
