"""CellTypeGraph's reader on files in its layout, and generated tissues, which are such files."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from inductive.core.errors import InputError
from inductive.core.run import DatasetSpec
from inductive.data.formats.celltypegraph import CLASSES, read_specimens
from inductive.data.generated import tissues

# Name, columns and preparation in the published order, independent of the reader's list.
LAYOUT = [("com_grs", 3, "z")]
LAYOUT += [(f"lrs_orientation_axis{k}_grs", 6, "unit") for k in (1, 2, 3)]
LAYOUT += [(f"pca_orientation_axis{k}_grs", 6, "unit") for k in (1, 2, 3)]
LAYOUT += [("degree_centrality", 1, "z"), ("rw_centrality", 1, "z"), ("hops_to_bg", 5, "hot")]
LAYOUT += [("volume_um", 1, "z"), ("surface_um", 1, "z")]
LAYOUT += [(f"length_axis{k}_grs", 1, "z") for k in (1, 2, 3)]
LAYOUT += [("lrs_axis12_dot_grs", 1, "abs"), ("lrs_axis2_angle_grs", 1, "abs")]
LAYOUT += [(f"lrs_proj_axis{k}_grs", 3, "abs") for k in (1, 2, 3)]
LAYOUT += [(f"pca_proj_axis{k}_grs", 3, "abs") for k in (1, 2, 3)]
LAYOUT += [("pca_explained_variance_grs", 3, "z")]

Content = dict[str, np.ndarray]


def specimen(seed: int = 0) -> Content:
    return tissues.draw(np.random.default_rng(seed), 40, 0.3)


def write(root: Path, change: Callable[[Content], object] = lambda _: None) -> dict[str, Content]:
    """Three specimens in two stages, the first one changed."""
    contents = {name: specimen(i) for i, name in enumerate(["2-III/406", "2-III/294_D", "3-I/439"])}
    change(contents["2-III/406"])
    for name, content in contents.items():
        path = root / f"{name}.h5"
        path.parent.mkdir(parents=True, exist_ok=True)
        tissues.write_specimen(path, content)
    return contents


def expected_columns(content: Content) -> np.ndarray:
    columns = []
    for name, width, preparation in LAYOUT:
        raw = np.asarray(content[f"cell_features/{name}"], float).reshape(
            len(content["cell_ids"]), -1
        )
        if preparation == "z":
            raw = (raw - np.mean(raw)) / np.sqrt(np.mean((raw - np.mean(raw)) ** 2))
        elif preparation == "unit":
            raw = raw / np.sqrt((raw**2).sum(1))[:, None]
        elif preparation == "hot":
            steps = np.minimum(raw[:, 0] - raw.min(), 4)
            raw = np.array([[float(s == k) for k in range(5)] for s in steps])
        else:
            raw = np.sqrt(raw**2)
        assert raw.shape[1] == width, name
        columns.append(raw)
    return np.concatenate(columns, axis=1)


def test_every_column_by_name_position_and_preparation(tmp_path: Path) -> None:
    contents = write(tmp_path)
    arrays, facts = read_specimens(tmp_path, "test")
    assert facts["names"] == ["2-III/294_D", "2-III/406", "3-I/439"]
    assert arrays["features"].shape[1] == sum(width for _, width, _ in LAYOUT) == 74
    for i, name in enumerate(facts["names"]):
        rows = slice(arrays["node_start"][i], arrays["node_start"][i + 1])
        expected = expected_columns(contents[name])
        np.testing.assert_allclose(arrays["features"][rows], expected, rtol=1e-5, atol=1e-6)


def test_labels_and_edges_against_a_loop(tmp_path: Path) -> None:
    contents = write(tmp_path, lambda c: c["cell_labels"].__setitem__(0, 0))
    arrays, facts = read_specimens(tmp_path, "test")
    for i, name in enumerate(facts["names"]):
        content = contents[name]
        ids = content["cell_ids"].tolist()
        pairs = set()
        for a, b in content["edges_ids"].tolist():
            if a and b:
                pairs.add(tuple(sorted((ids.index(a), ids.index(b)))))
        edges = arrays["edges"][:, arrays["edge_start"][i] : arrays["edge_start"][i + 1]]
        assert set(map(tuple, edges.T.tolist())) == pairs
        assert edges.shape[1] == len(pairs)
        rows = slice(arrays["node_start"][i], arrays["node_start"][i + 1])
        assert arrays["labels"][rows].tolist() == [CLASSES[x] for x in content["cell_labels"]]
    assert (arrays["labels"] == -1).sum() == 1


def test_a_zip_archive_is_read_like_its_folder(tmp_path: Path) -> None:
    write(tmp_path / "data/label_grs_surface")
    archive = tmp_path / "label_grs_surface.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted((tmp_path / "data").rglob("*.h5")):
            file.write(path, path.relative_to(tmp_path / "data"))
    folder, names = read_specimens(tmp_path / "data/label_grs_surface", "test")
    zipped, same = read_specimens(archive, "test")
    assert names == same
    assert all(np.array_equal(folder[k], zipped[k]) for k in folder)


def test_arrays_survive_the_data_step(
    resolve: Callable[..., DatasetSpec], make_and_load: Callable[[DatasetSpec], Any]
) -> None:
    spec = resolve("celltypegraph")
    data = make_and_load(spec)
    arrays, facts = tissues.generate(spec.settings)
    assert list(data.names) == facts["names"]
    for name, array in arrays.items():
        assert np.array_equal(getattr(data, name), array), name
    for i in range(len(data)):
        features, labels, edges = data.specimen(i)
        assert len(features) == len(labels) > edges.max()


BAD = {
    "lacks the dataset 'cell_features/volume_um'": lambda c: c.pop("cell_features/volume_um"),
    "lacks the dataset 'edges_ids'": lambda c: c.pop("edges_ids"),
    "unknown label 9": lambda c: c["cell_labels"].__setitem__(3, 9),
    "refers to cell 999999, which cell_ids lacks": lambda c: c["edges_ids"].__setitem__(
        (0, 0), 999999
    ),
    r"cell_features/com_grs is \(\d+, 2\), expected \(\d+, 3\)": lambda c: c.__setitem__(
        "cell_features/com_grs", c["cell_features/com_grs"][:, :2]
    ),
    "has entries that are not finite": lambda c: c["cell_features/com_grs"].__setitem__(0, np.nan),
    r"edges_ids is \(\d+, 1\)": lambda c: c.__setitem__("edges_ids", c["edges_ids"][:, :1]),
    "must be two lists of one length": lambda c: c.__setitem__("cell_labels", c["cell_labels"][1:]),
    r"cell_ids holds \d+ twice": lambda c: c["cell_ids"].__setitem__(1, c["cell_ids"][0]),
}


@pytest.mark.parametrize("message", BAD)
def test_an_invalid_specimen_is_named(tmp_path: Path, message: str) -> None:
    write(tmp_path, BAD[message])
    with pytest.raises(InputError, match=message) as error:
        read_specimens(tmp_path, "data.celltypegraph.path")
    assert "data.celltypegraph.path: 2-III/406" in str(error.value)


def test_bad_archives(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    archive.write_bytes(b"not a zip")
    with pytest.raises(InputError, match="is not a zip archive"):
        read_specimens(archive, "key")
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("../2-III/evil.h5", b"x")
    with pytest.raises(InputError, match="member outside itself"):
        read_specimens(archive, "key")
    with (
        zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file,
        file.open("a/2-III/bomb.h5", "w") as entry,
    ):
        for _ in range(9):
            entry.write(bytes(64 << 20))
    with pytest.raises(InputError, match="would unpack to 576 MiB"):
        read_specimens(archive, "key")
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a/2-III/text.h5", b"text")
    with pytest.raises(InputError, match="2-III/text is not an HDF5 file"):
        read_specimens(archive, "key")


def test_too_few_specimens(tmp_path: Path) -> None:
    write(tmp_path)
    next(tmp_path.rglob("*.h5")).unlink()
    with pytest.raises(InputError, match="holds 2 specimens"):
        read_specimens(tmp_path, "key")


def test_a_generated_specimen_is_an_hdf5_file_in_the_published_layout(tmp_path: Path) -> None:
    tissues.write_specimen(tmp_path / "a.h5", specimen())
    with h5py.File(tmp_path / "a.h5") as file:
        assert file.attrs["global_reference_system_origin"].shape == (3,)
        assert file.attrs["global_reference_system_axis"].shape == (3, 3)
        n, e = len(file["cell_ids"]), len(file["edges_ids"])
        assert file["edges_labels"].shape == (e,)
        assert {len(d) for d in file["cell_features"].values()} == {n}
        assert {len(d) for d in file["edges_features"].values()} == {e}
        assert "cell_samples" in file
        assert set(np.unique(file["cell_labels"])) <= set(CLASSES)


def test_layers_are_counted_from_the_outside() -> None:
    """Hops are 1 at the background, otherwise one more than the smallest of the neighbours."""
    content = specimen(3)
    ids = {cell: i for i, cell in enumerate(content["cell_ids"].tolist())}
    pairs = content["edges_ids"].tolist()
    outside = {ids[a] for a, b in pairs if b == 0}
    neighbours: dict[int, set[int]] = {i: set() for i in ids.values()}
    for a, b in pairs:
        if b:
            neighbours[ids[a]].add(ids[b])
            neighbours[ids[b]].add(ids[a])
    hops, front = dict.fromkeys(outside, 1), outside
    while front:
        front = {v for u in front for v in neighbours[u]} - hops.keys()
        hops |= dict.fromkeys(front, max(hops.values()) + 1)
    clean = tissues.draw(np.random.default_rng(3), 40, 0.0)
    assert clean["cell_features/hops_to_bg"].tolist() == [hops[i] for i in range(len(ids))]


def test_own_tissues_are_read(
    tmp_path: Path,
    resolve: Callable[..., DatasetSpec],
    make_and_load: Callable[[DatasetSpec], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    contents = write(tmp_path / "root/own")
    monkeypatch.chdir(tmp_path / "root")
    data = make_and_load(resolve("celltypegraph", kind="own", path="own"))
    assert data.names == tuple(sorted(contents))
    for path, message in [("nowhere", "neither a folder of stages nor a .zip"), (".", "holds no")]:
        with pytest.raises(InputError, match=message):
            resolve("celltypegraph", kind="own", path=path)


def test_a_tissue_without_contacts(tmp_path: Path) -> None:
    write(tmp_path, lambda c: c.__setitem__("edges_ids", np.zeros((0, 2), int)))
    arrays, facts = read_specimens(tmp_path, "key")
    i = facts["names"].index("2-III/406")
    assert arrays["edge_start"][i] == arrays["edge_start"][i + 1]
