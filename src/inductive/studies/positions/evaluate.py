"""Position encodings, the scores of features that carry them, and the cross terms by dimension."""

from collections.abc import Callable

import numpy as np
import torch

from inductive.core.run import Run
from inductive.core.seeding import numpy_generator
from inductive.studies.positions.encodings import ENCODINGS, features, standard
from inductive.studies.positions.scores import by_distance, fits, largest_rise, spread_on_diagonals
from inductive.studies.shared.analytic import Measures, measured
from inductive.training.measurements import MeasurementTable


def measure(run: Run, device: torch.device) -> MeasurementTable:
    """One of the three parts."""
    return measured(run, MEASURES[str(run.labels["part"])])


def _codes(seed: int, p: int, n: int, longest: int) -> Measures:
    """The same for every seed: nothing is drawn."""
    measures = Measures()
    for name, encoding in ENCODINGS.items():
        e = encoding(p, n)
        scores = e.T @ e
        diagonal = np.diag(scores)
        measures.add(f"diagonal / (p / 2), {name}", diagonal.mean() / (p / 2))
        deviation = np.abs(diagonal - p / 2).max()
        measures.add(f"largest deviation of the diagonal from p / 2, {name}", deviation)
        measures.add(f"dependence on more than i - j, {name}", spread_on_diagonals(scores))
        difference = np.abs(e - standard(p, n)).max()
        measures.add(f"largest difference from the standard code, {name}", difference)
        far = by_distance(encoding(p, longest).T @ encoding(p, longest))
        rise = largest_rise(far) / (p / 2)
        measures.add(f"largest rise of the mean score with distance, of p / 2, {name}", rise)
    decay = by_distance(standard(p, longest).T @ standard(p, longest))
    distance = np.arange(1, longest)
    for law, fitted in fits(distance, decay[1:] / (p / 2)).items():
        error = np.sqrt(np.mean((fitted - decay[1:] / (p / 2)) ** 2))
        measures.add(f"error of the {law} fit, of p / 2", error)
    return measures


def _scores(seed: int, p: int, n: int) -> Measures:
    x, e = features(seed, p, n), standard(p, n)
    added = (x + e).T @ (x + e)
    concatenated = np.concatenate([x, e]).T @ np.concatenate([x, e])
    both, cross = x.T @ x + e.T @ e, x.T @ e + e.T @ x
    measures = Measures()
    measures.add("added - (XᵀX + EᵀE + cross terms)", np.abs(added - both - cross).max())
    measures.add("concatenated - (XᵀX + EᵀE)", np.abs(concatenated - both).max())
    relative = np.linalg.norm(added - concatenated) / np.linalg.norm(concatenated)
    measures.add("added - concatenated, relative", float(relative))
    for form, scores in [("added", added), ("concatenated", concatenated)]:
        # The part that does not depend on positions, off the diagonal, relative to the diagonal.
        off = (scores - e.T @ e)[~np.eye(n, dtype=bool)]
        noise = off.std() / np.diag(scores).mean()
        measures.add(f"noise off the diagonal / diagonal, {form}", noise)
    return measures


def _dimensions(seed: int, widths: list[int], n: int) -> Measures:
    """Cross terms and angles by dimension, with features of mean 0."""
    rng = numpy_generator("dimensions", seed)
    measures = Measures()
    ratios = []
    for p in widths:
        e = standard(p, n)
        x = rng.normal(0, e.std(), (p, n))
        cross = x.T @ e + e.T @ x
        score = np.diag(x.T @ x + e.T @ e).mean()
        ratios.append(float(cross.std() / score))
        measures.add("cross terms / score", ratios[-1], dimension=p)
        cosine = (x.T @ e) / np.outer(np.linalg.norm(x, axis=0), np.linalg.norm(e, axis=0))
        angle = np.degrees(np.arccos(cosine))
        measures.add("angle between features and codes (°)", angle.mean(), dimension=p)
        measures.add("standard deviation of that angle (°)", angle.std(), dimension=p)
    exponent = np.polyfit(np.log(widths), np.log(ratios), 1)[0]
    measures.add("exponent of cross terms / score in p", exponent)
    return measures


MEASURES: dict[str, Callable[..., Measures]] = {
    "codes": _codes,
    "scores": _scores,
    "dimensions": _dimensions,
}
