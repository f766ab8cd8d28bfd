"""The 74 features of a cell in CellTypeGraph, in the published order, and their preparation."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

HOPS = 5  # channels of the one-hot distance to the background


@dataclass(frozen=True)
class CellFeature:
    """One HDF5 dataset below `cell_features`, and the columns that it becomes."""

    name: str
    width: int
    """Columns after preparation."""
    preparation: str

    def shapes(self, cells: int) -> tuple[tuple[int, ...], ...]:
        """The shapes that the dataset may have."""
        if self.width == 1 or self.preparation == "one hot":
            return (cells,), (cells, 1)
        return ((cells, self.width),)

    def prepare(self, raw: np.ndarray) -> np.ndarray:
        """The raw values (n,) or (n, k), float64 -> (n, width)."""
        prepared: np.ndarray = _PREPARATIONS[self.preparation](raw.reshape(len(raw), -1))
        return prepared


def _z_score(raw: np.ndarray) -> np.ndarray:
    """(x - mean) / deviation over all entries of a specimen; constant values become 0."""
    spread = raw.std()
    scores: np.ndarray = (raw - raw.mean()) / (spread if spread > 0 else 1.0)
    return scores


def _unit(raw: np.ndarray) -> np.ndarray:
    """Rows scaled to Euclidean length 1; a row of zeros is kept.

    The published loader divides by |Σ x| instead, which may be arbitrarily close to 0.
    """
    length = np.linalg.norm(raw, axis=1, keepdims=True)
    return raw / np.where(length > 0, length, 1.0)


def _one_hot(raw: np.ndarray) -> np.ndarray:
    """Integers counted from the smallest one; larger ones are in the last channel."""
    channel = (raw[:, 0] - raw.min()).astype(int).clip(0, HOPS - 1)
    channels: np.ndarray = np.eye(HOPS)[channel]
    return channels


_PREPARATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "z-score": _z_score,
    "unit": _unit,
    "one hot": _one_hot,
    "absolute": np.abs,
}


def _axes(name: str, width: int, preparation: str) -> list[CellFeature]:
    return [CellFeature(name.format(axis), width, preparation) for axis in (1, 2, 3)]


# `grs`: in the specimen's global reference system; `lrs`: of the cell's local one; `pca`: along the
# cell's principal axes. Orientations are the six entries of a symmetric matrix.
FEATURES = (
    CellFeature("com_grs", 3, "z-score"),
    *_axes("lrs_orientation_axis{}_grs", 6, "unit"),
    *_axes("pca_orientation_axis{}_grs", 6, "unit"),
    CellFeature("degree_centrality", 1, "z-score"),
    CellFeature("rw_centrality", 1, "z-score"),
    CellFeature("hops_to_bg", HOPS, "one hot"),
    CellFeature("volume_um", 1, "z-score"),
    CellFeature("surface_um", 1, "z-score"),
    *_axes("length_axis{}_grs", 1, "z-score"),
    CellFeature("lrs_axis12_dot_grs", 1, "absolute"),
    CellFeature("lrs_axis2_angle_grs", 1, "absolute"),
    *_axes("lrs_proj_axis{}_grs", 3, "absolute"),
    *_axes("pca_proj_axis{}_grs", 3, "absolute"),
    CellFeature("pca_explained_variance_grs", 3, "z-score"),
)
NUM_FEATURES = sum(feature.width for feature in FEATURES)
