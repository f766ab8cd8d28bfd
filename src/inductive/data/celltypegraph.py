"""Graphs of touching plant cells (Cerrone et al. 2022): 84 ovules, their twin, or a user's own.

Every specimen is one HDF5 file <stage>/<name>.h5, in a folder or in a zip archive of one, which is
read and never unpacked. The twin is written in the same layout and read by the same code.
"""

import io
import math
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors.numpy import load_file

from inductive.data.cell_features import FEATURES
from inductive.data.spec import DatasetSpec
from inductive.errors import InputError

if TYPE_CHECKING:
    import h5py

ARCHIVE = "label_grs_surface.zip"
LARGEST = 512 << 20  # bytes of one unpacked specimen; a larger one is none of ours
BACKGROUND = 0  # the id of what is not a cell
UNLABELLED = -1
CLASSES = {1: 0, 2: 1, 3: 2, 4: 3, 14: 3, 5: 4, 6: 5, 7: 6, 8: 7, 10: 8, 0: UNLABELLED}
"""Label in a file -> class; 0 is a cell that nobody labelled."""
NUM_CLASSES = 9
EMBRYO_SAC = 7
"""The class of a few large cells, which the published class accuracy leaves out."""

Arrays = tuple[dict[str, np.ndarray], dict[str, Any]]


