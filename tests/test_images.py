"""Images from every kind of file: what is read, and what is refused in one clear line."""

import gzip
import http.server
import io
import pickle
import struct
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import torchvision
from PIL import Image

from inductive.data import (
    fetch,
    image_files,
    registry,
    segments,
    sources,
)
from inductive.data.images import Images
from inductive.data.sources import RemoteFile, Source
from inductive.data.spec import DatasetSpec
from inductive.errors import InputError

CIFAR = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def picture(seed: int, size: int | tuple[int, int] = 20, mode: str = "RGB") -> bytes:
    width, height = (size, size) if isinstance(size, int) else size
    rng = np.random.default_rng(seed)
    shape = (height, width, 3) if mode == "RGB" else (height, width)
    stream = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8)).save(stream, "PNG")
    return stream.getvalue()


def folder_of(root: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def own(path: Path, size: int | None = None) -> dict[str, Any]:
    return {"kind": "own", "path": str(path), "size": size, "generated": {}}


def load(path: Path, size: int | None = None) -> Images:
    spec = registry.resolve("cifar10", own(path, size))
    registry.make(spec)
    loaded: Images = registry.load(spec)
    return loaded


CLASSES = {f"{c}/{i}.png": picture(10 * k + i) for k, c in enumerate("ab") for i in range(3)}


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def test_class_folders(tmp_path: Path) -> None:
    images = load(folder_of(tmp_path / "own", CLASSES | {"a/notes.txt": b"no image"}))
    assert images.classes == ("a", "b")
    assert images.pixels.shape == (6, 20, 20, 3)
    assert images.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert not images.aside.any()
    with Image.open(io.BytesIO(CLASSES["b/1.png"])) as expected:
        np.testing.assert_array_equal(images.pixels[4], np.asarray(expected))


def test_train_and_test_folders_and_a_folder_above(tmp_path: Path) -> None:
    halves = {
        f"{part}/{name}": content for part in ("train", "test") for name, content in CLASSES.items()
    }
    images = load(folder_of(tmp_path / "own", {f"deep/{n}": c for n, c in halves.items()}))
    assert images.aside.sum() == 6
    assert images.labels[images.aside].tolist() == [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize("suffix", ["tar", "tar.xz", "tar.gz"])
def test_archives_are_read_as_folders_are(tmp_path: Path, suffix: str) -> None:
    source = folder_of(tmp_path / "own", CLASSES)
    path = tmp_path / f"own.{suffix}"
    with tarfile.open(path, f"w:{suffix.partition('.')[2]}") as archive:
        archive.add(source, "things")
    from_archive, from_folder = load(path), load(source)
    assert set(map(bytes, from_archive.pixels)) == set(map(bytes, from_folder.pixels))
    assert from_archive.classes == from_folder.classes


def test_grey_images_have_one_channel_and_mixed_ones_three(tmp_path: Path) -> None:
    grey = {name: picture(i, mode="L") for i, name in enumerate(CLASSES)}
    assert load(folder_of(tmp_path / "grey", grey)).pixels.shape == (6, 20, 20, 1)
    mixed = load(folder_of(tmp_path / "mixed", CLASSES | {"a/0.png": grey["a/0.png"]}))
    assert mixed.pixels.shape == (6, 20, 20, 3)


def test_mixed_sizes_are_resized_when_asked(tmp_path: Path) -> None:
    path = folder_of(tmp_path / "own", CLASSES | {"a/9.png": picture(9, (30, 24))})
    with pytest.raises(
        InputError, match=r"a/0.png .* is 20x20 and a/9.png is 30x24; .*size resizes"
    ):
        load(path)
    assert load(path, 24).pixels.shape == (7, 24, 24, 3)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "neither a folder"),
        ({"x/readme.txt": b""}, "holds no image"),
        ({"a/0.png": picture(0), "a/1.png": picture(1)}, "only the class 'a'"),
        ({**CLASSES, "b/7.png": b"broken"}, r"b/7.png in .* is not a readable image"),
        ({**CLASSES, "b/7.png": picture(0)[:60]}, r"b/7.png in .* is not a readable image"),
        ({**CLASSES, "loose.png": picture(3)}, "loose.png lies in no class folder"),
    ],
)
def test_bad_folders(tmp_path: Path, files: dict[str, bytes], said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        load(folder_of(tmp_path / "own", files))
    assert "\n" not in str(caught.value)
    assert "data.cifar10" in str(caught.value)


def _member(name: str, **attributes: Any) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    for key, value in attributes.items():
        setattr(member, key, value)
    return member


@pytest.mark.parametrize(
    ("member", "said"),
    [
        (_member("../outside.png"), "leads out of the archive"),
        (_member("/etc/x.png"), "leads out of the archive"),
        (_member("a/link.png", type=tarfile.SYMTYPE, linkname="/etc/passwd"), "is a link"),
        (_member("a/hard.png", type=tarfile.LNKTYPE, linkname="a/0.png"), "is a link"),
        (_member("a/device.png", type=tarfile.CHRTYPE), "is a device"),
        (_member("a/pipe.png", type=tarfile.FIFOTYPE), "is a device"),
    ],
)
def test_unsafe_archives_are_refused(tmp_path: Path, member: tarfile.TarInfo, said: str) -> None:
    path = tmp_path / "bad.tar"
    with tarfile.open(path, "w") as archive:
        archive.add(folder_of(tmp_path / "own", CLASSES), "things")
        archive.addfile(member)
    with pytest.raises(InputError, match=said):
        load(path)
    assert not (tmp_path / "outside.png").exists()


def test_an_archive_that_is_none_or_cut(tmp_path: Path) -> None:
    path = tmp_path / "bad.tar.gz"
    path.write_bytes(b"no archive at all")
    with pytest.raises(InputError, match="not a readable archive"):
        load(path)
    with tarfile.open(path, "w:gz") as archive:
        archive.add(folder_of(tmp_path / "own", CLASSES), "things")
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(InputError, match="not a readable archive"):
        load(path)


def test_changed_files_are_another_dataset(tmp_path: Path) -> None:
    path = folder_of(tmp_path / "own", CLASSES)
    before = registry.resolve("cifar10", own(path))
    assert registry.resolve("cifar10", own(path)) == before
    assert registry.resolve("cifar10", own(path, 24)).sha256 != before.sha256
    (path / "a/0.png").write_bytes(picture(99))
    assert registry.resolve("cifar10", own(path)).sha256 != before.sha256


def galaxies(path: Path, images: np.ndarray | None = None, ans: np.ndarray | None = None) -> Path:
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        file["images"] = (
            rng.integers(0, 256, (30, 69, 69, 3), dtype=np.uint8) if images is None else images
        )
        file["ans"] = np.arange(30, dtype=np.uint8) % 10 if ans is None else ans
    return path


def test_hdf5_in_galaxy10s_layout(tmp_path: Path) -> None:
    path = galaxies(tmp_path / "mine.h5")
    images = load(path)
    with h5py.File(path) as file:
        np.testing.assert_array_equal(images.pixels, file["images"][:])
        np.testing.assert_array_equal(images.labels, file["ans"][:])
    assert load(path, 32).pixels.shape == (30, 32, 32, 3)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"images": np.zeros((30, 69, 69, 3), np.float32)}, r"'images' in .* is float32"),
        (
            {"images": np.zeros((30, 69, 69), np.uint8)},
            r"'images' in .* expected uint8 \(N, height",
        ),
        ({"ans": np.zeros(29, np.uint8)}, r"'ans' in .* \(29,\); expected integers \(30,\)"),
        ({"ans": np.zeros(30, np.float32)}, "'ans' in .* float32"),
        ({"ans": np.full(30, -1)}, "labels in .* are -1 to -1"),
        ({"images": np.zeros((30, 60, 69, 3), np.uint8)}, "not square"),
        ({"ans": np.zeros(30, np.uint8)}, "of one class"),
    ],
)
def test_bad_hdf5(tmp_path: Path, change: dict[str, np.ndarray], said: str) -> None:
    with pytest.raises(InputError, match=said):
        load(galaxies(tmp_path / "bad.h5", **change))


