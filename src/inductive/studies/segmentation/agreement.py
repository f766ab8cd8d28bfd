"""Measures of the agreement of predicted and true masks."""

import numpy as np
from scipy import ndimage


def overlap(predicted: np.ndarray, true: np.ndarray) -> dict[str, list[float]]:
    """Dice, IoU and pixel accuracy of each seed: (S, n, h, w) and (n, h, w) bool -> S values each.

    Pixels of all images are counted together before a ratio is taken.
    """
    both = (predicted & true).sum((1, 2, 3))
    sizes = predicted.sum((1, 2, 3)) + true.sum()
    return {
        "Dice": (2 * both / sizes).tolist(),
        "IoU": (both / (sizes - both)).tolist(),
        "accuracy": (predicted == true).mean((1, 2, 3)).tolist(),
    }


def boundary(masks: np.ndarray) -> np.ndarray:
    """(n, h, w) bool: pixels with a vertical or horizontal neighbour of the other value."""
    edges = np.zeros_like(masks)
    across, down = masks[:, :, 1:] != masks[:, :, :-1], masks[:, 1:] != masks[:, :-1]
    edges[:, :, 1:] |= across
    edges[:, :, :-1] |= across
    edges[:, 1:] |= down
    edges[:, :-1] |= down
    return edges


def boundary_f1(predicted: np.ndarray, true: np.ndarray, tolerance: float) -> float:
    """Harmonic mean of the shares of predicted and of true boundary pixels that have a pixel of the
    other boundary within `tolerance` pixels.

    (n, h, w) bool each (Csurka et al. 2013, doi:10.5244/C.27.32). 0 without predicted boundaries.
    """
    boundaries = boundary(predicted), boundary(true)
    hits = np.zeros(2)
    for image in zip(*boundaries, strict=True):
        for i, (own, other) in enumerate([image, image[::-1]]):
            if other.any():
                hits[i] += (ndimage.distance_transform_edt(~other)[own] <= tolerance).sum()
    precision, recall = hits / np.maximum(1, [b.sum() for b in boundaries])
    return float(2 * precision * recall / (precision + recall)) if precision + recall else 0.0
