"""A user's images in class folders and archives: valid layouts, and errors in one line."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from inductive.core.errors import InputError
from inductive.core.layout import Layout
from inductive.core.run import DatasetSpec
from inductive.data import registry
from inductive.data.images import Images
from pictures import CLASSES, picture, write_files

Load = Callable[..., Images]


@pytest.fixture
def load(resolve: Callable[..., DatasetSpec], make_and_load: Callable[[DatasetSpec], Any]) -> Load:
    """`load(path, size=None)`: a user's images."""

    def load(path: Path, size: int | None = None) -> Images:
        loaded: Images = make_and_load(resolve("cifar10", kind="own", path=str(path), size=size))
        return loaded

    return load


def test_class_folders(tmp_path: Path, load: Load) -> None:
    images = load(write_files(tmp_path / "own", CLASSES | {"a/notes.txt": b"no image"}))
    assert images.classes == ("a", "b")
    assert images.pixels.shape == (6, 20, 20, 3)
    assert images.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert not images.is_test.any()
    with Image.open(io.BytesIO(CLASSES["b/1.png"])) as expected:
        np.testing.assert_array_equal(images.pixels[4], np.asarray(expected))


def test_train_and_test_folders_and_a_folder_above(tmp_path: Path, load: Load) -> None:
    halves = {
        f"{part}/{name}": content for part in ("train", "test") for name, content in CLASSES.items()
    }
    images = load(write_files(tmp_path / "own", {f"deep/{n}": c for n, c in halves.items()}))
    assert images.is_test.sum() == 6
    assert images.labels[images.is_test].tolist() == [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize("suffix", ["tar", "tar.xz", "tar.gz"])
def test_archives_are_read_like_folders(tmp_path: Path, load: Load, suffix: str) -> None:
    source = write_files(tmp_path / "own", CLASSES)
    path = tmp_path / f"own.{suffix}"
    with tarfile.open(path, f"w:{suffix.partition('.')[2]}") as archive:
        archive.add(source, "things")
    from_archive, from_folder = load(path), load(source)
    assert set(map(bytes, from_archive.pixels)) == set(map(bytes, from_folder.pixels))
    assert from_archive.classes == from_folder.classes


def test_grey_images_have_one_channel_and_mixed_ones_three(tmp_path: Path, load: Load) -> None:
    grey = {name: picture(i, mode="L") for i, name in enumerate(CLASSES)}
    assert load(write_files(tmp_path / "grey", grey)).pixels.shape == (6, 20, 20, 1)
    mixed = load(write_files(tmp_path / "mixed", CLASSES | {"a/0.png": grey["a/0.png"]}))
    assert mixed.pixels.shape == (6, 20, 20, 3)


def test_mixed_sizes_are_resized_with_a_size(tmp_path: Path, load: Load) -> None:
    path = write_files(tmp_path / "own", CLASSES | {"a/9.png": picture(9, (30, 24))})
    with pytest.raises(
        InputError, match=r"a/0.png .* is 20x20 and a/9.png is 30x24; .*size resizes"
    ):
        load(path)
    assert load(path, 24).pixels.shape == (7, 24, 24, 3)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "neither a folder"),
        ({"x/readme.txt": b""}, "holds no image"),
        ({"a/0.png": picture(0), "a/1.png": picture(1)}, "only the class 'a'"),
        ({**CLASSES, "b/7.png": b"broken"}, r"b/7.png in .* is not a readable image"),
        ({**CLASSES, "b/7.png": picture(0)[:60]}, r"b/7.png in .* is not a readable image"),
        ({**CLASSES, "loose.png": picture(3)}, "loose.png is in no class folder"),
    ],
)
def test_invalid_folders(tmp_path: Path, load: Load, files: dict[str, bytes], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        load(write_files(tmp_path / "own", files))
    assert "\n" not in str(caught.value)
    assert "data.cifar10" in str(caught.value)


def _member(name: str, **attributes: Any) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    for key, value in attributes.items():
        setattr(member, key, value)
    return member


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (_member("../outside.png"), "leads out of the archive"),
        (_member("/etc/x.png"), "leads out of the archive"),
        (_member("a/link.png", type=tarfile.SYMTYPE, linkname="/etc/passwd"), "is a link"),
        (_member("a/hard.png", type=tarfile.LNKTYPE, linkname="a/0.png"), "is a link"),
        (_member("a/device.png", type=tarfile.CHRTYPE), "is a device"),
        (_member("a/pipe.png", type=tarfile.FIFOTYPE), "is a device"),
    ],
)
def test_unsafe_archives_are_refused(
    tmp_path: Path, load: Load, member: tarfile.TarInfo, message: str
) -> None:
    path = tmp_path / "bad.tar"
    with tarfile.open(path, "w") as archive:
        archive.add(write_files(tmp_path / "own", CLASSES), "things")
        archive.addfile(member)
    with pytest.raises(InputError, match=message):
        load(path)
    assert not (tmp_path / "outside.png").exists()


def test_files_that_are_no_archives_or_truncated(tmp_path: Path, load: Load) -> None:
    path = tmp_path / "bad.tar.gz"
    path.write_bytes(b"no archive at all")
    with pytest.raises(InputError, match="not a readable archive"):
        load(path)
    with tarfile.open(path, "w:gz") as archive:
        archive.add(write_files(tmp_path / "own", CLASSES), "things")
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(InputError, match="not a readable archive"):
        load(path)


def test_changed_files_are_another_dataset(
    tmp_path: Path, layout: Layout, resolve: Callable[..., DatasetSpec]
) -> None:
    path = write_files(tmp_path / "own", CLASSES)
    own = {"kind": "own", "path": str(path)}
    before = resolve("cifar10", **own)
    assert resolve("cifar10", **own) == before
    assert resolve("cifar10", **own, size=24).sha256 != before.sha256
    registry.make(before, layout)
    (path / "a/0.png").write_bytes(picture(99))
    assert resolve("cifar10", **own).sha256 != before.sha256
    with pytest.raises(InputError, match="has changed; start again"):
        registry.load(before, layout)


def test_sixteen_bits_are_scaled_and_not_truncated(tmp_path: Path, load: Load) -> None:
    ramp = np.linspace(0, 65535, 400).reshape(20, 20).astype(np.uint16)
    stream = io.BytesIO()
    Image.fromarray(ramp).save(stream, "PNG")
    path = write_files(tmp_path / "own", dict.fromkeys(("a/0.png", "b/0.png"), stream.getvalue()))
    np.testing.assert_array_equal(load(path).pixels[0, :, :, 0], ramp >> 8)


@pytest.mark.parametrize("suffix", ["tar", "tar.gz", "tar.xz"])
def test_a_damaged_archive_is_not_read_in_part(tmp_path: Path, load: Load, suffix: str) -> None:
    path = tmp_path / f"own.{suffix}"
    with tarfile.open(path, f"w:{suffix.partition('.')[2]}") as archive:
        archive.add(write_files(tmp_path / "own", CLASSES), "things")
    content = bytearray(path.read_bytes())
    middle = 5 * 2048 // 512 * 512 if suffix == "tar" else len(content) // 2
    content[middle : middle + 600] = bytes(b ^ 0x55 for b in content[middle : middle + 600])
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"not a readable archive|is not a readable image"):
        load(path)


def test_pictures_that_are_too_small(tmp_path: Path, load: Load) -> None:
    small = {name: picture(i, 8) for i, name in enumerate(CLASSES)}
    with pytest.raises(InputError, match="images are 8x8; at least 16 pixels"):
        load(write_files(tmp_path / "own", small))
