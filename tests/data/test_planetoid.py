"""Graphs in Planetoid's layout, against PyG's reader, and malicious or damaged files."""

import os
import pickle
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from inductive.core.errors import InputError
from inductive.core.run import DatasetSpec
from inductive.data.formats import planetoid
from inductive.data.formats.unpickle import unpickle
from inductive.data.graph import largest_component


def write_planetoid(
    folder: Path, name: str = "toy", isolated: bool = False, rest: int = 20
) -> dict[str, Any]:
    """A small data set in the layout: `rest` nodes and ten test nodes.

    With `isolated`, the last test node but one is in no file, though within the index's range.
    """
    rng = np.random.default_rng(0)
    n = rest + 10
    order = rng.permutation([node for node in range(rest, n) if not (isolated and node == n - 2)])
    x = sparse.csr_matrix(rng.integers(0, 2, (n, 8)), dtype=np.float32)
    y = np.eye(3, dtype=np.int32)[rng.integers(0, 3, n)]
    graph: dict[int, list[int]] = defaultdict(list)
    for a, b in rng.integers(0, n - 2, (3 * n, 2)):
        graph[int(a)].append(int(b))
        graph[int(b)].append(int(a))
    parts = {
        "x": x[:6],
        "y": y[:6],
        "allx": x[:rest],
        "ally": y[:rest],
        "tx": x[order],
        "ty": y[order],
        "graph": graph,
    }
    folder.mkdir(parents=True, exist_ok=True)
    for part, content in parts.items():
        (folder / f"ind.{name}.{part}").write_bytes(pickle.dumps(content, protocol=2))
    lines = "".join(f"{node}\n" for node in order)
    (folder / f"ind.{name}.test.index").write_text(lines)
    return {"x": x.toarray(), "y": y.argmax(1), "order": order, "graph": graph}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("isolated", [False, True])
def test_agrees_with_pyg(tmp_path: Path, isolated: bool) -> None:
    """PyG handles isolated test nodes in Citeseer only, so the data set has that name."""
    from torch_geometric.io import read_planetoid_data

    truth = write_planetoid(tmp_path, "citeseer", isolated, rest=520)
    graph = planetoid.read_graph(tmp_path, "citeseer")
    theirs = read_planetoid_data(str(tmp_path), "citeseer")
    np.testing.assert_array_equal(graph.features.toarray(), theirs.x.numpy())
    np.testing.assert_array_equal(graph.train, np.flatnonzero(theirs.train_mask))
    listed = graph.test
    np.testing.assert_array_equal(graph.labels[listed], theirs.y.numpy()[listed])
    np.testing.assert_array_equal(graph.labels[listed], truth["y"][np.sort(truth["order"])])
    i, j = theirs.edge_index.numpy()
    np.testing.assert_array_equal(graph.edges, np.unique(np.stack([i, j])[:, i < j], axis=1))
    if isolated:
        assert graph.labels[528] == -1
        assert graph.features[528].nnz == 0
        assert not any(528 in part for part in (graph.train, graph.validation, graph.test))
        assert 528 not in largest_component(graph)


def test_own_folder_of_any_name(
    tmp_path: Path,
    resolve: Callable[..., DatasetSpec],
    make_and_load: Callable[[DatasetSpec], Any],
) -> None:
    write_planetoid(tmp_path / "mine", "citeseer", isolated=True)
    settings = {"kind": "own", "path": str(tmp_path / "mine"), "name": "citeseer"}
    spec = resolve("cora", **settings)
    graph, direct = make_and_load(spec), planetoid.read_graph(tmp_path / "mine", "citeseer")
    assert graph.num_nodes == 30
    for name, array in direct.to_arrays().items():
        stored = graph.to_arrays()[name]
        assert stored.dtype == array.dtype
        np.testing.assert_array_equal(stored, array)
    assert resolve("cora", **settings) == spec
    target = tmp_path / "mine/ind.citeseer.y"
    content = pickle.loads(target.read_bytes())
    target.write_bytes(pickle.dumps(content[:, ::-1], protocol=2))
    os.utime(target, ns=(1, 1))
    assert resolve("cora", **settings).sha256 != spec.sha256


