"""Padding modes: the source of the value of a pixel outside the image.

A mode is one function: it takes the integer positions of a padded row, some below 0 and some at or
above `size`, and returns the position inside [0, size) that each is read from, or OUTSIDE for a
zero. Positions inside the row must map to themselves. To add a mode, write such a function here
under `@padding_mode` and name it in params.yaml.
"""

from collections.abc import Callable

import numpy as np

from inductive.core.errors import InputError, unknown

OUTSIDE = -1
PaddingMode = Callable[[np.ndarray, int], np.ndarray]
_MODES: dict[str, PaddingMode] = {}


def padding_mode(function: PaddingMode) -> PaddingMode:
    """Register a mode under the name of its function."""
    _MODES[function.__name__] = function
    return function


def get_mode(name: str) -> PaddingMode:
    """The mode of that name. InputError that suggests the nearest name where there is none."""
    if name not in _MODES:
        raise InputError(unknown("padding mode", name, _MODES))
    return _MODES[name]


def source_positions(name: str, amount: int, size: int) -> np.ndarray:
    """(size + 2 amount,) int64: the source of each position of a padded row, or OUTSIDE.

    InputError where a mode moves the image itself or reads from beyond it.
    """
    positions = np.arange(-amount, size + amount)
    sources = np.asarray(get_mode(name)(positions, size))
    inside = sources[amount : amount + size]
    if sources.shape != positions.shape or (inside != np.arange(size)).any():
        raise InputError(f"padding mode '{name}' changes the pixels inside a row of {size}")
    if sources.min() < OUTSIDE or sources.max() >= size:
        raise InputError(f"padding mode '{name}' with amount {amount} leaves a row of {size}")
    return sources.astype(np.int64)


@padding_mode
def zeros(position: np.ndarray, size: int) -> np.ndarray:
    """0 0 | a b c d | 0 0"""
    return np.where((position >= 0) & (position < size), position, OUTSIDE)


@padding_mode
def circular(position: np.ndarray, size: int) -> np.ndarray:
    """c d | a b c d | a b"""
    return position % size


@padding_mode
def reflect(position: np.ndarray, size: int) -> np.ndarray:
    """c b | a b c d | c b"""
    folded = np.abs(position) % max(2 * size - 2, 1)
    positions: np.ndarray = np.minimum(folded, 2 * size - 2 - folded)
    return positions


@padding_mode
def replicate(position: np.ndarray, size: int) -> np.ndarray:
    """a a | a b c d | d d"""
    positions: np.ndarray = np.clip(position, 0, size - 1)
    return positions
