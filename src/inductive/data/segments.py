"""Grey images with a mask, in memory."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inductive.core.run import DatasetSpec
from inductive.data.storage import load_arrays


@dataclass(frozen=True)
class Segments:
    """Grey images, and which of their pixels belong to a cell."""

    images: np.ndarray
    """(N, height, width) uint8"""
    cells: np.ndarray
    """(N, height, width) uint8, 1 on cells and 0 on membranes"""


def load(spec: DatasetSpec, folder: Path) -> Segments:
    """The images and masks in the folder of a data set of any kind."""
    arrays = load_arrays(folder)
    return Segments(arrays["images"], arrays["cells"])
