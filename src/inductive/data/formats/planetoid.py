"""Reads graphs in Planetoid's layout: the published Cora, or a user's folder.

Eight files `ind.<name>.<part>` (Yang, Cohen, Salakhutdinov 2016, arXiv:1603.08861). `allx` and
`ally` hold the features and one-hot classes of all nodes but the test nodes; their first rows are
`x` and `y`, the training nodes. `tx` and `ty` are those of the test nodes in the order of
`test.index`; `graph` maps a node to its neighbours. Citeseer leaves out 15 isolated nodes in the
range of `test.index`: they exist here, without features and without a class, and are in no split.
"""

from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from inductive.core.errors import InputError
from inductive.core.run import DatasetSpec
from inductive.data.edges import undirected
from inductive.data.formats.unpickle import unpickle
from inductive.data.graph import UNKNOWN_CLASS, Graph
from inductive.data.storage import Arrays

PARTS = ("x", "y", "tx", "ty", "allx", "ally", "graph", "test.index")
VALIDATION = 500  # the public split: the nodes that follow the training nodes


def own_files(settings: dict[str, Any], key: str) -> list[Path]:
    """The eight files of a user's folder; InputError that names the ones that are missing."""
    folder, name = Path(settings["path"]), settings["name"]
    if not folder.is_dir():
        raise InputError(f"{key}.path: '{folder}' is not a folder")
    files = [folder / f"ind.{name}.{part}" for part in PARTS]
    missing = [file.name for file in files if not file.is_file()]
    if missing:
        names = sorted({p.name.split(".")[1] for p in folder.glob("ind.*.x")})
        raise InputError(
            f"{key}.path: {folder} lacks {', '.join(missing)}"
            + (f"; {key}.name could be one of: {', '.join(names)}" if names else "")
        )
    return files


def check_own(settings: dict[str, Any], key: str) -> None:
    """Raise InputError where a user's files are inconsistent."""
    read_graph(Path(settings["path"]), settings["name"])


def read(spec: DatasetSpec, folder: Path) -> Arrays:
    """The arrays of a `Graph`, and no facts."""
    if spec.kind == "own":
        folder, name = Path(spec.settings["path"]), spec.settings["name"]
    else:
        name = spec.name
    return read_graph(folder, name).to_arrays(), {}


def read_graph(folder: Path, name: str) -> Graph:
    """The graph in eight files. InputError for files whose shapes or nodes are inconsistent."""
    part = {p: unpickle(folder / f"ind.{name}.{p}") for p in PARTS if p != "test.index"}
    order = _read_index(folder / f"ind.{name}.test.index")
    _check(folder, name, part, order)

    rest, num_test_rows = part["allx"].shape[0], order.max() + 1 - part["allx"].shape[0]
    n = rest + num_test_rows
    width, classes = part["allx"].shape[1], part["ally"].shape[1]
    features = sparse.lil_matrix((n, width), dtype=np.float32)
    features[:rest] = part["allx"]
    features[order] = part["tx"]
    one_hot = np.zeros((n, classes))
    one_hot[:rest] = part["ally"]
    one_hot[order] = part["ty"]
    known = one_hot.any(axis=1)
    labels = np.where(known, one_hot.argmax(axis=1), UNKNOWN_CLASS).astype(np.int64)

    sources = [node for node, neighbours in part["graph"].items() for _ in neighbours]
    targets = [other for neighbours in part["graph"].values() for other in neighbours]
    edges = undirected(np.array([sources, targets], dtype=np.int64).reshape(2, -1))
    if edges.size and (edges.min() < 0 or edges.max() >= n):
        raise InputError(f"{folder}/ind.{name}.graph: names node {edges.max()}, there are {n}")

    train = np.arange(part["x"].shape[0])
    stop = min(len(train) + VALIDATION, rest)
    if stop == len(train):
        raise InputError(f"{folder}: ind.{name}.allx has no row after those of x to validate on")
    split = {"train": train, "validation": np.arange(len(train), stop), "test": np.sort(order)}
    for role, nodes in split.items():
        if (labels[nodes] == UNKNOWN_CLASS).any():
            node = nodes[labels[nodes] == UNKNOWN_CLASS][0]
            raise InputError(f"{folder}: node {node} of the {role} split has no class")
    return Graph(sparse.csr_matrix(features), edges, labels, **split)


def _read_index(path: Path) -> np.ndarray:
    try:
        order = np.array([int(line) for line in path.read_text().split()], dtype=np.int64)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except ValueError as error:
        raise InputError(f"{path}: expected one node number per line: {error}") from None
    if not order.size or len(np.unique(order)) != len(order):
        raise InputError(f"{path}: {'is empty' if not order.size else 'names a node twice'}")
    return order


_EQUAL = (
    ("x", "y", 0),
    ("tx", "ty", 0),
    ("allx", "ally", 0),
    ("x", "allx", 1),
    ("tx", "allx", 1),
    ("y", "ally", 1),
    ("ty", "ally", 1),
)
"""Two files, and the axis along which their matrices have the same length."""


def _check(folder: Path, name: str, part: dict[str, Any], order: np.ndarray) -> None:
    """Raise InputError, naming two files, where their shapes contradict each other."""
    for p in ("x", "y", "tx", "ty", "allx", "ally"):
        if getattr(part[p], "ndim", 0) != 2:
            raise InputError(f"{folder}/ind.{name}.{p}: expected a matrix")
    if not hasattr(part["graph"], "items"):
        raise InputError(f"{folder}/ind.{name}.graph: expected a node -> neighbours dictionary")
    for first, second, axis in _EQUAL:
        a, b = part[first].shape[axis], part[second].shape[axis]
        if a != b:
            lines = ("rows", "columns")[axis]
            raise InputError(
                f"{folder}: ind.{name}.{first} has {a} {lines}, ind.{name}.{second} {b}"
            )
    if len(order) != part["tx"].shape[0]:
        rows = part["tx"].shape[0]
        raise InputError(f"{folder}: ind.{name}.test.index has {len(order)} nodes, tx {rows} rows")
    if order.min() < part["allx"].shape[0]:
        raise InputError(
            f"{folder}: ind.{name}.test.index names node {order.min()}, which is a row of allx"
        )
    if part["x"].shape[0] > part["allx"].shape[0]:
        raise InputError(f"{folder}: ind.{name}.x has more rows than allx")
