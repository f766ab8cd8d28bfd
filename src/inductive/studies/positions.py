"""What do position codes do to attention scores?

Sinusoidal codes added to random features, concatenated with them, and in the variants that two
sources compute: scores, their cross terms, and what each variant breaks. Nothing is trained.
"""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from inductive.run import Run
from inductive.studies.untrained import Found, measured, part_runs

if TYPE_CHECKING:
    import numpy as np
    import torch

    from inductive.training.tidy import Tidy

TITLE = "Positions"
QUESTION = "What do position codes do to attention scores?"
PROTOCOL = (
    "Sinusoidal codes E of n positions in p dimensions; random features X with the mean and the "
    "standard deviation of E; scores KᵀK of K = X + E and of K = [X; E], with no projections."
)


def runs(params: dict[str, Any]) -> list[Run]:
    """The codes themselves, the scores, and the cross terms by dimension."""
    return part_runs(__name__, params["positions"], ("codes", "scores", "dimensions"))


def verify(run: Run, device: "torch.device") -> "Tidy":
    """One of the three measurements."""
    parts = {"codes": _codes, "scores": _scores, "dimensions": _dimensions}
    measure: Callable[..., Found] = parts[str(run.labels["part"])]  # type: ignore[assignment]
    return measured(run, measure)


