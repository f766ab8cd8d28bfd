"""Drawn tissues: cells in an ellipsoid that touch their neighbours, in CellTypeGraph's layout.

Cells are points with their own space in an ellipsoid; contacts are the edges of their Delaunay
triangulation; cells of its hull touch the background. A cell's type follows from its layer, counted
from the outside, and from its place along the long axis, as in an ovule: coats below, a nucellus
above with the embryo sac in its middle, a stalk at the bottom. Features are measured on the drawn
cells and blurred as a segmentation would. Where the zones end differs between specimens and is not
in the features, so no classifier is perfect.
"""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from inductive.data.cell_features import FEATURES
from inductive.data.celltypegraph import Arrays, read_specimens
from inductive.errors import InputError

if TYPE_CHECKING:
    from scipy import sparse

VERSION = 1

AXES = np.array([40.0, 45.0, 70.0])  # micrometres: half axes of the ellipsoid
COATS = (1, 2, 3, 4)  # labels in a file, by layer from the outside
NUCELLUS = (5, 6, 7, 14)
EMBRYO_SAC, STALK = 8, 10


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


def names(settings: dict[str, Any]) -> list[str]:
    """<stage>/<name> of every specimen."""
    return [f"stage-{1 + i % settings['stages']}/{i:03d}" for i in range(settings["specimens"])]


def generate(settings: dict[str, Any]) -> Arrays:
    """Specimens written in the published layout to a temporary folder, read by the real reader."""
    with tempfile.TemporaryDirectory() as root:
        for i, name in enumerate(names(settings)):
            rng = np.random.default_rng([settings["seed"], i])
            file = Path(root, f"{name}.h5")
            file.parent.mkdir(exist_ok=True)
            write_specimen(file, draw(rng, settings["cells"], settings["noise"]))
        return read_specimens(Path(root), "drawn tissues")


def write_specimen(path: Path, content: dict[str, np.ndarray]) -> None:
    """One HDF5 file; keys with a slash lie in groups, those that begin with @ are attributes."""
    import h5py

    with h5py.File(path, "w") as file:
        for name, values in content.items():
            if name.startswith("@"):
                file.attrs[name[1:]] = values
            else:
                file[name] = values


def draw(rng: np.random.Generator, cells: int, noise: float) -> dict[str, np.ndarray]:
    """Every dataset and attribute of one specimen of about as many cells (a fifth more or less)."""
    from scipy import sparse

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
    """(count, 3) points in an ellipsoid, evened out by two rounds of Lloyd's relaxation."""
    from scipy.spatial import cKDTree

    def inside(samples: int) -> np.ndarray:
        direction = rng.normal(size=(samples, 3))
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        return direction * rng.uniform(size=(samples, 1)) ** (1 / 3)

    points, space = inside(count), inside(40 * count)
    for _ in range(2):
        _, owner = cKDTree(points).query(space)
        totals = np.stack([np.bincount(owner, space[:, k], count) for k in range(3)], axis=1)
        owned = np.bincount(owner, minlength=count)[:, None]
        points = np.where(owned > 0, totals / np.maximum(owned, 1), points)
    return points * axes


