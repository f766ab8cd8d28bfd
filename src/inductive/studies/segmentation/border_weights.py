"""The weight of each pixel in a loss that separates close cells."""

import numpy as np
from scipy import ndimage

SIGMA = 5.0
"""σ in pixels: the decay of the weight with the distances to the cells."""


def border_weights(cells: np.ndarray) -> np.ndarray:
    """exp(-(d1 + d2)² / 2σ²) on membranes, (h, w) bool -> (h, w): largest between two close cells.

    d1 and d2 are the distances to the nearest two cells (Ronneberger et al., arXiv:1505.04597,
    eq. 2).
    """
    labels, _ = ndimage.label(cells)
    nearest = np.full((2, *cells.shape), np.inf)
    reach = int(4 * SIGMA)  # the weight is negligible farther off
    for label, box in enumerate(ndimage.find_objects(labels), start=1):
        around = tuple(slice(max(0, side.start - reach), side.stop + reach) for side in box)
        distance = ndimage.distance_transform_edt(labels[around] != label)
        first, second = nearest[0][around], nearest[1][around]
        second[...] = np.minimum(second, np.maximum(first, distance))
        first[...] = np.minimum(first, distance)
    weights: np.ndarray = np.exp(-(nearest.sum(0) ** 2) / (2 * SIGMA**2)) * (labels == 0)
    return weights
