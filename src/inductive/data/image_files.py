"""Image files of many makers into arrays: published formats, class folders, archives, HDF5.

A user's images are a folder (or a .tar, .tar.gz, .tar.xz of one) of class folders, or of `train`
and `test` with class folders below, or an HDF5 file in Galaxy10's layout. Archives are read, never
unpacked: a member whose path leads outside, a link or a device ends the reading.
"""

import gzip
import io
import lzma
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from inductive.data.images import check_options, check_pixels, resize
from inductive.data.spec import DatasetSpec
from inductive.errors import InputError

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".gif", ".webp")
ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2")
HDF5 = (".h5", ".hdf5")
LARGEST = 64 << 20  # bytes of one image file in an archive; a larger one is no image of ours

GALAXY10 = (
    "Disk, Face-on, No Spiral",
    "Smooth, Completely round",
    "Smooth, in-between round",
    "Smooth, Cigar shaped",
    "Disk, Edge-on, Rounded Bulge",
    "Disk, Edge-on, Boxy Bulge",
    "Disk, Edge-on, No Bulge",
    "Disk, Face-on, Tight Spiral",
    "Disk, Face-on, Medium Spiral",
    "Disk, Face-on, Loose Spiral",
)

Arrays = tuple[dict[str, np.ndarray], dict[str, Any]]


def own_files(settings: dict[str, Any], key: str) -> list[Path]:
    """The user's files: one archive or HDF5 file, or all images of a folder, sorted."""
    check_options(settings, key)
    path = Path(settings["path"])
    if path.is_file() and path.name.endswith((*ARCHIVES, *HDF5)):
        return [path]
    if not path.is_dir():
        raise InputError(
            f"{key}.path: '{path}' is neither a folder of class folders nor a file that ends in "
            f"{', '.join((*ARCHIVES, *HDF5))}"
        )
    files = [f for f in sorted(path.rglob("*")) if f.suffix.lower() in SUFFIXES and f.is_file()]
    if not files:
        raise InputError(f"{key}.path: {path} holds no image ({', '.join(SUFFIXES)})")
    return files


def check_own(settings: dict[str, Any], key: str) -> None:
    """Raise InputError where a user's files are no labelled images; pixels are read later."""
    path = Path(settings["path"])
    if path.is_dir():
        names = [f.relative_to(path).as_posix() for f in own_files(settings, key)]
    elif path.name.endswith(ARCHIVES):
        names = [name for name, _ in _archive(path, key, contents=False)]
    else:
        _read_hdf5(path, None, settings["size"], f"{key}.path")
        return
    _arrange(names, f"{key}.path: {path}")


def read(spec: DatasetSpec) -> Arrays:
    """The arrays `pixels` (N, height, width, channels) uint8, `labels` and `aside`; `classes`."""
    if spec.kind == "own":
        path, size, key = Path(spec.settings["path"]), spec.settings["size"], f"data.{spec.name}"
        if path.name.endswith(HDF5) and path.is_file():
            return _read_hdf5(path, None, size, f"{key}.path")
        return _read_classes(path, size, key)
    readers = {"mnist": _read_mnist, "cifar10": _read_cifar10, "galaxy10": _read_galaxy10}
    return readers[spec.name](spec.folder)


def _read_mnist(folder: Path) -> Arrays:
    from torchvision.datasets import MNIST

    with tempfile.TemporaryDirectory() as root:
        raw = Path(root, "MNIST", "raw")
        raw.mkdir(parents=True)
        for file in folder.glob("*.gz"):
            (raw / file.stem).write_bytes(gzip.decompress(file.read_bytes()))
        parts = [MNIST(root, train=train) for train in (True, False)]
    pixels = np.concatenate([part.data.numpy() for part in parts])[..., None]
    labels = np.concatenate([part.targets.numpy() for part in parts])
    return _published(pixels, labels, len(parts[0]), [str(digit) for digit in range(10)])


def _read_cifar10(folder: Path) -> Arrays:
    from torchvision.datasets import CIFAR10

    # Its batches are pickles; they are opened only here, after the archive's checksum was right.
    with tempfile.TemporaryDirectory() as root:
        with tarfile.open(folder / "cifar-10-python.tar.gz") as archive:
            archive.extractall(root, filter="data")
        parts = [CIFAR10(root, train=train) for train in (True, False)]
    pixels = np.concatenate([part.data for part in parts])
    labels = np.concatenate([np.asarray(part.targets) for part in parts])
    return _published(pixels, labels, len(parts[0]), parts[0].classes)


