"""Random projections, sets of almost orthogonal unit vectors, and angles of random vectors."""

import math
from collections.abc import Callable

import numpy as np
import torch

from inductive.core.run import Run
from inductive.core.seeding import numpy_generator
from inductive.studies.shared.analytic import Measures, measured
from inductive.training.measurements import MeasurementTable

BATCH = 64
"""Random vectors that a search draws at a time; the vectors depend on this number."""


def measure(run: Run, device: torch.device) -> MeasurementTable:
    """One of the three parts."""
    return measured(run, MEASURES[str(run.labels["part"])])


def least_dimension(points: int, epsilon: float) -> int:
    """The lemma's k for n points and distortion ε: the smallest integer >= 8 ln n / ε²."""
    return math.ceil(8 * math.log(points) / epsilon**2)


def distortion(points: np.ndarray, projected: np.ndarray) -> float:
    """Largest relative change of a squared distance, over all pairs of points (n, d)."""
    before, after = squared_distances(points), squared_distances(projected)
    return float(np.abs(after / before - 1).max())


def squared_distances(points: np.ndarray) -> np.ndarray:
    """(n (n - 1) / 2,): squared distances of all pairs of points (n, d), by one matrix product."""
    products = points @ points.T
    squares = np.diag(products)
    distances: np.ndarray = (squares[:, None] + squares - 2 * products)[
        np.triu_indices(len(points), 1)
    ]
    return distances


def span_coordinates(points: np.ndarray) -> np.ndarray:
    """(n, min(n, d)): points (n, d) in the space that they span; no distance changes.

    The law of a random matrix of independent normal entries does not change under rotations, so a
    matrix drawn for these coordinates has the law of one drawn for the points, at a lower cost.
    """
    _, upper = np.linalg.qr(points.T)
    return upper.T


def _projection(
    seed: int, points: int, dimension: int, epsilons: list[float], draws: int
) -> Measures:
    rng = numpy_generator("projection", seed)
    cloud = span_coordinates(rng.normal(size=(points, dimension)))
    measures = Measures()
    for epsilon in epsilons:
        k = least_dimension(points, epsilon)
        distortions = np.array(
            [
                distortion(cloud, cloud @ rng.normal(size=(cloud.shape[1], k)) / k**0.5)
                for _ in range(draws)
            ]
        )
        # The lemma states that such a matrix exists, so the best draw tests it.
        measures.add("distortion, best draw", distortions.min(), epsilon=epsilon)
        measures.add("distortion, mean draw", distortions.mean(), epsilon=epsilon)
        within = (distortions <= epsilon).mean()
        measures.add("share of draws within ε", within, epsilon=epsilon)
        measures.add("ε allowed", epsilon, epsilon=epsilon)
        measures.add("dimensions", k, epsilon=epsilon)
    return measures


def almost_orthogonal(
    rng: np.random.Generator, dimension: int, delta: float, patience: int, most: int
) -> int:
    """The size of a set of unit vectors with all |x·y| <= δ, built from random vectors.

    The search ends after `patience` consecutive vectors that do not fit, or with `most` vectors.
    """
    kept = np.empty((most, dimension))
    count = missed = 0
    while missed < patience and count < most:
        batch = rng.normal(size=(BATCH, dimension))
        batch /= np.linalg.norm(batch, axis=1, keepdims=True)
        fits = np.all(np.abs(batch @ kept[:count].T) <= delta, axis=1)
        for x, fit in zip(batch, fits, strict=True):
            if fit and (np.abs(kept[:count] @ x) <= delta).all():
                kept[count] = x
                count, missed = count + 1, 0
                if count == most:
                    break
            else:
                missed += 1
    return count


def _orthogonal(
    seed: int, dimensions: list[int], deltas: list[float], patience: int, most: int
) -> Measures:
    rng = numpy_generator("orthogonal", seed)
    measures = Measures()
    for delta in deltas:
        for n in dimensions:
            count = almost_orthogonal(rng, n, delta, patience, most)
            measures.add("log of the number found", np.log(count), delta=delta, dimension=n)
            measures.add("stopped at the most", count == most, delta=delta, dimension=n)
    return measures


def _angles(seed: int, dimensions: list[int], pairs: int) -> Measures:
    rng = numpy_generator("angles", seed)
    measures = Measures()
    for n in dimensions:
        x, y = rng.normal(size=(2, pairs, n))
        cosine = (x * y).sum(1) / np.linalg.norm(x, axis=1) / np.linalg.norm(y, axis=1)
        angle = np.degrees(np.arccos(cosine))
        measures.add("mean angle (°)", angle.mean(), dimension=n)
        measures.add("standard deviation of the angle (°)", angle.std(), dimension=n)
        scaled = cosine.std() * n**0.5
        measures.add("standard deviation of the cosine times √n", scaled, dimension=n)
    return measures


MEASURES: dict[str, Callable[..., Measures]] = {
    "projection": _projection,
    "orthogonal": _orthogonal,
    "angles": _angles,
}
