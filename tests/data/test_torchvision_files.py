"""MNIST and CIFAR-10 in their published layouts, written by the tests with fewer images."""

import gzip
import pickle
import struct
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torchvision

from inductive.core.run import DatasetSpec
from inductive.data.formats.torchvision_files import read

CIFAR = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def test_mnist_equals_the_written_arrays(tmp_path: Path) -> None:
    rng, parts = np.random.default_rng(0), {}
    (tmp_path / "mnist").mkdir()
    for part, count in (("train", 7), ("t10k", 3)):
        pixels = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        labels = rng.integers(0, 10, count, dtype=np.uint8)
        parts[part] = pixels, labels
        head = struct.pack(">IIII", 2051, count, 28, 28), struct.pack(">II", 2049, count)
        for kind, h, a in (("images-idx3", head[0], pixels), ("labels-idx1", head[1], labels)):
            (tmp_path / f"mnist/{part}-{kind}-ubyte.gz").write_bytes(gzip.compress(h + a.tobytes()))
    arrays, facts = read(DatasetSpec("mnist", "real", {}, ""), tmp_path / "mnist")
    np.testing.assert_array_equal(
        arrays["pixels"][..., 0], np.concatenate([parts["train"][0], parts["t10k"][0]])
    )
    assert arrays["is_test"].tolist() == [False] * 7 + [True] * 3
    assert arrays["labels"].tolist() == [*parts["train"][1], *parts["t10k"][1]]
    assert facts["classes"][3] == "3"


def test_cifar10_equals_the_written_arrays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The published layout with fewer images, so torchvision's own checksums are skipped."""
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
    arrays, facts = read(DatasetSpec("cifar10", "real", {}, ""), folder)
    assert facts["classes"] == list(CIFAR)
    assert arrays["is_test"].tolist() == [False] * 20 + [True] * 4
    first = data["data_batch_1"][0].reshape(3, 32, 32).transpose(1, 2, 0)
    np.testing.assert_array_equal(arrays["pixels"][0], first)
