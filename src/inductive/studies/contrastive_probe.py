"""What f and g know: linear probes, neighbours, and the shape of the embedding."""

import warnings
from typing import Any

import numpy as np
import torch
from torch import Tensor

from inductive.errors import InputError
from inductive.nn.info_nce import row_sums, similarities
from inductive.nn.views import NUMBERS
from inductive.studies.contrastive_task import ContrastiveTask
from inductive.training.image_task import BATCH
from inductive.training.members import Members
from inductive.training.randomness import numpy_generator
from inductive.training.tidy import Tidy

METHODS = {"f": "encode", "g": "forward"}


def embed(
    judge: ContrastiveTask, members: Members, i: int, part: str, representation: str
) -> np.ndarray:
    """(n, d): what member i makes of a part of its split, without augmentation."""
    seed, alone = members.seeds[i], members.member(i)
    method = METHODS[representation]
    batches = judge.numbers(seed, part).split(BATCH)
    parts = [alone(judge.batch(n, seed), method=method)[0] for n in batches]
    found: np.ndarray = torch.cat(parts).cpu().numpy()
    return found


def probe(
    tidy: Tidy,
    judge: ContrastiveTask,
    members: Members,
    selection: str,
    representation: str,
    settings: dict[str, Any],
) -> None:
    """Test accuracy of a logistic regression by number of labels, and of the nearest neighbours."""
    linear: dict[int, list[float]] = {n: [] for n in settings["labels"]}
    neighbours = []
    for i, seed in enumerate(members.seeds):
        x, test_x = (embed(judge, members, i, p, representation) for p in ("train", "test"))
        y, test_y = (judge.labels[judge.numbers(seed, p)].cpu().numpy() for p in ("train", "test"))
        # Fewer labels are the first of the same random order, so that more only adds to them.
        order = numpy_generator("labels", seed).permutation(len(y))
        if max(settings["labels"]) > len(y):
            raise InputError(
                f"contrastive.evaluation.labels: {max(settings['labels'])} is more than the "
                f"{len(y)} training images"
            )
        for n in settings["labels"]:
            chosen = order[:n]
            linear[n].append(_linear(x[chosen], y[chosen], test_x, test_y))
        neighbours.append(_neighbours(x, y, test_x, test_y, settings["neighbours"]))
    for n, values in linear.items():
        tidy.add(values, selection, representation, "linear probe", "labels", n)
    tidy.add(linear[max(linear)], selection, representation, "linear probe")
    tidy.add(neighbours, selection, representation, "neighbours")


def _linear(x: np.ndarray, y: np.ndarray, test_x: np.ndarray, test_y: np.ndarray) -> float:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if len(np.unique(y)) == 1:
        return float((test_y == y[0]).mean())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a few more iterations would not change the third digit
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200)).fit(x, y)
    return float(model.score(test_x, test_y))


def _neighbours(
    x: np.ndarray, y: np.ndarray, test_x: np.ndarray, test_y: np.ndarray, count: int
) -> float:
    from sklearn.neighbors import KNeighborsClassifier

    model = KNeighborsClassifier(min(count, len(y)), metric="cosine").fit(x, y)
    return float(model.score(test_x, test_y))


def effective_rank(z: Tensor) -> Tensor:
    """exp of the entropy of the singular values' shares (Roy and Vetterli 2007), in [1, d].

    z (n, d), each vector scaled to length 1: 1 where all point the same way, d where they fill the
    space evenly.
    """
    values = torch.linalg.svdvals(torch.nn.functional.normalize(z.double(), dim=-1))
    return torch.special.entr(values / values.sum()).sum().exp()


def views_of_test(
    tidy: Tidy, judge: ContrastiveTask, members: Members, selection: str, representation: str
) -> None:
    """Alignment and uniformity (Wang and Isola 2020), rank, and mean cosines of pairs of views."""
    found: dict[str, list[float]] = {}
    for i, seed in enumerate(members.seeds):
        numbers = judge.numbers(seed, "test")[:500]
        chance = numpy_generator("test views", seed).random((2, len(numbers), NUMBERS))
        chances = torch.from_numpy(chance).float().to(judge.device)
        views = judge.two_views(numbers, seed, chances)
        z = members.member(i)(views, method=METHODS[representation])[0].cpu().double()
        measured = _shape(z)
        if representation == "g":
            sums = row_sums(z, judge.training["temperature"])
            measured |= dict(zip(("row sum, a pair", "row sum, all"), sums, strict=True))
        for metric, value in measured.items():
            found.setdefault(metric, []).append(float(value))
    for metric, values in found.items():
        tidy.add(values, selection, representation, metric)


def _shape(z: Tensor) -> dict[str, Tensor]:
    n = len(z) // 2
    cosines = similarities(z)
    positives = cosines.diagonal(n)
    others = ~torch.eye(2 * n, dtype=torch.bool, device=z.device)
    others[torch.arange(n), torch.arange(n) + n] = False
    others[torch.arange(n) + n, torch.arange(n)] = False
    negatives = cosines[others]
    distances = 2 - 2 * negatives  # squared, on the unit sphere
    return {
        "cosine of positives": positives.mean(),
        "cosine of negatives": negatives.mean(),
        "alignment": (2 - 2 * positives).mean(),
        "uniformity": (-2 * distances).exp().mean().log(),
        "effective rank": effective_rank(z),
    }
