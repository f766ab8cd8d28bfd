"""Graphs of touching cells, one per specimen, in memory, and how specimens are split."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from inductive.core.errors import InputError
from inductive.core.run import DatasetSpec
from inductive.data.storage import load_arrays, load_facts

UNLABELLED = -1
NUM_CLASSES = 9
EMBRYO_SAC = 7
"""The class of a few large cells, which the published class accuracy leaves out."""


@dataclass(frozen=True)
class Tissues:
    """Graphs of cells, one per specimen, concatenated."""

    features: np.ndarray
    """(N, 74) float32, prepared as in `formats.cell_features`."""
    labels: np.ndarray
    """(N,) int64; -1 where unlabelled."""
    edges: np.ndarray
    """(2, E) int64: every contact once, numbered within its specimen."""
    node_start: np.ndarray
    """(S + 1,): the cells of specimen i are node_start[i] to node_start[i + 1]."""
    edge_start: np.ndarray
    """(S + 1,): its contacts are edge_start[i] to edge_start[i + 1]."""
    names: tuple[str, ...]
    """<stage>/<name> of every specimen, sorted."""

    def __len__(self) -> int:
        return len(self.names)

    def specimen(self, i: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Features (n, 74), labels (n,) and contacts (2, e) of one specimen."""
        nodes = slice(self.node_start[i], self.node_start[i + 1])
        contacts = slice(self.edge_start[i], self.edge_start[i + 1])
        return self.features[nodes], self.labels[nodes], self.edges[:, contacts]


def load(spec: DatasetSpec, folder: Path) -> Tissues:
    """The specimens in the folder of a data set of any kind."""
    return Tissues(names=tuple(load_facts(folder)["names"]), **load_arrays(folder))


def generated_names(settings: dict[str, Any]) -> list[str]:
    """<stage>/<name> of every generated specimen; known before any is generated."""
    return [f"stage-{1 + i % settings['stages']}/{i:03d}" for i in range(settings["specimens"])]


def specimen_files(folder: Path) -> list[Path]:
    """The HDF5 files of all stages in a folder, sorted."""
    return sorted(folder.glob("*/*.h5"))


def file_name(path: Path) -> str:
    """<stage>/<name> of the specimen in a file."""
    return f"{path.parent.name}/{path.stem}"


def check_split(spec: DatasetSpec, split: dict[str, Any]) -> None:
    """Raise InputError where a split (shares, seed, folds) would leave a part empty.

    Specimens that are not on this disk yet are unknown; their split is checked when it is made.
    """
    if spec.kind == "generated":
        names = tuple(sorted(generated_names(spec.settings)))
    elif spec.kind == "own" and Path(spec.settings["path"]).is_dir():
        names = tuple(sorted(map(file_name, specimen_files(Path(spec.settings["path"])))))
    else:
        return
    for fold in range(max(1, split["folds"])):
        parts_of(names, split, fold)


def parts_of(names: tuple[str, ...], split: dict[str, Any], seed: int) -> dict[str, np.ndarray]:
    """train, validation and test for one seed: the one split, or the seed's fold."""
    if not math.isclose(sum(split["shares"]), 1.0, abs_tol=1e-6):
        raise InputError(f"split.shares: expected to add up to 1, found {split['shares']}")
    if split["folds"]:
        return split_by_fold(names, split["folds"], seed % split["folds"], split["seed"])
    return split_by_share(names, split["shares"], split["seed"])


def by_stage(names: tuple[str, ...]) -> dict[str, list[int]]:
    """Stage -> indices of its specimens, in the order of their names."""
    stages: dict[str, list[int]] = {}
    for i, name in enumerate(names):
        stages.setdefault(name.split("/")[0], []).append(i)
    return stages


def split_by_share(names: tuple[str, ...], shares: list[float], seed: int) -> dict[str, np.ndarray]:
    """train, validation and test: specimens, shuffled within every stage by numpy's legacy seed.

    As published: a stage of n gives ceil(share n) to training and to validation and the rest to
    testing. Raises InputError where a part stays empty.
    """
    parts: dict[str, list[int]] = {"train": [], "validation": [], "test": []}
    for specimens in by_stage(names).values():
        shuffled = _shuffled(specimens, seed)
        counts = np.ceil([share * len(specimens) for share in shares[:2]]).astype(int)
        for part, indices in zip(parts, np.split(shuffled, np.cumsum(counts)), strict=True):
            parts[part] += indices.tolist()
    return _sorted(parts, f"shares {shares}")


def split_by_fold(
    names: tuple[str, ...], folds: int, fold: int, seed: int
) -> dict[str, np.ndarray]:
    """train, validation and test of fold `fold` of `folds`, every stage cut into equal pieces.

    Piece `fold` is the test part and the next piece the validation part. The published folds have
    no validation part, so no epoch could be selected with them.
    """
    parts: dict[str, list[int]] = {"train": [], "validation": [], "test": []}
    for specimens in by_stage(names).values():
        pieces = np.array_split(_shuffled(specimens, seed), folds)
        for i, piece in enumerate(pieces):
            part = {fold: "test", (fold + 1) % folds: "validation"}.get(i, "train")
            parts[part] += piece.tolist()
    return _sorted(parts, f"fold {fold} of {folds}")


def _shuffled(specimens: list[int], seed: int) -> np.ndarray:
    order = np.array(specimens)
    np.random.RandomState(seed).shuffle(order)
    return order


def _sorted(parts: dict[str, list[int]], split: str) -> dict[str, np.ndarray]:
    for part, indices in parts.items():
        if not indices:
            raise InputError(f"celltypegraph: no specimen is left for {part} ({split})")
    return {part: np.sort(np.array(indices)) for part, indices in parts.items()}
