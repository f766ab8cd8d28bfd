"""Reads graphs of touching plant cells (Cerrone et al. 2022, CellTypeGraph).

Every specimen is one HDF5 file <stage>/<name>.h5, in a folder or in a zip archive of one, which is
read without unpacking it to the disk. Generated specimens are written in the same layout and read
by the same code.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import h5py
import numpy as np

from inductive.core.errors import InputError
from inductive.core.run import DatasetSpec
from inductive.data.edges import undirected
from inductive.data.formats.cell_features import FEATURES
from inductive.data.storage import Arrays
from inductive.data.tissues import UNLABELLED, file_name, specimen_files

ARCHIVE = "label_grs_surface.zip"
LARGEST = 512 << 20  # bytes of one unpacked specimen; the published ones are far smaller
BACKGROUND = 0  # the id of everything outside the cells
CLASSES = {1: 0, 2: 1, 3: 2, 4: 3, 14: 3, 5: 4, 6: 5, 7: 6, 8: 7, 10: 8, 0: UNLABELLED}
"""Label in a file -> class."""


def own_files(settings: dict[str, Any], key: str) -> list[Path]:
    """A user's zip archive, or every HDF5 file of the stages' folders."""
    path = Path(settings["path"])
    if path.is_file() and path.suffix == ".zip":
        return [path]
    if not path.is_dir():
        raise InputError(f"{key}.path: '{path}' is neither a folder of stages nor a .zip of one")
    files = specimen_files(path)
    if not files:
        raise InputError(f"{key}.path: {path} holds no <stage>/<name>.h5")
    return files


def check_own(settings: dict[str, Any], key: str) -> None:
    """Raise InputError where a user's specimens are not in the published layout."""
    read_specimens(Path(settings["path"]), f"{key}.path")


def read(spec: DatasetSpec, folder: Path) -> Arrays:
    """All specimens as arrays, with their names as a fact."""
    if spec.kind == "own":
        return read_specimens(Path(spec.settings["path"]), f"data.{spec.name}.path")
    return read_specimens(folder / ARCHIVE, f"dataset {spec.name}")


def read_specimens(path: Path, key: str) -> Arrays:
    """The specimens of a folder or a zip archive, in the order of their names."""
    specimens = {}
    for name, stream in _streams(path, key):
        if name in specimens:
            raise InputError(f"{key}: {path} holds the specimen {name} twice")
        specimens[name] = _read_specimen(stream, f"{key}: {name}")
    if len(specimens) < 3:
        raise InputError(
            f"{key}: {path} holds {len(specimens)} specimens <stage>/<name>.h5; "
            "at least three are needed, to train, to validate and to test"
        )
    names = sorted(specimens)
    features, labels, edges = zip(*(specimens[name] for name in names), strict=True)
    arrays = {
        "features": np.concatenate(features).astype(np.float32),
        "labels": np.concatenate(labels),
        "edges": np.concatenate(edges, axis=1),
        "node_start": np.cumsum([0, *map(len, labels)]),
        "edge_start": np.cumsum([0, *(e.shape[1] for e in edges)]),
    }
    return arrays, {"names": names}


def _streams(path: Path, key: str) -> Iterator[tuple[str, Any]]:
    """<stage>/<name> and a file that h5py can open, for every specimen."""
    if path.is_dir():
        for file in specimen_files(path):
            yield file_name(file), file
        return
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise InputError(f"{key}: {path} is not a zip archive") from None
    with archive:
        for entry in archive.infolist():
            name = PurePosixPath(entry.filename)
            if name.is_absolute() or ".." in name.parts:
                raise InputError(f"{key}: {path} has a member outside itself, {entry.filename}")
            if name.suffix != ".h5" or len(name.parts) < 2 or name.parts[0] == "__MACOSX":
                continue
            if entry.file_size > LARGEST:
                raise InputError(
                    f"{key}: {entry.filename} would unpack to {entry.file_size >> 20} MiB; "
                    f"at most {LARGEST >> 20} are read"
                )
            try:
                with archive.open(entry) as stream:
                    # The size in the entry may be false: nothing beyond it is read.
                    content = stream.read(entry.file_size)
            except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
                raise InputError(f"{key}: {entry.filename} cannot be unpacked: {error}") from None
            yield f"{name.parent.name}/{name.stem}", io.BytesIO(content)


def _read_specimen(stream: Any, key: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features (n, 74) float64, classes (n,) and contacts (2, e) of one file."""
    try:
        file = h5py.File(stream, "r")
    except OSError:
        raise InputError(f"{key} is not an HDF5 file") from None
    with file:
        ids = _array(file, "cell_ids", key)
        labels = _array(file, "cell_labels", key)
        edges = _array(file, "edges_ids", key)
        if ids.ndim != 1 or not len(ids) or labels.shape != ids.shape:
            raise InputError(
                f"{key}: cell_ids {ids.shape} and cell_labels {labels.shape} must be two lists of "
                "one length"
            )
        if edges.ndim != 2 or edges.shape[1] != 2:
            raise InputError(f"{key}: edges_ids is {edges.shape}, expected (edges, 2)")
        columns = _feature_columns(file, len(ids), key)
    return np.concatenate(columns, axis=1), _classes(labels, key), _contacts(ids, edges, key)


def _feature_columns(file: h5py.File, num_cells: int, key: str) -> list[np.ndarray]:
    """Every prepared feature, (n, width) float64, in the published order."""
    columns = []
    for feature in FEATURES:
        name = f"cell_features/{feature.name}"
        raw = _array(file, name, key).astype(np.float64)
        if raw.shape not in feature.shapes(num_cells):
            expected = " or ".join(map(str, feature.shapes(num_cells)))
            raise InputError(f"{key}: {name} is {raw.shape}, expected {expected}")
        if not np.isfinite(raw).all():
            raise InputError(f"{key}: {name} has entries that are not finite")
        columns.append(feature.prepare(raw))
    return columns


def _array(file: h5py.File, name: str, key: str) -> np.ndarray:
    if not isinstance(file.get(name), h5py.Dataset):
        raise InputError(f"{key}: lacks the dataset '{name}'")
    array: np.ndarray = file[name][()]
    if array.dtype.kind not in "iuf":
        raise InputError(f"{key}: {name} holds {array.dtype}, expected numbers")
    return array


def _classes(labels: np.ndarray, key: str) -> np.ndarray:
    if not labels.any():
        raise InputError(f"{key}: no cell has a class, all of cell_labels is 0")
    unknown = sorted(set(labels.tolist()) - set(CLASSES))
    if unknown:
        raise InputError(f"{key}: unknown label {unknown[0]}; known are {sorted(CLASSES)}")
    return np.array([CLASSES[label] for label in labels.tolist()], dtype=np.int64)


def _contacts(ids: np.ndarray, edges: np.ndarray, key: str) -> np.ndarray:
    """(E, 2) pairs of ids, some with the background -> (2, e) pairs of cell indices, each once."""
    order = np.argsort(ids, kind="stable")
    ranked = ids[order]
    if (ranked[1:] == ranked[:-1]).any():
        raise InputError(f"{key}: cell_ids holds {ranked[:-1][ranked[1:] == ranked[:-1]][0]} twice")
    pairs = edges[(edges != BACKGROUND).all(axis=1)]
    ranks = np.searchsorted(ranked, pairs).clip(max=len(ranked) - 1)
    missing = ranked[ranks] != pairs
    if missing.any():
        raise InputError(
            f"{key}: edges_ids refers to cell {pairs[missing][0]}, which cell_ids lacks"
        )
    return undirected(order[ranks].T)