def _published(pixels: np.ndarray, labels: np.ndarray, train: int, classes: list[str]) -> Arrays:
    aside = np.arange(len(labels)) >= train
    arrays = {"pixels": pixels, "labels": labels.astype(np.int64), "aside": aside}
    return arrays, {"classes": list(classes)}


def _read_galaxy10(folder: Path) -> Arrays:
    return _read_hdf5(folder / "Galaxy10.h5", GALAXY10, None, "dataset galaxy10")


def _read_hdf5(path: Path, classes: tuple[str, ...] | None, size: int | None, key: str) -> Arrays:
    """`images` uint8 (N, height, width, 3) and `ans` integers (N,): Galaxy10's layout.

    InputError that names what is missing or has another shape, type or range.
    """
    import h5py

    try:
        file = h5py.File(path, "r")
    except OSError:
        raise InputError(f"{key}: {path} is not an HDF5 file") from None
    with file:
        missing = [
            name for name in ("images", "ans") if not isinstance(file.get(name), h5py.Dataset)
        ]
        if missing:
            there = ", ".join(sorted(file)) or "nothing"
            raise InputError(f"{key}: {path} lacks the key '{missing[0]}' (it has: {there})")
        images, answers = file["images"], file["ans"]
        if images.ndim != 4 or images.shape[-1] != 3 or images.dtype != np.uint8:
            raise InputError(
                f"{key}: 'images' in {path} is {images.dtype} {images.shape}; "
                "expected uint8 (N, height, width, 3)"
            )
        if answers.shape != images.shape[:1] or answers.dtype.kind not in "iu":
            raise InputError(
                f"{key}: 'ans' in {path} is {answers.dtype} {answers.shape}; "
                f"expected integers ({len(images)},), one for each image"
            )
        if images.shape[1] != images.shape[2] and size is None:
            raise InputError(
                f"{key}: images of {path} are {images.shape[1]}x{images.shape[2]}, not square; "
                "give a size to resize them to"
            )
        pixels, labels = images[:], answers[:].astype(np.int64)
    highest = len(classes) - 1 if classes else 999
    if not len(labels) or labels.min() < 0 or labels.max() > highest:
        found = f"{labels.min()} to {labels.max()}" if len(labels) else "none"
        raise InputError(f"{key}: labels in {path} are {found}; allowed are 0 to {highest}")
    names = list(classes or (f"class {c}" for c in range(int(labels.max()) + 1)))
    if len(np.unique(labels)) < 2:
        raise InputError(f"{key}: all images of {path} are of one class; at least two are needed")
    pixels = resize(pixels, size) if size else pixels
    check_pixels(pixels, key)
    aside = np.zeros(len(labels), dtype=bool)
    return {"pixels": pixels, "labels": labels, "aside": aside}, {"classes": names}


class _Layout(NamedTuple):
    """Where each image of a folder or archive belongs."""

    classes: list[str]
    places: dict[str, tuple[int, bool]]
    """name -> (class, whether it is set aside for testing)"""


def _arrange(names: list[str], where: str) -> _Layout:
    """Class folders, or `train` and `test` above them; one folder above all is looked through."""
    paths = {name: PurePosixPath(name).parts for name in names}
    while paths and len({parts[0] for parts in paths.values()}) == 1:
        if min(len(parts) for parts in paths.values()) < 3:
            break
        paths = {name: parts[1:] for name, parts in paths.items()}
    loose = [name for name, parts in paths.items() if len(parts) < 2]
    if loose:
        raise InputError(f"{where}: {loose[0]} lies in no class folder")
    tops = {parts[0] for parts in paths.values()}
    halves = "train" in tops and tops <= {"train", "test"}
    if halves and min(len(parts) for parts in paths.values()) < 3:
        raise InputError(f"{where}: expected class folders below train and test")
    labels = {name: parts[1] if halves else parts[0] for name, parts in paths.items()}
    classes = sorted(set(labels.values()))
    if len(classes) < 2:
        found = f"only the class '{classes[0]}'" if classes else "no image"
        raise InputError(f"{where} holds {found}; at least two class folders are needed")
    places = {
        name: (classes.index(labels[name]), halves and parts[0] == "test")
        for name, parts in paths.items()
    }
    return _Layout(classes, places)


