"""Reads MNIST and CIFAR-10 as published, through torchvision."""

import gzip
import tarfile
import tempfile
from pathlib import Path

import numpy as np
from torchvision.datasets import CIFAR10, MNIST

from inductive.core.run import DatasetSpec
from inductive.data.storage import Arrays


def read(spec: DatasetSpec, folder: Path) -> Arrays:
    """The arrays `pixels` (N, height, width, channels) uint8, `labels`, `is_test`; `classes`."""
    return {"mnist": _read_mnist, "cifar10": _read_cifar10}[spec.name](folder)


def _read_mnist(folder: Path) -> Arrays:
    with tempfile.TemporaryDirectory() as root:
        raw = Path(root, "MNIST", "raw")
        raw.mkdir(parents=True)
        for file in folder.glob("*.gz"):
            (raw / file.stem).write_bytes(gzip.decompress(file.read_bytes()))
        parts = [MNIST(root, train=train) for train in (True, False)]
    pixels = np.concatenate([part.data.numpy() for part in parts])[..., None]
    labels = np.concatenate([part.targets.numpy() for part in parts])
    return _arrays(pixels, labels, len(parts[0]), [str(digit) for digit in range(10)])


def _read_cifar10(folder: Path) -> Arrays:
    # The batches are pickles. They are opened only here, after the archive's checksum was verified.
    with tempfile.TemporaryDirectory() as root:
        with tarfile.open(folder / "cifar-10-python.tar.gz") as archive:
            archive.extractall(root, filter="data")
        parts = [CIFAR10(root, train=train) for train in (True, False)]
    pixels = np.concatenate([part.data for part in parts])
    labels = np.concatenate([np.asarray(part.targets) for part in parts])
    return _arrays(pixels, labels, len(parts[0]), parts[0].classes)


def _arrays(pixels: np.ndarray, labels: np.ndarray, num_train: int, classes: list[str]) -> Arrays:
    is_test = np.arange(len(labels)) >= num_train
    arrays = {"pixels": pixels, "labels": labels.astype(np.int64), "is_test": is_test}
    return arrays, {"classes": list(classes)}
