"""Generated tissues: touching cells in an ellipsoid, in CellTypeGraph's layout.

Cells are evenly spread points in an ellipsoid; contacts are the edges of their Delaunay
triangulation; cells on its hull touch the background. A cell's type follows from its layer, counted
from the outside, and from its position along the long axis, as in an ovule: integuments below, the
nucellus above with the embryo sac in its middle, the funiculus at the bottom. Features are measured
on the generated cells, with noise as of a segmentation. Where the zones end differs between
specimens and is not in the features, so no classifier is perfect.
"""

import tempfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Delaunay, cKDTree

from inductive.core.errors import InputError
from inductive.data.formats.cell_features import FEATURES
from inductive.data.formats.celltypegraph import read_specimens
from inductive.data.storage import Arrays
from inductive.data.tissues import generated_names

VERSION = 1

AXES = np.array([40.0, 45.0, 70.0])  # micrometres: half axes of the ellipsoid
# Labels in a file. Integuments and nucellus: by layer, from the outside.
INTEGUMENTS = (1, 2, 3, 4)
NUCELLUS = (5, 6, 7, 14)
EMBRYO_SAC, FUNICULUS = 8, 10


def check(settings: dict[str, Any], key: str) -> None:
    """Raise InputError for sizes that no tissue can have."""
    if settings["cells"] < 30:
        raise InputError(
            f"{key}.generated.cells: {settings['cells']} is below 30, too few for layers"
        )
    if settings["specimens"] < 3 * settings["stages"]:
        raise InputError(
            f"{key}.generated.specimens: {settings['specimens']} is fewer than three for each of "
            f"{settings['stages']} stages"
        )


def generate(settings: dict[str, Any]) -> Arrays:
    """The arrays of `Tissues` and the names: files that the reader of real specimens reads."""
    with tempfile.TemporaryDirectory() as root:
        for i, name in enumerate(generated_names(settings)):
            rng = np.random.default_rng([settings["seed"], i])
            file = Path(root, f"{name}.h5")
            file.parent.mkdir(exist_ok=True)
            write_specimen(file, draw(rng, settings["cells"], settings["noise"]))
        return read_specimens(Path(root), "generated tissues")


def write_specimen(path: Path, content: dict[str, np.ndarray]) -> None:
    """Write one HDF5 file: keys with a slash lie in groups, keys with @ are attributes."""
    with h5py.File(path, "w") as file:
        for name, values in content.items():
            if name.startswith("@"):
                file.attrs[name[1:]] = values
            else:
                file[name] = values


def draw(rng: np.random.Generator, cells: int, noise: float) -> dict[str, np.ndarray]:
    """Every dataset and attribute of one specimen; its size is `cells` within 20 %."""
    scale = rng.uniform(0.9, 1.1, 3)
    points = _points(rng, int(cells * rng.uniform(0.8, 1.2)), AXES * scale)
    n = len(points)
    contacts, outside = _contacts(points)
    adjacency = sparse.coo_matrix((np.ones(len(contacts)), contacts.T), shape=(n, n))
    adjacency = (adjacency + adjacency.T).tocsr()
    hops = _hops(adjacency, outside)
    labels = _labels(rng, points / (AXES * scale), hops)
    ids = 2 + np.cumsum(rng.integers(1, 4, n))  # ids have gaps, and 0 is the background
    background = np.stack([ids[outside], np.zeros(outside.sum(), ids.dtype)], axis=1)
    content: dict[str, np.ndarray] = {
        "@global_reference_system_origin": np.zeros(3),
        "@global_reference_system_axis": np.eye(3),
        "cell_ids": ids,
        "cell_labels": labels,
        "edges_ids": np.concatenate([ids[contacts], background]),
        "edges_labels": np.concatenate(
            [np.zeros(len(contacts), int), np.ones(len(background), int)]
        ),
    }
    raw = _features(rng, points, adjacency, hops, noise)
    content |= {f"cell_features/{f.name}": raw[f.name] for f in FEATURES}
    distance = np.linalg.norm(points[contacts[:, 0]] - points[contacts[:, 1]], axis=1)
    both = np.concatenate([distance, np.full(len(background), distance.mean())])
    content |= {"edges_features/com_distance_um": both, "edges_features/surface_um": both**2}
    content["cell_samples/random_samples_grs"] = points[:, None] + rng.normal(0, 2, (n, 8, 3))
    return content


def _points(rng: np.random.Generator, count: int, axes: np.ndarray) -> np.ndarray:
    """(count, 3) points in an ellipsoid, evenly spread by two steps of Lloyd's relaxation."""

    def in_ball(samples: int) -> np.ndarray:
        direction = rng.normal(size=(samples, 3))
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        return direction * rng.uniform(size=(samples, 1)) ** (1 / 3)

    points, space = in_ball(count), in_ball(40 * count)
    for _ in range(2):
        _, owner = cKDTree(points).query(space)
        totals = np.stack([np.bincount(owner, space[:, k], count) for k in range(3)], axis=1)
        owned = np.bincount(owner, minlength=count)[:, None]
        points = np.where(owned > 0, totals / np.maximum(owned, 1), points)
    spread: np.ndarray = points * axes
    return spread