def _contacts(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of touching cells (E, 2), and which cells touch the background (n,)."""
    from scipy.spatial import Delaunay

    mesh = Delaunay(points)
    corners = mesh.simplices
    pairs = np.concatenate([corners[:, [i, j]] for i in range(4) for j in range(i)])
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    length = np.linalg.norm(points[pairs[:, 0]] - points[pairs[:, 1]], axis=1)
    outside = np.zeros(len(points), bool)
    outside[mesh.convex_hull.ravel()] = True
    # Slivers along the hull join cells that are far apart.
    return pairs[length < 1.9 * np.median(length)], outside


def _hops(adjacency: "sparse.csr_matrix", outside: np.ndarray) -> np.ndarray:
    """1 for cells that touch the background, 2 for their neighbours, and so on."""
    from scipy.sparse.csgraph import dijkstra

    distance = dijkstra(adjacency, indices=np.flatnonzero(outside), min_only=True, unweighted=True)
    return 1 + np.minimum(distance, 50).astype(int)


def _labels(rng: np.random.Generator, place: np.ndarray, hops: np.ndarray) -> np.ndarray:
    """The types of cells at `place` (n, 3) of the unit ball, in `hops` (n,) layers."""
    layer = np.minimum(hops, 4) - 1
    coat_ends, stalk_ends = rng.normal(0.15, 0.08), rng.normal(-0.6, 0.05)
    labels = np.where(place[:, 2] < coat_ends, np.array(COATS)[layer], np.array(NUCELLUS)[layer])
    labels = np.where(place[:, 2] < stalk_ends, STALK, labels)
    sac = np.linalg.norm(place - [0, 0, 0.45], axis=1)
    labels[np.argsort(sac)[: rng.integers(1, 4)]] = EMBRYO_SAC
    return labels


def _orientation(axis: np.ndarray) -> np.ndarray:
    """(n, 3) directions without a sign -> (n, 6) entries of the matrix a aᵀ."""
    x, y, z = axis.T
    return np.stack([x * x, y * y, z * z, x * y, x * z, y * z], axis=1)


def _features(
    rng: np.random.Generator,
    points: np.ndarray,
    adjacency: "sparse.csr_matrix",
    hops: np.ndarray,
    noise: float,
) -> dict[str, np.ndarray]:
    """Every dataset of `cell_features`, measured on the drawn cells and blurred."""
    from scipy import sparse

    n = len(points)
    degree = np.asarray(adjacency.sum(axis=1)).ravel()
    row, column = adjacency.nonzero()
    offset = points[column] - points[row]
    covariance = np.zeros((n, 3, 3))
    np.add.at(covariance, row, offset[:, :, None] * offset[:, None, :])
    variance, axes = np.linalg.eigh(covariance / np.maximum(degree, 1)[:, None, None])
    variance, axes = variance[:, ::-1], axes[:, :, ::-1]  # largest first

    # The local system: outwards, along the specimen as far as it is not outwards, and across.
    outwards = points / AXES**2
    outwards /= np.maximum(np.linalg.norm(outwards, axis=1, keepdims=True), 1e-9)
    outwards += rng.normal(0, 0.2, (n, 3))
    outwards /= np.linalg.norm(outwards, axis=1, keepdims=True)
    along = np.array([0.0, 0.0, 1.0]) + rng.normal(0, 0.2, (n, 3))
    dot = (outwards * along).sum(1)
    level = along - dot[:, None] * outwards
    level /= np.linalg.norm(level, axis=1, keepdims=True)
    local = [outwards, level, np.cross(outwards, level)]

    walk = sparse.diags(1 / np.maximum(degree, 1)) @ adjacency
    central = np.full(n, 1 / n)
    for _ in range(5):
        central = walk.T @ central
    width = np.sqrt(np.maximum(variance, 1e-6))
    volume = width.prod(axis=1)
    raw: dict[str, np.ndarray] = {
        "com_grs": points,
        "degree_centrality": degree / (n - 1),
        "rw_centrality": central,
        "volume_um": volume,
        "surface_um": volume ** (2 / 3) * 4.8,
        "lrs_axis12_dot_grs": dot,
        "lrs_axis2_angle_grs": np.arccos(level[:, 2].clip(-1, 1)),
        "pca_explained_variance_grs": variance / variance.sum(axis=1, keepdims=True),
    }
    for k in range(3):
        raw[f"lrs_orientation_axis{k + 1}_grs"] = _orientation(local[k])
        raw[f"pca_orientation_axis{k + 1}_grs"] = _orientation(axes[:, :, k])
        raw[f"lrs_proj_axis{k + 1}_grs"] = local[k]
        raw[f"pca_proj_axis{k + 1}_grs"] = axes[:, :, k]
        raw[f"length_axis{k + 1}_grs"] = width[:, k]
    blurred = {
        name: values + noise * values.std() * rng.normal(size=values.shape)
        for name, values in raw.items()
    }
    mistaken = rng.uniform(size=n) < noise / 2
    blurred["hops_to_bg"] = hops + mistaken * rng.integers(-1, 2, n)
    return blurred
