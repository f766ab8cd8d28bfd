"""What can be predicted from f and from g: linear probes and nearest neighbours."""

import warnings
from collections.abc import Sequence

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from inductive.core.errors import InputError
from inductive.core.seeding import numpy_generator
from inductive.studies.contrastive.task import ContrastiveTask
from inductive.studies.shared.image_task import BATCH
from inductive.training.ensemble import Ensemble
from inductive.training.measurements import MeasurementTable

METHODS = {"f": "encode", "g": "forward"}
"""Representation -> the method of SimCLR that computes it."""


def embed(
    task: ContrastiveTask, ensemble: Ensemble, i: int, part: str, representation: str
) -> np.ndarray:
    """(n, d): the i-th network's representation of a part of its split, without augmentation."""
    seed, single = ensemble.seeds[i], ensemble.select(i)
    method = METHODS[representation]
    batches = torch.split(task.indices(seed, part), BATCH)
    parts = [single(task.batch(indices, seed), method=method)[0] for indices in batches]
    embedding: np.ndarray = torch.cat(parts).cpu().numpy()
    return embedding


def add_probes(
    table: MeasurementTable,
    task: ContrastiveTask,
    ensemble: Ensemble,
    selection: str,
    representation: str,
    *,
    labels: Sequence[int],
    neighbours: int,
) -> None:
    """Test accuracy of a logistic regression by number of labels, and of the nearest neighbours.

    Raises InputError for more labels than there are training images.
    """
    linear: dict[int, list[float]] = {n: [] for n in labels}
    nearest = []
    for i, seed in enumerate(ensemble.seeds):
        x, test_x = (embed(task, ensemble, i, p, representation) for p in ("train", "test"))
        y, test_y = (task.labels[task.indices(seed, p)].cpu().numpy() for p in ("train", "test"))
        # The first n of one random order: larger sets of labels contain the smaller ones.
        order = numpy_generator("labels", seed).permutation(len(y))
        if max(labels) > len(y):
            raise InputError(
                f"contrastive.evaluation.labels: {max(labels)} is more than the "
                f"{len(y)} training images"
            )
        for n in labels:
            first = order[:n]
            linear[n].append(_linear(x[first], y[first], test_x, test_y))
        nearest.append(_neighbours(x, y, test_x, test_y, neighbours))
    split = representation
    for n, values in linear.items():
        table.add(values, "linear probe", selection=selection, split=split, num_labels=n)
    table.add(linear[max(linear)], "linear probe", selection=selection, split=split)
    table.add(nearest, "neighbours", selection=selection, split=split)


def _linear(x: np.ndarray, y: np.ndarray, test_x: np.ndarray, test_y: np.ndarray) -> float:
    if len(np.unique(y)) == 1:
        return float((test_y == y[0]).mean())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a few more iterations would not change the third digit
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200)).fit(x, y)
    return float(model.score(test_x, test_y))


def _neighbours(
    x: np.ndarray, y: np.ndarray, test_x: np.ndarray, test_y: np.ndarray, count: int
) -> float:
    model = KNeighborsClassifier(min(count, len(y)), metric="cosine").fit(x, y)
    return float(model.score(test_x, test_y))
