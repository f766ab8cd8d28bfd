"""A user's images with masks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from inductive.core.errors import InputError
from inductive.core.run import DatasetSpec
from inductive.data.formats.masks import ON_CELL
from pictures import picture, write_files


def masks(root: Path, change: dict[str, bytes] | None = None) -> Path:
    files = {}
    for i in range(3):
        files[f"image/{i}.png"] = picture(i, 32, "L")
        files[f"label/{i}.png"] = picture(i + 10, 32, "L")
    return write_files(root, files | (change or {}))


def test_own_masks(
    tmp_path: Path,
    resolve: Callable[..., DatasetSpec],
    make_and_load: Callable[[DatasetSpec], Any],
) -> None:
    data = make_and_load(resolve("membranes", kind="own", path=str(masks(tmp_path / "own"))))
    assert data.images.shape == data.cells.shape == (3, 32, 32)
    with Image.open(tmp_path / "own/label/1.png") as label:
        np.testing.assert_array_equal(data.cells[1], np.asarray(label) >= ON_CELL)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label/1.png": picture(0, 30, "L")}, r"the mask .*1.png is 30x30, its image is 32x32"),
        ({"image/9.png": picture(0, 32, "L")}, "9.png in .* has no mask"),
        ({"image/1.png": b"x"}, "1.png is not a readable image"),
    ],
)
def test_bad_masks(
    tmp_path: Path, resolve: Callable[..., DatasetSpec], change: dict[str, bytes], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        resolve("membranes", kind="own", path=str(masks(tmp_path / "own", change)))