@dataclass(frozen=True)
class Tissues:
    """Graphs of cells, one a specimen, laid end to end."""

    features: np.ndarray
    """(N, 74) float32, prepared as in `cell_features`."""
    labels: np.ndarray
    """(N,) int64; -1 where unlabelled."""
    edges: np.ndarray
    """(2, E) int64: every contact once, numbered within its specimen."""
    node_start: np.ndarray
    """(S + 1,): the cells of specimen i are node_start[i] to node_start[i + 1]."""
    edge_start: np.ndarray
    """(S + 1,), of its contacts."""
    names: tuple[str, ...]
    """<stage>/<name> of every specimen, sorted."""

    def __len__(self) -> int:
        return len(self.names)

    def specimen(self, i: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Features (n, 74), labels (n,) and contacts (2, e) of one specimen."""
        nodes = slice(self.node_start[i], self.node_start[i + 1])
        contacts = slice(self.edge_start[i], self.edge_start[i + 1])
        return self.features[nodes], self.labels[nodes], self.edges[:, contacts]


def load(spec: DatasetSpec) -> Tissues:
    """The specimens of any kind, as the `data` step has left them."""
    from inductive.store import read_json

    arrays = load_file(spec.folder / "arrays.safetensors")
    names = tuple(read_json(spec.card)["facts"]["names"])
    return Tissues(names=names, **arrays)


def own_files(settings: dict[str, Any], key: str) -> list[Path]:
    """A user's zip archive, or every HDF5 file of the stages' folders."""
    path = Path(settings["path"])
    if path.is_file() and path.suffix == ".zip":
        return [path]
    if not path.is_dir():
        raise InputError(f"{key}.path: '{path}' is neither a folder of stages nor a .zip of one")
    files = sorted(path.glob("*/*.h5"))
    if not files:
        raise InputError(f"{key}.path: {path} holds no <stage>/<name>.h5")
    return files


def check_own(settings: dict[str, Any], key: str) -> None:
    """Raise InputError where a user's specimens are not as they must be."""
    read_specimens(Path(settings["path"]), f"{key}.path")


def read(spec: DatasetSpec) -> Arrays:
    """All specimens as arrays, with their names as a fact."""
    if spec.kind == "own":
        return read_specimens(Path(spec.settings["path"]), f"data.{spec.name}.path")
    return read_specimens(spec.folder / ARCHIVE, f"dataset {spec.name}")


def read_specimens(path: Path, key: str) -> Arrays:
    """The specimens of a folder or a zip archive, in the order of their names."""
    parts = {}
    for name, stream in _streams(path, key):
        if name in parts:
            raise InputError(f"{key}: {path} holds the specimen {name} twice")
        parts[name] = _read_specimen(stream, f"{key}: {name}")
    if len(parts) < 3:
        raise InputError(
            f"{key}: {path} holds {len(parts)} specimens <stage>/<name>.h5; "
            "at least three are needed, to train, to validate and to test"
        )
    names = sorted(parts)
    ordered = [parts[name] for name in names]
    arrays = {
        "features": np.concatenate([p[0] for p in ordered]).astype(np.float32),
        "labels": np.concatenate([p[1] for p in ordered]),
        "edges": np.concatenate([p[2] for p in ordered], axis=1),
        "node_start": np.cumsum([0, *(len(p[1]) for p in ordered)]),
        "edge_start": np.cumsum([0, *(p[2].shape[1] for p in ordered)]),
    }
    return arrays, {"names": names}


def _streams(path: Path, key: str) -> Iterator[tuple[str, Any]]:
    """<stage>/<name> and something that h5py opens, for every specimen."""
    if path.is_dir():
        for file in sorted(path.glob("*/*.h5")):
            yield f"{file.parent.name}/{file.stem}", file
        return
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise InputError(f"{key}: {path} is not a zip archive") from None
    with archive:
        for member in archive.infolist():
            place = PurePosixPath(member.filename)
            if place.is_absolute() or ".." in place.parts:
                raise InputError(f"{key}: {path} has a member outside itself, {member.filename}")
            if place.suffix != ".h5" or len(place.parts) < 2 or place.parts[0] == "__MACOSX":
                continue
            if member.file_size > LARGEST:
                raise InputError(
                    f"{key}: {member.filename} would unpack to {member.file_size >> 20} MiB; "
                    f"at most {LARGEST >> 20} are read"
                )
            try:
                with archive.open(member) as stream:
                    # A member cannot hold more than it says: what is beyond is not read.
                    content = stream.read(member.file_size)
            except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
                raise InputError(f"{key}: {member.filename} cannot be unpacked: {error}") from None
            yield f"{place.parent.name}/{place.stem}", io.BytesIO(content)


def _read_specimen(stream: Any, key: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features (n, 74) float64, classes (n,) and contacts (2, e) of one file."""
    import h5py

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
        columns = []
        for feature in FEATURES:
            raw = _array(file, f"cell_features/{feature.name}", key).astype(np.float64)
            if raw.shape not in feature.shapes(len(ids)):
                wanted = " or ".join(map(str, feature.shapes(len(ids))))
                raise InputError(
                    f"{key}: cell_features/{feature.name} is {raw.shape}, expected {wanted}"
                )
            if not np.isfinite(raw).all():
                raise InputError(
                    f"{key}: cell_features/{feature.name} has entries that are not finite"
                )
            columns.append(feature.prepare(raw))
    return np.concatenate(columns, axis=1), _classes(labels, key), _contacts(ids, edges, key)


def _array(file: "h5py.File", name: str, key: str) -> np.ndarray:
    import h5py

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
    """(E, 2) pairs of ids, background among them -> (2, e) pairs of places, each once, sorted."""
    from inductive.data.graph import undirected

    order = np.argsort(ids, kind="stable")
    ranked = ids[order]
    if (ranked[1:] == ranked[:-1]).any():
        raise InputError(f"{key}: cell_ids holds {ranked[:-1][ranked[1:] == ranked[:-1]][0]} twice")
    pairs = edges[(edges != BACKGROUND).all(axis=1)]
    place = np.searchsorted(ranked, pairs).clip(max=len(ranked) - 1)
    missing = ranked[place] != pairs
    if missing.any():
        raise InputError(
            f"{key}: edges_ids leads to the cell {pairs[missing][0]}, which cell_ids lacks"
        )
    return undirected(order[place].T)


def check_split(spec: DatasetSpec, numbers: dict[str, Any]) -> None:
    """Raise InputError where a split (shares, seed, folds) would leave a part empty.

    Names of specimens that are not here yet cannot be known; those are split when they are.
    """
    if spec.kind == "generated":
        from inductive.data import tissue_twin

        names = tuple(sorted(tissue_twin.names(spec.settings)))
    elif spec.kind == "own" and Path(spec.settings["path"]).is_dir():
        files = own_files(spec.settings, f"data.{spec.name}")
        names = tuple(sorted(f"{f.parent.name}/{f.stem}" for f in files))
    else:
        return
    for which in range(max(1, numbers["folds"])):
        parts_of(names, numbers, which)


def parts_of(names: tuple[str, ...], numbers: dict[str, Any], seed: int) -> dict[str, np.ndarray]:
    """train, validation and test for one seed: the one split, or the seed's fold."""
    if not math.isclose(sum(numbers["shares"]), 1.0, abs_tol=1e-6):
        raise InputError(f"split.shares: expected to add up to 1, found {numbers['shares']}")
    if numbers["folds"]:
        return fold(names, numbers["folds"], seed % numbers["folds"], numbers["seed"])
    return split(names, numbers["shares"], numbers["seed"])


def by_stage(names: tuple[str, ...]) -> dict[str, list[int]]:
    """Stage -> its specimens, in the order of their names."""
    stages: dict[str, list[int]] = {}
    for i, name in enumerate(names):
        stages.setdefault(name.split("/")[0], []).append(i)
    return stages


def split(names: tuple[str, ...], shares: list[float], seed: int) -> dict[str, np.ndarray]:
    """train, validation and test: specimens, shuffled within every stage by numpy's legacy seed.

    As published: a stage of n gives ceil(share n) to training and to validation and the rest to
    testing. Raises InputError where a part stays empty.
    """
    parts: dict[str, list[int]] = {"train": [], "validation": [], "test": []}
    for members in by_stage(names).values():
        shuffled = _shuffled(members, seed)
        counts = np.ceil([share * len(members) for share in shares[:2]]).astype(int)
        for part, chosen in zip(parts, np.split(shuffled, np.cumsum(counts)), strict=True):
            parts[part] += chosen.tolist()
    return _sorted(parts, f"shares {shares}")


def fold(names: tuple[str, ...], count: int, which: int, seed: int) -> dict[str, np.ndarray]:
    """train, validation and test of one of `count` folds, every stage cut into equal parts.

    Part `which` is tested on and the next one validates: the published folds have no third part,
    so nothing could be chosen with them.
    """
    parts: dict[str, list[int]] = {"train": [], "validation": [], "test": []}
    for members in by_stage(names).values():
        pieces = np.array_split(_shuffled(members, seed), count)
        for i, piece in enumerate(pieces):
            part = {which: "test", (which + 1) % count: "validation"}.get(i, "train")
            parts[part] += piece.tolist()
    return _sorted(parts, f"fold {which} of {count}")


def _shuffled(members: list[int], seed: int) -> np.ndarray:
    order = np.array(members)
    np.random.RandomState(seed).shuffle(order)
    return order


def _sorted(parts: dict[str, list[int]], what: str) -> dict[str, np.ndarray]:
    for part, chosen in parts.items():
        if not chosen:
            raise InputError(f"celltypegraph: no specimen is left for {part} ({what})")
    return {part: np.sort(np.array(chosen)) for part, chosen in parts.items()}