def test_hdf5_without_keys_or_none_at_all(tmp_path: Path) -> None:
    path = tmp_path / "bad.h5"
    with h5py.File(path, "w") as file:
        file["pictures"] = np.zeros(3)
    with pytest.raises(InputError, match=r"lacks the key 'images' \(it has: pictures\)"):
        load(path)
    path.write_bytes(b"text")
    with pytest.raises(InputError, match="is not an HDF5 file"):
        load(path)


class _Server(http.server.BaseHTTPRequestHandler):
    content: bytes = b""

    def do_GET(self) -> None:
        kind, body = self.path.split("/")[1], self.content
        if kind == "corrupt":
            body = body[:-1] + bytes([body[-1] ^ 1])
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if kind == "slow":  # an answer in drips, well within the limit for silence
            for start in range(0, len(body), len(body) // 5 + 1):
                self.wfile.write(body[start : start + len(body) // 5 + 1])
                time.sleep(0.1)
        else:
            self.wfile.write(body[: len(body) // 2] if kind == "cut" else body)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def serve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[str], DatasetSpec]]:
    """Serves a small file under Galaxy10's own registry entry, with its own checksum."""
    import hashlib

    content = galaxies(tmp_path / "Galaxy10.h5").read_bytes()
    known = {"Galaxy10.h5": RemoteFile(hashlib.sha256(content).hexdigest(), len(content))}
    handler = type("Handler", (_Server,), {"content": content})
    monkeypatch.setattr(fetch, "PAUSE", 0.01)
    monkeypatch.delenv("INDUCTIVE_MIRROR", raising=False)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()

        def at(*kinds: str) -> DatasetSpec:
            prefixes = tuple(f"http://127.0.0.1:{server.server_port}/{kind}/" for kind in kinds)
            source = Source(known, prefixes, "", "")
            monkeypatch.setattr(sources, "_sources", lambda: {"galaxy10": source})
            return registry.resolve("galaxy10", {"kind": "real", "path": None, "size": None})

        yield at
        server.shutdown()


@pytest.mark.parametrize("kinds", [("good",), ("slow",), ("cut", "good"), ("corrupt", "slow")])
def test_galaxy10_from_a_server(serve: Callable[..., DatasetSpec], kinds: tuple[str, ...]) -> None:
    spec = serve(*kinds)
    registry.make(spec)
    images = registry.load(spec)
    assert images.pixels.shape == (30, 69, 69, 3)
    assert images.classes == image_files.GALAXY10


@pytest.mark.parametrize(("kind", "said"), [("cut", "truncated"), ("corrupt", "wrong checksum")])
def test_a_bad_galaxy10_is_never_used(
    serve: Callable[..., DatasetSpec], kind: str, said: str
) -> None:
    spec = serve(kind)
    with pytest.raises(InputError, match=f"dataset galaxy10: no source gave Galaxy10.h5: .*{said}"):
        registry.make(spec)
    assert not spec.card.exists()
    assert not (spec.folder / "Galaxy10.h5").exists()


def _real(name: str, folder: Path) -> DatasetSpec:
    spec = DatasetSpec(name, "real", {}, "0" * 64)
    target = Path.cwd() / spec.folder
    target.parent.mkdir(parents=True)
    folder.rename(target)
    return spec


def test_mnist_is_read_as_torchvision_reads_it(tmp_path: Path) -> None:
    rng, arrays = np.random.default_rng(0), {}
    (tmp_path / "mnist").mkdir()
    for part, count in (("train", 7), ("t10k", 3)):
        pixels = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        labels = rng.integers(0, 10, count, dtype=np.uint8)
        arrays[part] = pixels, labels
        head = struct.pack(">IIII", 2051, count, 28, 28), struct.pack(">II", 2049, count)
        for kind, h, a in (("images-idx3", head[0], pixels), ("labels-idx1", head[1], labels)):
            (tmp_path / f"mnist/{part}-{kind}-ubyte.gz").write_bytes(gzip.compress(h + a.tobytes()))
    found, facts = image_files.read(_real("mnist", tmp_path / "mnist"))
    np.testing.assert_array_equal(
        found["pixels"][..., 0], np.concatenate([arrays["train"][0], arrays["t10k"][0]])
    )
    assert found["aside"].tolist() == [False] * 7 + [True] * 3
    assert found["labels"].tolist() == [*arrays["train"][1], *arrays["t10k"][1]]
    assert facts["classes"][3] == "3"


def test_cifar10_is_read_as_torchvision_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The published layout with fewer images, so torchvision's own checksums are passed over."""
    rng, root = np.random.default_rng(0), tmp_path / "cifar-10-batches-py"
    root.mkdir()
    monkeypatch.setattr(torchvision.datasets.CIFAR10, "_check_integrity", lambda self: True)
    monkeypatch.setattr(torchvision.datasets.cifar, "check_integrity", lambda *_: True)
    names = [f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]
    data = {name: rng.integers(0, 256, (4, 3072), dtype=np.uint8) for name in names}
    for name, pixels in data.items():
        (root / name).write_bytes(pickle.dumps({"data": pixels, "labels": [1, 2, 3, 9]}))
    (root / "batches.meta").write_bytes(pickle.dumps({"label_names": list(CIFAR)}))
    folder = tmp_path / "cifar10"
    folder.mkdir()
    with tarfile.open(folder / "cifar-10-python.tar.gz", "w:gz") as archive:
        archive.add(root, root.name)
    found, facts = image_files.read(_real("cifar10", folder))
    assert facts["classes"] == list(CIFAR)
    assert found["aside"].tolist() == [False] * 20 + [True] * 4
    first = data["data_batch_1"][0].reshape(3, 32, 32).transpose(1, 2, 0)
    np.testing.assert_array_equal(found["pixels"][0], first)


def test_sixteen_bits_are_scaled_and_not_cut(tmp_path: Path) -> None:
    ramp = np.linspace(0, 65535, 400).reshape(20, 20).astype(np.uint16)
    stream = io.BytesIO()
    Image.fromarray(ramp).save(stream, "PNG")
    path = folder_of(tmp_path / "own", dict.fromkeys(("a/0.png", "b/0.png"), stream.getvalue()))
    np.testing.assert_array_equal(load(path).pixels[0, :, :, 0], ramp >> 8)


@pytest.mark.parametrize("suffix", ["tar", "tar.gz", "tar.xz"])
def test_a_damaged_archive_is_not_a_shorter_one(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"own.{suffix}"
    with tarfile.open(path, f"w:{suffix.partition('.')[2]}") as archive:
        archive.add(folder_of(tmp_path / "own", CLASSES), "things")
    content = bytearray(path.read_bytes())
    middle = 5 * 2048 // 512 * 512 if suffix == "tar" else len(content) // 2
    content[middle : middle + 600] = bytes(b ^ 0x55 for b in content[middle : middle + 600])
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"not a readable archive|is not a readable image"):
        load(path)


def test_pictures_that_are_too_small(tmp_path: Path) -> None:
    small = {name: picture(i, 8) for i, name in enumerate(CLASSES)}
    with pytest.raises(InputError, match="images are 8x8; at least 16 pixels"):
        load(folder_of(tmp_path / "own", small))


def masks(root: Path, change: dict[str, bytes] | None = None) -> Path:
    files = {}
    for i in range(3):
        files[f"image/{i}.png"] = picture(i, 32, "L")
        files[f"label/{i}.png"] = picture(i + 10, 32, "L")
    return folder_of(root, files | (change or {}))


def membranes(path: Path) -> DatasetSpec:
    return registry.resolve("membranes", {"kind": "own", "path": str(path), "generated": {}})


def test_own_masks(tmp_path: Path) -> None:
    spec = membranes(masks(tmp_path / "own"))
    registry.make(spec)
    data = registry.load(spec)
    assert data.images.shape == data.cells.shape == (3, 32, 32)
    with Image.open(tmp_path / "own/label/1.png") as label:
        np.testing.assert_array_equal(data.cells[1], np.asarray(label) >= segments.ON_CELL)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"label/1.png": picture(0, 30, "L")}, r"the mask .*1.png is 30x30, its image is 32x32"),
        ({"image/9.png": picture(0, 32, "L")}, "9.png in .* has no mask"),
        ({"image/1.png": b"x"}, "1.png is not a readable image"),
    ],
)
def test_bad_masks(tmp_path: Path, change: dict[str, bytes], said: str) -> None:
    with pytest.raises(InputError, match=said):
        membranes(masks(tmp_path / "own", change))
