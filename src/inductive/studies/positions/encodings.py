"""Sinusoidal position encodings: the standard one, and two that sources use in its place."""

import math

import numpy as np

from inductive.core.seeding import numpy_generator


def standard(p: int, n: int) -> np.ndarray:
    """(p, n): E[2k, i] = sin(i 10000^(-2k/p)), E[2k + 1, i] its cosine (arXiv:1706.03762)."""
    k, i = np.arange(p // 2)[:, None], np.arange(n)
    angle = i * np.exp(-2 * k * math.log(10000) / p)
    return np.stack([np.sin(angle), np.cos(angle)], axis=1).reshape(p, n)


def doubled(p: int, n: int) -> np.ndarray:
    """(p, n): S0's sin(2i 10000^(-k/p)) and its cosine, so the smallest frequency is 0.02."""
    k, i = np.arange(p // 2)[:, None], np.arange(n)
    angle = 2 * i * np.exp(-k * math.log(10000) / p)
    return np.stack([np.sin(angle), np.cos(angle)], axis=1).reshape(p, n)


def unpaired(p: int, n: int) -> np.ndarray:
    """(p, n): S1's, with 5000 in place of p and a frequency per row: even rows sines, odd cosines.

    Rows and positions are counted from 1.
    """
    k, i = np.arange(1, p + 1)[:, None], np.arange(1, n + 1)
    angle = i * np.exp(-2 * k * math.log(10000) / 5000)
    return np.where(k % 2 == 0, np.sin(angle), np.cos(angle))


ENCODINGS = {"standard": standard, "doubled": doubled, "unpaired": unpaired}


def features(seed: int, p: int, n: int) -> np.ndarray:
    """(p, n) random features with the mean and standard deviation of the encoding's entries."""
    e = standard(p, n)
    return numpy_generator("features", seed).normal(e.mean(), e.std(), (p, n))