def _archive(path: Path, key: str, *, contents: bool = True) -> Iterator[tuple[str, bytes]]:
    """Name and content of every image in an archive, in order. InputError for anything unsafe."""
    where = f"{key}.path: {path}"
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                name = PurePosixPath(member.name)
                if name.is_absolute() or ".." in name.parts:
                    raise InputError(f"{where}: the path '{member.name}' leads out of the archive")
                if member.isdir():
                    continue
                if not member.isfile():
                    kind = "a link" if member.issym() or member.islnk() else "a device"
                    raise InputError(f"{where}: '{member.name}' is {kind}; only files are read")
                hidden = any(part.startswith(".") for part in name.parts if part != ".")
                if name.suffix.lower() not in SUFFIXES or hidden:
                    continue
                if member.size > LARGEST:
                    raise InputError(
                        f"{where}: '{member.name}' has {member.size >> 20} MiB; at most "
                        f"{LARGEST >> 20} are read"
                    )
                stream = archive.extractfile(member) if contents else None
                yield name.as_posix(), stream.read() if stream else b""
            _to_the_end(archive)
    except (tarfile.TarError, EOFError, OSError, lzma.LZMAError, zlib.error) as error:
        raise InputError(f"{where}: not a readable archive: {error}") from None


def _to_the_end(archive: tarfile.TarFile) -> None:
    """Raise TarError where a damaged header ended the reading before the archive did.

    Only zeros follow the last member. Reading them also checks a compressed archive's checksum.
    """
    assert archive.fileobj is not None
    while rest := archive.fileobj.read(1 << 20):
        if any(rest):
            raise tarfile.TarError("damaged in the middle")


def _folder(path: Path, key: str) -> Iterator[tuple[str, bytes]]:
    for file in own_files({"path": path}, key):
        yield file.relative_to(path).as_posix(), file.read_bytes()


def _read_classes(path: Path, size: int | None, key: str) -> Arrays:
    files = _folder(path, key) if path.is_dir() else _archive(path, key)
    names, pictures = [], []
    for name, content in files:
        names.append(name)
        pictures.append(_decode(content, size, f"{key}: {name} in {path}"))
    layout = _arrange(names, f"{key}.path: {path}")
    shapes = {picture.shape[:2] for picture in pictures}
    if len(shapes) > 1:
        other = next(i for i, p in enumerate(pictures) if p.shape[:2] != pictures[0].shape[:2])
        sizes = ["x".join(map(str, pictures[i].shape[1::-1])) for i in (0, other)]
        raise InputError(
            f"{key}: {names[0]} in {path} is {sizes[0]} and {names[other]} is {sizes[1]}; "
            f"{key}.size resizes all to one size"
        )
    (height, width) = shapes.pop()
    if height != width:
        raise InputError(
            f"{key}: images in {path} are {width}x{height}; {key}.size makes them square"
        )
    colour = any(picture.shape[2] == 3 for picture in pictures)
    pixels = np.stack([np.repeat(p, 3, 2) if colour and p.shape[2] == 1 else p for p in pictures])
    check_pixels(pixels, key)
    places = [layout.places[name] for name in names]
    arrays = {
        "pixels": pixels,
        "labels": np.array([label for label, _ in places], dtype=np.int64),
        "aside": np.array([aside for _, aside in places]),
    }
    return arrays, {"classes": layout.classes}


def eight_bits(picture: "Image") -> "Image":
    """A picture in one grey channel (`L`) or in three colours (`RGB`), 8 bits each.

    Of 16-bit grey values the upper half is kept. Raises ValueError for other depths.
    """
    from PIL import Image

    if picture.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
    if picture.mode in ("I", "F"):
        raise ValueError("its values have 32 bits; 8 or 16 are read")
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")


def _decode(content: bytes, size: int | None, where: str) -> np.ndarray:
    """(height, width, 1 or 3) uint8. InputError that names a file that is no image."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as picture:
            plain = eight_bits(picture)
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise InputError(f"{where} is not a readable image: {error}") from None
    if size is not None and plain.size != (size, size):
        plain = plain.resize((size, size), Image.Resampling.BILINEAR)
    pixels = np.asarray(plain)
    return pixels[..., None] if pixels.ndim == 2 else pixels