def standard(p: int, n: int) -> "np.ndarray":
    """(p, n): E[2k, i] = sin(i 10000^(-2k/p)), E[2k + 1, i] its cosine (Vaswani et al. 2017)."""
    import numpy as np

    k, i = np.arange(p // 2)[:, None], np.arange(n)
    angle = i * np.exp(-2 * k * math.log(10000) / p)
    return np.stack([np.sin(angle), np.cos(angle)], axis=1).reshape(p, n)


def doubled(p: int, n: int) -> "np.ndarray":
    """S0's: the 2 stands before the position, sin(2i 10000^(-k/p)), so frequencies end at 0.02."""
    import numpy as np

    k, i = np.arange(p // 2)[:, None], np.arange(n)
    angle = 2 * i * np.exp(-k * math.log(10000) / p)
    return np.stack([np.sin(angle), np.cos(angle)], axis=1).reshape(p, n)


def unpaired(p: int, n: int) -> "np.ndarray":
    """S1's: 5000 in place of p, a frequency for every row, even ones sines and odd ones cosines."""
    import numpy as np

    k, i = np.arange(1, p + 1)[:, None], np.arange(1, n + 1)
    angle = i * np.exp(-2 * k * math.log(10000) / 5000)
    return np.where(k % 2 == 0, np.sin(angle), np.cos(angle))


CODES = {"standard": standard, "doubled (S0)": doubled, "unpaired (S1)": unpaired}


def by_distance(scores: "np.ndarray") -> "np.ndarray":
    """(n,): the mean of each diagonal of (n, n), by distance from 0 on."""
    import numpy as np

    return np.array([np.diagonal(scores, offset).mean() for offset in range(len(scores))])


def largest_rise(scores: "np.ndarray") -> float:
    """How far scores (n,) by distance come back: the most by which one is above an earlier one.

    0 where they only fall, so a slow decay does not count as a return.
    """
    import numpy as np

    return float((scores - np.minimum.accumulate(scores)).max())


def spread_on_diagonals(scores: "np.ndarray") -> float:
    """How far a matrix is from one that depends on i - j only: its largest deviation."""
    import numpy as np

    return max(float(np.ptp(np.diagonal(scores, offset))) for offset in range(len(scores)))


def _codes(seed: int, p: int, n: int, longest: int) -> Found:
    """The same for every seed: nothing is drawn."""
    import numpy as np

    found: Found = {}
    for name, code in CODES.items():
        scores = code(p, n).T @ code(p, n)
        found["diagonal / (p / 2)", "code", name] = float(np.diag(scores).mean() / (p / 2))
        found["largest deviation of the diagonal from p / 2", "code", name] = float(
            np.abs(np.diag(scores) - p / 2).max()
        )
        found["dependence on more than i - j", "code", name] = spread_on_diagonals(scores)
        found["largest difference from the standard code", "code", name] = float(
            np.abs(code(p, n) - standard(p, n)).max()
        )
        far = by_distance(code(p, longest).T @ code(p, longest))
        found["largest rise of the mean score with distance, of p / 2", "code", name] = (
            largest_rise(far) / (p / 2)
        )
    decay = by_distance(standard(p, longest).T @ standard(p, longest))
    distance = np.arange(1, longest)
    for name, fitted in fits(distance, decay[1:] / (p / 2)).items():
        error = np.sqrt(np.mean((fitted - decay[1:] / (p / 2)) ** 2))
        found[f"error of the {name} fit, of p / 2", "", ""] = float(error)
    return found


def fits(distance: "np.ndarray", scores: "np.ndarray") -> "dict[str, np.ndarray]":
    """Least-squares fits of two parameters each: a exp(-b distance), and a + b ln distance."""
    import numpy as np
    from scipy.optimize import curve_fit

    def exponential(x: "np.ndarray", a: float, b: float) -> "np.ndarray":
        return a * np.exp(-b * x)

    (a, b), _ = curve_fit(exponential, distance, scores, p0=(scores[0], 1 / len(scores)))
    slope, start = np.polyfit(np.log(distance), scores, 1)
    return {
        "exponential": exponential(distance, a, b),
        "logarithmic": start + slope * np.log(distance),
    }


def _scores(seed: int, p: int, n: int) -> Found:
    import numpy as np

    x, e = features(seed, p, n), standard(p, n)
    added, joined = (x + e).T @ (x + e), np.concatenate([x, e]).T @ np.concatenate([x, e])
    both, cross = x.T @ x + e.T @ e, x.T @ e + e.T @ x
    found: Found = {
        ("added - (XᵀX + EᵀE + cross terms)", "", ""): float(np.abs(added - both - cross).max()),
        ("concatenated - (XᵀX + EᵀE)", "", ""): float(np.abs(joined - both).max()),
        ("added - concatenated, relative", "", ""): float(
            np.linalg.norm(added - joined) / np.linalg.norm(joined)
        ),
    }
    for name, scores in [("added", added), ("concatenated", joined)]:
        off = (scores - e.T @ e)[~np.eye(n, dtype=bool)]
        # What does not come from position, off the diagonal, against the diagonal.
        found["noise off the diagonal / diagonal", "form", name] = float(
            off.std() / np.diag(scores).mean()
        )
    return found


def features(seed: int, p: int, n: int) -> "np.ndarray":
    """(p, n) random features with the mean and standard deviation of the code's entries."""
    from inductive.training.randomness import numpy_generator

    e = standard(p, n)
    return numpy_generator("features", seed).normal(e.mean(), e.std(), (p, n))


def _dimensions(seed: int, widths: list[int], n: int) -> Found:
    """Cross terms and angles by dimension, with features of mean 0."""
    import numpy as np

    from inductive.training.randomness import numpy_generator

    rng = numpy_generator("dimensions", seed)
    found: Found = {}
    ratios = []
    for p in widths:
        e = standard(p, n)
        x = rng.normal(0, e.std(), (p, n))
        cross = x.T @ e + e.T @ x
        score = np.diag(x.T @ x + e.T @ e).mean()
        ratios.append(float(cross.std() / score))
        found["cross terms / score", "p", p] = ratios[-1]
        cosine = (x.T @ e) / np.outer(np.linalg.norm(x, axis=0), np.linalg.norm(e, axis=0))
        angle = np.degrees(np.arccos(cosine))
        found["angle between features and codes (°)", "p", p] = float(angle.mean())
        found["standard deviation of that angle (°)", "p", p] = float(angle.std())
    exponent = np.polyfit(np.log(widths), np.log(ratios), 1)[0]
    found["exponent of cross terms / score in p", "", ""] = float(exponent)
    return found
