"""How good a mask is, and where a loss should look."""

import numpy as np
from scipy import ndimage

SIGMA = 5.0  # pixels: how far the weight of a border reaches


def overlap(cells: np.ndarray, truth: np.ndarray) -> dict[str, list[float]]:
    """Dice, IoU and pixel accuracy of each member: (S, n, h, w) and (n, h, w) bool -> S numbers."""
    both = (cells & truth).sum((1, 2, 3))
    sizes = cells.sum((1, 2, 3)) + truth.sum()
    return {
        "Dice": (2 * both / sizes).tolist(),
        "IoU": (both / (sizes - both)).tolist(),
        "accuracy": (cells == truth).mean((1, 2, 3)).tolist(),
    }


def boundary(mask: np.ndarray) -> np.ndarray:
    """(n, h, w) bool: pixels with one of the other kind above, below or beside them."""
    edges = np.zeros_like(mask)
    across, down = mask[:, :, 1:] != mask[:, :, :-1], mask[:, 1:] != mask[:, :-1]
    edges[:, :, 1:] |= across
    edges[:, :, :-1] |= across
    edges[:, 1:] |= down
    edges[:, :-1] |= down
    return edges


def boundary_f1(cells: np.ndarray, truth: np.ndarray, tolerance: float) -> float:
    """Harmonic mean of the shares of boundary pixels, found and true, with the other within reach.

    (n, h, w) bool each, `tolerance` in pixels (Csurka et al. 2013). 0 where nothing is found.
    """
    found, wanted = boundary(cells), boundary(truth)
    hits = np.zeros(2)
    for here, there in zip(found, wanted, strict=True):
        for i, (a, b) in enumerate([(here, there), (there, here)]):
            if b.any():
                hits[i] += (ndimage.distance_transform_edt(~b)[a] <= tolerance).sum()
    precision, recall = hits / np.maximum(1, [found.sum(), wanted.sum()])
    return float(2 * precision * recall / (precision + recall)) if precision + recall else 0.0


def border_weights(cells: np.ndarray) -> np.ndarray:
    """exp(-(d1 + d2)² / 2σ²) on membranes, (h, w) bool -> (h, w): largest between two close cells.

    d1 and d2 are the distances to the nearest two cells (Ronneberger et al. 2015, eq. 2).
    """
    labels, _ = ndimage.label(cells)
    nearest = np.full((2, *cells.shape), np.inf)
    reach = int(4 * SIGMA)
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        wide = tuple(
            slice(max(0, side.start - reach), side.stop + reach) for side in box
        )  # farther off, the weight is nothing
        distance = ndimage.distance_transform_edt(labels[wide] != number)
        first, second = nearest[0][wide], nearest[1][wide]
        second[...] = np.minimum(second, np.maximum(first, distance))
        first[...] = np.minimum(first, distance)
    weights: np.ndarray = np.exp(-(nearest.sum(0) ** 2) / (2 * SIGMA**2)) * (labels == 0)
    return weights
