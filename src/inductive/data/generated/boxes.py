"""Boxes: a red and a green square on black; which one is on the left decides the class.

The task of Kayhan and van Gemert 2020 (On Translation Invariance in CNNs, arXiv:2003.07064). Class
0 has red on the left and lies in the upper band, class 1 has green on the left and lies in the
lower band. The test images have the bands swapped and the left-right relation kept, so a network
that reads the vertical position instead of the relation is wrong on every one of them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from inductive.core.errors import InputError
from inductive.core.run import DatasetSpec
from inductive.data.storage import Arrays, load_arrays

if TYPE_CHECKING:
    from torch import Tensor

VERSION = 1


def check(settings: dict[str, Any], key: str) -> None:
    """Raise InputError for settings under which a square would cross the border of the image."""
    size, square, jitter = settings["size"], settings["square"], settings["jitter"]
    upper, lower = settings["bands"]
    if not 0 <= upper - jitter < lower + jitter + square - 1 <= size:
        raise InputError(
            f"{key}.bands: [{upper}, {lower}] with jitter {jitter} and squares of {square} "
            f"do not fit into {size} pixels"
        )
    if settings["left"] + settings["gap"] > size - square:
        raise InputError(
            f"{key}.gap: a left square below x = {settings['left']} and a gap of "
            f"{settings['gap']} do not fit into {size} pixels"
        )


def draw(rng: np.random.RandomState, count: int, settings: dict[str, Any]) -> np.ndarray:
    """The corners of `count` pairs of squares, (count, 2 squares: red, green; 2: x, y), int64.

    Classes alternate, 0 first. The order of the draws is the published one, so that the published
    seed gives the published images.
    """
    jitter, stop = settings["jitter"], settings["size"] - settings["square"]
    corners = np.empty((count, 2, 2), dtype=np.int64)
    for i, pair in enumerate(corners):
        label, band = i % 2, settings["bands"][i % 2]
        left_x, left_y = rng.randint(settings["left"]), rng.randint(-jitter, jitter)
        right_x = left_x
        while abs(right_x - left_x) < settings["gap"]:
            right_x, right_y = rng.randint(left_x, stop), rng.randint(-jitter, jitter)
        pair[label] = left_x, left_y + band
        pair[1 - label] = right_x, right_y + band
    return corners


def generate(settings: dict[str, Any]) -> Arrays:
    """The corners of every split, and no facts.

    Protocol `course`: every split starts from the same seed, as published, so that validation and
    test repeat the first training images. Protocol `clean`: independent draws. In both, `heldout`
    is drawn after and apart from all others.
    """
    seed = settings["seed"]
    sizes = {split: settings[split] for split in ("train", "validation", "test")}
    fresh = np.random.RandomState(seed + 1)
    if settings["protocol"] == "course":
        arrays = {s: draw(np.random.RandomState(seed), n, settings) for s, n in sizes.items()}
    else:
        arrays = {s: draw(fresh, n + n % 2, settings)[:n] for s, n in sizes.items()}
    arrays["heldout"] = draw(fresh, settings["test"], settings)
    return arrays, {}


@dataclass(frozen=True)
class Boxes:
    """All splits as corners, and how to draw them."""

    corners: dict[str, np.ndarray]
    """split -> (N, 2, 2) as given by `draw`."""
    size: int
    square: int
    swap: int
    """Pixels between the bands: shifted by this, an image lies in the other class's band."""

    def only(self, *splits: str) -> "Boxes":
        """The same without the other splits, so that they cannot leak."""
        corners = {split: self.corners[split] for split in splits}
        return Boxes(corners, self.size, self.square, self.swap)

    def labels(self, split: str) -> np.ndarray:
        """(N,) int64, 0 where red is on the left."""
        x = self.corners[split][:, :, 0]
        return (x[:, 0] > x[:, 1]).astype(np.int64)

    def images(self, split: str, shift: int = 0) -> "Tensor":
        """(N, 3, size, size) float32 in [0, 1], `shift` pixels towards the other class's band."""
        import torch  # 1.3 s, which planning does not need

        corners = torch.from_numpy(self.corners[split].copy())
        direction = 1 - 2 * torch.from_numpy(self.labels(split))
        corners[:, :, 1] += (shift * direction)[:, None]
        pixel = torch.arange(self.size)
        inside = (pixel >= corners[..., None]) & (pixel < corners[..., None] + self.square)
        squares = inside[:, :, 1, :, None] & inside[:, :, 0, None, :]  # (N, 2, y, x)
        images = torch.zeros(len(corners), 3, self.size, self.size)
        images[:, :2] = squares.float()
        return images


def load(spec: DatasetSpec, folder: Path) -> Boxes:
    """The corners in the data set's folder."""
    upper, lower = spec.settings["bands"]
    size, square = spec.settings["size"], spec.settings["square"]
    return Boxes(load_arrays(folder), size, square, lower - upper)
