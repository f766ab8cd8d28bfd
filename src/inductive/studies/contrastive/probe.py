"""What can be predicted from f and from g: linear probes and nearest neighbours."""

import warnings
from collections.abc import Sequence
from functools import partial

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
from inductive.studies.shared.outcomes import add_mean
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
    same_test: bool,
) -> None:
    """Test accuracy of a logistic regression by number of labels, and of the nearest neighbours.

    `same_test`: every seed has the same test images, in the same order.
    Raises InputError for more labels than there are training images.
    """
    linear: dict[int, list[np.ndarray]] = {n: [] for n in labels}
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
    add = partial(add_mean, table, selection=selection, split=representation)
    for n, right in linear.items():
        add(np.stack(right), "linear probe", same=same_test, num_labels=n)
    add(np.stack(linear[max(linear)]), "linear probe", same=same_test)
    add(np.stack(nearest), "neighbours", same=False)


def _linear(x: np.ndarray, y: np.ndarray, test_x: np.ndarray, test_y: np.ndarray) -> np.ndarray:
    """(n,) bool: whether the class of each test image is right."""
    right: np.ndarray
    if len(np.unique(y)) == 1:
        right = test_y == y[0]
        return right
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a few more iterations would not change the third digit
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200)).fit(x, y)
    right = model.predict(test_x) == test_y
    return right


def _neighbours(
    x: np.ndarray, y: np.ndarray, test_x: np.ndarray, test_y: np.ndarray, count: int
) -> np.ndarray:
    """(n,) bool: whether the class of each test image is right."""
    model = KNeighborsClassifier(min(count, len(y)), metric="cosine").fit(x, y)
    right: np.ndarray = model.predict(test_x) == test_y
    return right
