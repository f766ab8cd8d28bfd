"""Reads labelled images from an HDF5 file in Galaxy10's layout: the published file, or a user's."""

from pathlib import Path

import h5py
import numpy as np

from inductive.core.errors import InputError
from inductive.core.run import DatasetSpec
from inductive.data.images import GALAXY10
from inductive.data.storage import Arrays

SMALLEST = 16  # pixels per side; networks here downsample several times
MAX_CLASSES = 1000  # of a user's file


def read(spec: DatasetSpec, folder: Path) -> Arrays:
    """The arrays `pixels` (N, height, width, 3) uint8, `labels`, `is_test`; `classes`."""
    return read_hdf5(folder / "Galaxy10.h5", GALAXY10, None, f"dataset {spec.name}")


def read_hdf5(path: Path, classes: tuple[str, ...] | None, size: int | None, key: str) -> Arrays:
    """`images` uint8 (N, height, width, 3) and `ans` integers (N,), resized unless size is None.

    `classes` names the labels that are allowed; None allows up to 1,000 and names them by number.
    Raises InputError that names what is missing or has another shape, type or range.
    """
    try:
        file = h5py.File(path, "r")
    except OSError:
        raise InputError(f"{key}: {path} is not an HDF5 file") from None
    with file:
        pixels, labels = _images_and_labels(file, path, size, key)
    highest = len(classes) - 1 if classes else MAX_CLASSES - 1
    if not len(labels) or labels.min() < 0 or labels.max() > highest:
        extent = f"{labels.min()} to {labels.max()}" if len(labels) else "none"
        raise InputError(f"{key}: labels in {path} are {extent}; allowed are 0 to {highest}")
    names = list(classes or (f"class {c}" for c in range(int(labels.max()) + 1)))
    if len(np.unique(labels)) < 2:
        raise InputError(f"{key}: all images of {path} are of one class; at least two are needed")
    pixels = resize(pixels, size) if size else pixels
    check_size(pixels, key)
    is_test = np.zeros(len(labels), dtype=bool)
    return {"pixels": pixels, "labels": labels, "is_test": is_test}, {"classes": names}


def _images_and_labels(
    file: h5py.File, path: Path, size: int | None, key: str
) -> tuple[np.ndarray, np.ndarray]:
    """Both data sets of a file, after a check of their shapes and types."""
    missing = [name for name in ("images", "ans") if not isinstance(file.get(name), h5py.Dataset)]
    if missing:
        present = ", ".join(sorted(file)) or "nothing"
        raise InputError(f"{key}: {path} lacks the key '{missing[0]}' (it has: {present})")
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
    return images[:], answers[:].astype(np.int64)


def resize(pixels: np.ndarray, size: int) -> np.ndarray:
    """(N, height, width, channels) -> (N, size, size, channels), bilinear with antialiasing."""
    import torch  # 1.3 s, which planning with a user's images does not need

    from inductive.augment.resize import resize as resize_tensor

    planes = torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2)
    return resize_tensor(planes, size).permute(0, 2, 3, 1).numpy()


def check_size(pixels: np.ndarray, key: str) -> None:
    """Raise InputError for pictures (N, height, width, channels) that are too small."""
    if min(pixels.shape[1:3]) < SMALLEST:
        size = f"{pixels.shape[2]}x{pixels.shape[1]}"
        raise InputError(
            f"{key}: images are {size}; at least {SMALLEST} pixels per side are needed"
        )
