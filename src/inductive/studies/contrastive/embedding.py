"""The shape of an embedding, and examples of it for the report."""

import numpy as np
import torch
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from torch import Tensor

from inductive.augment.views import NUM_UNIFORMS, random_views
from inductive.core.seeding import numpy_generator
from inductive.data.images import Images
from inductive.nn.info_nce import row_sums, similarities
from inductive.studies.contrastive.probe import METHODS, embed
from inductive.studies.contrastive.task import ContrastiveTask
from inductive.training.ensemble import Ensemble
from inductive.training.measurements import MeasurementTable

VIEWED = 500
"""Test images at most of whose views the shape is measured."""
EMBEDDED = 600
"""Test images at most whose embedding is kept."""
PICTURES, VIEWS = 3, 5
"""Example pictures, and random views of each."""


def effective_rank(z: Tensor) -> Tensor:
    """exp of the entropy of the normalised singular values (Roy and Vetterli 2007), in [1, d].

    z (n, d), each vector scaled to length 1: 1 where all point in one direction, d where they fill
    the space evenly.
    """
    values = torch.linalg.svdvals(torch.nn.functional.normalize(z.double(), dim=-1))
    rank: Tensor = torch.special.entr(values / values.sum()).sum().exp()
    return rank


def shape_of_pairs(z: Tensor) -> dict[str, Tensor]:
    """Metric -> scalar, of z (2n, d): the n first views and then the n second ones.

    Alignment and uniformity are those of Wang and Isola 2020 (arXiv:2005.10242).
    """
    n = len(z) // 2
    cosines = similarities(z)
    positives = cosines.diagonal(n)
    is_negative = ~torch.eye(2 * n, dtype=torch.bool, device=z.device)
    is_negative[torch.arange(n), torch.arange(n) + n] = False
    is_negative[torch.arange(n) + n, torch.arange(n)] = False
    negatives = cosines[is_negative]
    distances = 2 - 2 * negatives  # squared, on the unit sphere
    return {
        "cosine of positives": positives.mean(),
        "cosine of negatives": negatives.mean(),
        "alignment": (2 - 2 * positives).mean(),
        "uniformity": (-2 * distances).exp().mean().log(),
        "effective rank": effective_rank(z),
    }


def add_shape(
    table: MeasurementTable,
    task: ContrastiveTask,
    ensemble: Ensemble,
    selection: str,
    representation: str,
) -> None:
    """Alignment, uniformity, effective rank and mean cosines of random views of test images."""
    by_metric: dict[str, list[float]] = {}
    for i, seed in enumerate(ensemble.seeds):
        indices = task.indices(seed, "test")[:VIEWED]
        uniforms = numpy_generator("test views", seed).random((2, len(indices), NUM_UNIFORMS))
        views = task.two_views(indices, seed, torch.from_numpy(uniforms).float().to(task.device))
        z = ensemble.select(i)(views, method=METHODS[representation])[0].cpu().double()
        measures = shape_of_pairs(z)
        if representation == "g":
            sums = row_sums(z, task.training.temperature)
            measures |= dict(zip(("row sum, a pair", "row sum, all"), sums, strict=True))
        for metric, value in measures.items():
            by_metric.setdefault(metric, []).append(float(value))
    for metric, values in by_metric.items():
        table.add(values, metric, selection=selection, split=representation)


def keep_views(table: MeasurementTable, images: Images) -> None:
    """The artefacts `pictures` (PICTURES, s, s, C) uint8 and `views` (VIEWS, PICTURES, s, s, C)
    float in [0, 1]."""
    pictures = images.pixels[:PICTURES]
    pixels = torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255
    rng = np.random.default_rng(0)
    uniforms = torch.from_numpy(rng.random((VIEWS, len(pictures), NUM_UNIFORMS))).float()
    views = torch.stack([random_views(pixels, each, rotation=True) for each in uniforms])
    table.keep("pictures", pictures)
    table.keep("views", views.permute(0, 1, 3, 4, 2))


def keep_embedding(
    table: MeasurementTable,
    task: ContrastiveTask,
    untrained: Ensemble,
    trained: Ensemble,
    seed: int,
) -> None:
    """Test images of one seed in the plane, as artefacts (n, 2) of that seed: `untrained, PCA`,
    `trained, PCA`, `trained, t-SNE`; and their labels (n,), `embedded classes`."""
    i = trained.seeds.index(seed)
    labels = task.labels[task.indices(seed, "test")].cpu().numpy()[:EMBEDDED]
    before, after = (embed(task, e, i, "test", "f")[:EMBEDDED] for e in (untrained, trained))
    perplexity = max(1, min(30, len(labels) // 4))
    tsne = TSNE(perplexity=perplexity, init="pca", random_state=0)
    table.keep("untrained, PCA", PCA(2, random_state=0).fit_transform(before), seed)
    table.keep("trained, PCA", PCA(2, random_state=0).fit_transform(after), seed)
    table.keep("trained, t-SNE", tsne.fit_transform(after), seed)
    table.keep("embedded classes", labels, seed)
