"""The content of the folder of one data set: its arrays, and the card that describes them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save

from inductive.core.files import read_json, write_bytes

ARRAYS = "arrays.safetensors"
CARD = "dataset.json"

Arrays = tuple[dict[str, np.ndarray], dict[str, Any]]
"""The result of generators and readers: arrays by name, and facts that JSON can hold."""


def save_arrays(folder: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write all arrays of a data set into its folder, atomically."""
    # safetensors writes the memory of an array without its strides, so it must be contiguous.
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    write_bytes(folder / ARRAYS, save(contiguous))


def load_arrays(folder: Path) -> dict[str, np.ndarray]:
    """The arrays in a data set's folder."""
    arrays: dict[str, np.ndarray] = load_file(folder / ARRAYS)
    return arrays


def load_facts(folder: Path) -> dict[str, Any]:
    """Facts about a data set beyond its arrays, such as the Bayes accuracy."""
    return dict(read_json(folder / CARD).get("facts", {}))