def _contacts(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of touching cells (E, 2), and which cells touch the background (n,)."""
    mesh = Delaunay(points)
    corners = mesh.simplices
    pairs = np.concatenate([corners[:, [i, j]] for i in range(4) for j in range(i)])
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    length = np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1)
    outside = np.zeros(len(points), bool)
    outside[mesh.convex_hull.ravel()] = True
    # Flat tetrahedra along the hull connect cells that are far apart.
    return pairs[length < 1.9 * np.median(length)], outside


def _hops(adjacency: sparse.csr_matrix, outside: np.ndarray) -> np.ndarray:
    """1 for cells that touch the background, 2 for their neighbours, and so on."""
    distance = dijkstra(adjacency, indices=np.flatnonzero(outside), min_only=True, unweighted=True)
    hops: np.ndarray = 1 + np.minimum(distance, 50).astype(int)
    return hops


def _labels(rng: np.random.Generator, position: np.ndarray, hops: np.ndarray) -> np.ndarray:
    """(n,) types of cells at `position` (n, 3) in the unit ball and in layer `hops` (n,)."""
    layer = np.minimum(hops, 4) - 1
    integument_end, funiculus_end = rng.normal(0.15, 0.08), rng.normal(-0.6, 0.05)
    z = position[:, 2]
    labels = np.where(z < integument_end, np.array(INTEGUMENTS)[layer], np.array(NUCELLUS)[layer])
    labels = np.where(z < funiculus_end, FUNICULUS, labels)
    distance = np.linalg.norm(position - [0, 0, 0.45], axis=1)
    labels[np.argsort(distance)[: rng.integers(1, 4)]] = EMBRYO_SAC
    return labels


def _orientation(axis: np.ndarray) -> np.ndarray:
    """(n, 3) unit vectors a up to sign -> (n, 6) entries of the matrix a aᵀ."""
    x, y, z = axis.T
    return np.stack([x * x, y * y, z * z, x * y, x * z, y * z], axis=1)


def _features(
    rng: np.random.Generator,
    points: np.ndarray,
    adjacency: sparse.csr_matrix,
    hops: np.ndarray,
    noise: float,
) -> dict[str, np.ndarray]:
    """Every dataset of `cell_features`, measured on the generated cells, with noise."""
    n = len(points)
    degree = np.asarray(adjacency.sum(axis=1)).ravel()
    row, column = adjacency.nonzero()
    offset = points[column] - points[row]
    covariance = np.zeros((n, 3, 3))
    np.add.at(covariance, row, offset[:, :, None] * offset[:, None, :])
    variance, axes = np.linalg.eigh(covariance / np.maximum(degree, 1)[:, None, None])
    variance, axes = variance[:, ::-1], axes[:, :, ::-1]  # largest first

    local, dot = _local_axes(rng, points)
    walk = sparse.diags(1 / np.maximum(degree, 1)) @ adjacency
    centrality = np.full(n, 1 / n)  # the distribution of a random walk after five steps
    for _ in range(5):
        centrality = walk.T @ centrality
    width = np.sqrt(np.maximum(variance, 1e-6))
    volume = width.prod(axis=1)
    raw: dict[str, np.ndarray] = {
        "com_grs": points,
        "degree_centrality": degree / (n - 1),
        "rw_centrality": centrality,
        "volume_um": volume,
        "surface_um": volume ** (2 / 3) * 4.8,
        "lrs_axis12_dot_grs": dot,
        "lrs_axis2_angle_grs": np.arccos(local[1][:, 2].clip(-1, 1)),
        "pca_explained_variance_grs": variance / variance.sum(axis=1, keepdims=True),
    }
    for k in range(3):
        raw[f"lrs_orientation_axis{k + 1}_grs"] = _orientation(local[k])
        raw[f"pca_orientation_axis{k + 1}_grs"] = _orientation(axes[:, :, k])
        raw[f"lrs_proj_axis{k + 1}_grs"] = local[k]
        raw[f"pca_proj_axis{k + 1}_grs"] = axes[:, :, k]
        raw[f"length_axis{k + 1}_grs"] = width[:, k]
    noisy = {
        name: values + noise * values.std() * rng.normal(size=values.shape)
        for name, values in raw.items()
    }
    is_miscounted = rng.uniform(size=n) < noise / 2
    noisy["hops_to_bg"] = hops + is_miscounted * rng.integers(-1, 2, n)
    return noisy


def _local_axes(
    rng: np.random.Generator, points: np.ndarray
) -> tuple[list[np.ndarray], np.ndarray]:
    """Three orthogonal unit vectors (n, 3) of every cell, and the dot product (n,) of two axes.

    The axes are outwards, along the specimen but orthogonal to outwards, and their cross product.
    The dot product is of outwards and the axis along the specimen before it was made orthogonal.
    """
    outwards = points / AXES**2
    outwards /= np.maximum(np.linalg.norm(outwards, axis=1, keepdims=True), 1e-9)
    outwards += rng.normal(0, 0.2, points.shape)
    outwards /= np.linalg.norm(outwards, axis=1, keepdims=True)
    along = np.array([0.0, 0.0, 1.0]) + rng.normal(0, 0.2, points.shape)
    dot = (outwards * along).sum(1)
    tangent = along - dot[:, None] * outwards
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    return [outwards, tangent, np.cross(outwards, tangent)], dot
