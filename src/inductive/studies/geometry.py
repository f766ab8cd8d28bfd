"""How many directions fit into a space, if they need only be almost orthogonal?

Random projections against the Johnson-Lindenstrauss bound, sets of almost orthogonal unit vectors,
and angles of random ones. Nothing is trained.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from inductive.run import Run
from inductive.studies.untrained import Found, measured, part_runs

if TYPE_CHECKING:
    import numpy as np
    import torch

    from inductive.training.tidy import Tidy

TITLE = "Geometry"
QUESTION = "How many directions fit into a space, if they need only be almost orthogonal?"
PROTOCOL = (
    "Points projected by random matrices to as many dimensions as the Johnson-Lindenstrauss lemma "
    "asks for; sets of unit vectors grown at random whose products stay below δ; angles of random "
    "vectors. Double precision."
)


def runs(params: dict[str, Any]) -> list[Run]:
    """Projections, almost orthogonal sets, angles."""
    return part_runs(__name__, params["geometry"], ("projection", "orthogonal", "angles"))


def verify(run: Run, device: "torch.device") -> "Tidy":
    """One of the three measurements, by dimension."""
    parts = {"projection": _projection, "orthogonal": _orthogonal, "angles": _angles}
    measure: Callable[..., Found] = parts[str(run.labels["part"])]  # type: ignore[assignment]
    return measured(run, measure)


def least_dimension(points: int, epsilon: float) -> int:
    """The lemma's k for n points and distortion ε: the first whole number from 8 ln n / ε²."""
    import math

    return math.ceil(8 * math.log(points) / epsilon**2)


def distortion(points: "np.ndarray", projected: "np.ndarray") -> float:
    """Largest relative change of a squared distance, over all pairs of points (n, d)."""
    import numpy as np

    before, after = squared_distances(points), squared_distances(projected)
    return float(np.abs(after / before - 1).max())


def squared_distances(points: "np.ndarray") -> "np.ndarray":
    """Of all pairs of points (n, d), each once, through one matrix product."""
    import numpy as np

    products = points @ points.T
    size = np.diag(products)
    distances: np.ndarray = (size[:, None] + size - 2 * products)[np.triu_indices(len(points), 1)]
    return distances


def coordinates(points: "np.ndarray") -> "np.ndarray":
    """(n, min(n, d)): points (n, d) in the space that they span; no distance changes.

    A random matrix of independent normal entries looks the same after any rotation, so a matrix
    drawn for these coordinates has the law of one drawn for the points, at a fraction of the cost.
    """
    import numpy as np

    _, upper = np.linalg.qr(points.T)
    return upper.T


def _projection(seed: int, points: int, dimension: int, epsilons: list[float], draws: int) -> Found:
    import numpy as np

    from inductive.training.randomness import numpy_generator

    rng = numpy_generator("projection", seed)
    cloud = coordinates(rng.normal(size=(points, dimension)))
    found: Found = {}
    for epsilon in epsilons:
        k = least_dimension(points, epsilon)
        tries = np.array(
            [
                distortion(cloud, cloud @ rng.normal(size=(cloud.shape[1], k)) / k**0.5)
                for _ in range(draws)
            ]
        )
        # The lemma says that a matrix exists: the best one judges it. How many do is more.
        found["distortion, best draw", "ε", epsilon] = float(tries.min())
        found["distortion, mean draw", "ε", epsilon] = float(tries.mean())
        found["share of draws within ε", "ε", epsilon] = float((tries <= epsilon).mean())
        found["ε allowed", "ε", epsilon] = epsilon
        found["dimensions", "ε", epsilon] = float(k)
    return found


def almost_orthogonal(
    rng: "np.random.Generator", dimension: int, delta: float, patience: int, most: int
) -> int:
    """How many unit vectors with all |x·y| <= δ a search finds that keeps what fits.

    It ends after `patience` draws in a row that did not fit, or with `most` vectors.
    """
    import numpy as np

    kept = np.empty((most, dimension))
    count = missed = 0
    while missed < patience and count < most:
        batch = rng.normal(size=(64, dimension))
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
) -> Found:
    import numpy as np

    from inductive.training.randomness import numpy_generator

    rng = numpy_generator("orthogonal", seed)
    found: Found = {}
    for delta in deltas:
        for n in dimensions:
            count = almost_orthogonal(rng, n, delta, patience, most)
            found[f"log of the number found, δ = {delta:g}", "dimension", n] = float(np.log(count))
            found[f"stopped at the most, δ = {delta:g}", "dimension", n] = float(count == most)
    return found


def _angles(seed: int, dimensions: list[int], pairs: int) -> Found:
    import numpy as np

    from inductive.training.randomness import numpy_generator

    rng = numpy_generator("angles", seed)
    found: Found = {}
    for n in dimensions:
        x, y = rng.normal(size=(2, pairs, n))
        cosine = (x * y).sum(1) / np.linalg.norm(x, axis=1) / np.linalg.norm(y, axis=1)
        angle = np.degrees(np.arccos(cosine))
        found["mean angle (°)", "dimension", n] = float(angle.mean())
        found["standard deviation of the angle (°)", "dimension", n] = float(angle.std())
        found["standard deviation of the cosine times √n", "dimension", n] = float(
            cosine.std() * n**0.5
        )
    return found
