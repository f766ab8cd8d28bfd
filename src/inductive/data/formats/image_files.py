"""Reads a user's labelled images: class folders, an archive of them, or an HDF5 file.

Class folders hold the images of one class each; they may lie below `train` and `test`. An archive
(.tar, .tar.gz, .tar.xz, ...) holds the same; an HDF5 file has Galaxy10's layout.
"""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np

from inductive.core.errors import InputError
from inductive.core.run import DatasetSpec
from inductive.data.formats.galaxy10 import check_size, read_hdf5
from inductive.data.formats.image_archive import ARCHIVES, archived_images
from inductive.data.formats.picture import SUFFIXES, decode
from inductive.data.storage import Arrays

HDF5 = (".h5", ".hdf5")


def own_files(settings: dict[str, Any], key: str) -> list[Path]:
    """The user's files: one archive or HDF5 file, or all images of a folder, sorted."""
    path = Path(settings["path"])
    if path.is_file() and path.name.endswith((*ARCHIVES, *HDF5)):
        return [path]
    if not path.is_dir():
        raise InputError(
            f"{key}.path: '{path}' is neither a folder of class folders nor a file that ends in "
            f"{', '.join((*ARCHIVES, *HDF5))}"
        )
    return _folder_files(path, key)


def check_own(settings: dict[str, Any], key: str) -> None:
    """Raise InputError where a user's files are not labelled images; pixels are read later."""
    path, where = Path(settings["path"]), f"{key}.path: {settings['path']}"
    if path.is_dir():
        names = [f.relative_to(path).as_posix() for f in _folder_files(path, key)]
    elif path.name.endswith(ARCHIVES):
        names = [name for name, _ in archived_images(path, where, contents=False)]
    else:
        read_hdf5(path, None, settings["size"], f"{key}.path")
        return
    _arrange(names, where)


def read(spec: DatasetSpec, folder: Path) -> Arrays:
    """The arrays `pixels` (N, height, width, channels) uint8, `labels`, `is_test`; `classes`."""
    path, size, key = Path(spec.settings["path"]), spec.settings["size"], f"data.{spec.name}"
    if path.name.endswith(HDF5) and path.is_file():
        return read_hdf5(path, None, size, f"{key}.path")
    return _read_classes(path, size, key)


def _folder_files(path: Path, key: str) -> list[Path]:
    files = [f for f in sorted(path.rglob("*")) if f.suffix.lower() in SUFFIXES and f.is_file()]
    if not files:
        raise InputError(f"{key}.path: {path} holds no image ({', '.join(SUFFIXES)})")
    return files


def _contents(path: Path, key: str) -> Iterator[tuple[str, bytes]]:
    """Name and content of every image file in a folder or an archive."""
    if not path.is_dir():
        yield from archived_images(path, f"{key}.path: {path}")
        return
    for file in _folder_files(path, key):
        yield file.relative_to(path).as_posix(), file.read_bytes()


class _Arrangement(NamedTuple):
    """The class and the split of each image of a folder or archive."""

    classes: list[str]
    images: dict[str, tuple[int, bool]]
    """name -> (class, whether it is a test image)"""


def _arrange(names: list[str], where: str) -> _Arrangement:
    """Class folders, or `train` and `test` above them; single folders above these are skipped."""
    paths = {name: PurePosixPath(name).parts for name in names}
    while paths and len({parts[0] for parts in paths.values()}) == 1:
        if min(len(parts) for parts in paths.values()) < 3:
            break
        paths = {name: parts[1:] for name, parts in paths.items()}
    loose = [name for name, parts in paths.items() if len(parts) < 2]
    if loose:
        raise InputError(f"{where}: {loose[0]} is in no class folder")
    tops = {parts[0] for parts in paths.values()}
    has_test = "train" in tops and tops <= {"train", "test"}
    if has_test and min(len(parts) for parts in paths.values()) < 3:
        raise InputError(f"{where}: expected class folders below train and test")
    labels = {name: parts[1] if has_test else parts[0] for name, parts in paths.items()}
    classes = sorted(set(labels.values()))
    if len(classes) < 2:
        content = f"only the class '{classes[0]}'" if classes else "no image"
        raise InputError(f"{where} holds {content}; at least two class folders are needed")
    images = {
        name: (classes.index(labels[name]), has_test and parts[0] == "test")
        for name, parts in paths.items()
    }
    return _Arrangement(classes, images)


def _read_classes(path: Path, size: int | None, key: str) -> Arrays:
    names, pictures = [], []
    for name, content in _contents(path, key):
        names.append(name)
        pictures.append(decode(content, size, f"{key}: {name} in {path}"))
    arrangement = _arrange(names, f"{key}.path: {path}")
    _check_shapes(names, pictures, path, key)
    colour = any(picture.shape[2] == 3 for picture in pictures)
    pixels = np.stack([np.repeat(p, 3, 2) if colour and p.shape[2] == 1 else p for p in pictures])
    check_size(pixels, key)
    images = [arrangement.images[name] for name in names]
    arrays = {
        "pixels": pixels,
        "labels": np.array([label for label, _ in images], dtype=np.int64),
        "is_test": np.array([is_test for _, is_test in images]),
    }
    return arrays, {"classes": arrangement.classes}


def _check_shapes(names: list[str], pictures: list[np.ndarray], path: Path, key: str) -> None:
    """Raise InputError where pictures are not all of one size, or not square."""
    for name, picture in zip(names, pictures, strict=True):
        if picture.shape[:2] != pictures[0].shape[:2]:
            sizes = ["x".join(map(str, p.shape[1::-1])) for p in (pictures[0], picture)]
            raise InputError(
                f"{key}: {names[0]} in {path} is {sizes[0]} and {name} is {sizes[1]}; "
                f"{key}.size resizes all to one size"
            )
    height, width = pictures[0].shape[:2]
    if height != width:
        raise InputError(
            f"{key}: images in {path} are {width}x{height}; {key}.size makes them square"
        )