def _damage(folder: Path, part: str, change: Any) -> None:
    path = folder / f"ind.toy.{part}"
    path.write_bytes(pickle.dumps(change(pickle.loads(path.read_bytes())), protocol=2))


@pytest.mark.parametrize(
    ("part", "change", "message"),
    [
        ("x", lambda m: m[:5], "ind.toy.x has 5 rows, ind.toy.y 6"),
        ("allx", lambda m: m[:, :7], "ind.toy.x has 8 columns, ind.toy.allx 7"),
        ("tx", lambda m: m[:9], "ind.toy.tx has 9 rows, ind.toy.ty 10"),
        ("ally", lambda m: np.vstack([m, m]), "ind.toy.allx has 20 rows, ind.toy.ally 40"),
        ("y", lambda m: m[:, :2], "ind.toy.y has 2 columns, ind.toy.ally 3"),
        ("ally", lambda m: m * 0, "node 0 of the train split has no class"),
        ("graph", lambda g: {0: [99]}, "names node 99, there are 30"),
        ("graph", lambda g: g[0], "expected a node -> neighbours dictionary"),
        ("x", lambda m: np.zeros(6), "ind.toy.x: expected a matrix"),
    ],
)
def test_inconsistent_files_are_refused(
    tmp_path: Path, part: str, change: Any, message: str
) -> None:
    write_planetoid(tmp_path)
    _damage(tmp_path, part, change)
    with pytest.raises(InputError) as error:
        planetoid.read_graph(tmp_path, "toy")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("20\n20\n", "names a node twice"),
        ("a\n", "expected one node number per line"),
        ("", "is empty"),
        ("1\n" + "".join(f"{n}\n" for n in range(21, 30)), "names node 1, which is a row of allx"),
        ("20\n21\n", "test.index has 2 nodes, tx 10 rows"),
    ],
)
def test_invalid_test_index(tmp_path: Path, text: str, message: str) -> None:
    write_planetoid(tmp_path)
    (tmp_path / "ind.toy.test.index").write_text(text)
    with pytest.raises(InputError) as error:
        planetoid.read_graph(tmp_path, "toy")
    assert message in str(error.value)


def test_missing_files_are_named(tmp_path: Path) -> None:
    write_planetoid(tmp_path)
    (tmp_path / "ind.toy.ty").unlink()
    with pytest.raises(InputError, match=r"lacks ind.toy.ty"):
        planetoid.own_files({"path": str(tmp_path), "name": "toy"}, "data.cora")
    with pytest.raises(InputError, match=r"data.cora.name could be one of: toy"):
        planetoid.own_files({"path": str(tmp_path), "name": "tpy"}, "data.cora")
    with pytest.raises(InputError, match="is not a folder"):
        planetoid.own_files({"path": str(tmp_path / "no"), "name": "toy"}, "data.cora")


class _Evil:
    def __reduce__(self) -> Any:
        return os.system, ("echo pwned > pwned",)


@pytest.mark.parametrize("content", [_Evil(), [_Evil()], {"a": np.float64}, Path("x")])
def test_only_arrays_are_unpickled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: object
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "evil").write_bytes(pickle.dumps(content, protocol=2))
    with pytest.raises(InputError, match="is not admitted"):
        unpickle(tmp_path / "evil")
    assert not (tmp_path / "pwned").exists()


def test_errors_of_damaged_pickles_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "cut").write_bytes(pickle.dumps(np.arange(9), protocol=2)[:-9])
    for name in ("cut", "absent"):
        with pytest.raises(InputError, match=name) as error:
            unpickle(tmp_path / name)
        assert "\n" not in str(error.value)
