"""Labelled images of one size, from any source, and how they are split."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from inductive.core.errors import InputError
from inductive.core.run import DatasetSpec
from inductive.data.storage import load_arrays, load_facts

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
"""The classes of Galaxy10 by label, which its file does not name."""

Split = dict[str, np.ndarray]
"""'train' | 'validation' | 'test' -> indices of images, (n,) int64, all different."""


@dataclass(frozen=True)
class Images:
    """All images of a data set, and which of them its publishers reserve for testing."""

    pixels: np.ndarray
    """(N, height, width, channels) uint8"""
    labels: np.ndarray
    """(N,) int64"""
    is_test: np.ndarray
    """(N,) bool: the published test images; all False where there is no such split."""
    classes: tuple[str, ...]

    @property
    def num_classes(self) -> int:
        """The number of classes."""
        return len(self.classes)

    def blank(self, indices: np.ndarray) -> "Images":
        """The same with the images at `indices` black and of class 0, so that they cannot leak."""
        pixels, labels = self.pixels.copy(), self.labels.copy()
        pixels[indices], labels[indices] = 0, 0
        return replace(self, pixels=pixels, labels=labels)


def load(spec: DatasetSpec, folder: Path) -> Images:
    """The images in the folder of a data set of any kind."""
    arrays = load_arrays(folder)
    classes = tuple(load_facts(folder)["classes"])
    return Images(arrays["pixels"], arrays["labels"], arrays["is_test"], classes)


def split_by_count(
    images: Images, sizes: dict[str, int], rng: np.random.Generator, key: str = "sizes"
) -> Split:
    """At most sizes[part] images of each part, drawn at random.

    Where a test split is published, test images come from it and the others from the rest; else all
    come from one pool. Raises InputError, which names `key`, where nothing is left for a part.
    """
    pool = rng.permutation(np.flatnonzero(~images.is_test))
    tests = rng.permutation(np.flatnonzero(images.is_test))
    if not len(tests):
        tests, pool = np.split(pool, [min(sizes["test"], len(pool))])
    validation, pool = np.split(pool, [min(sizes["validation"], len(pool))])
    split = {
        "train": pool[: sizes["train"]],
        "validation": validation,
        "test": tests[: sizes["test"]],
    }
    for part, indices in split.items():
        if not len(indices):
            raise InputError(
                f"{key}: of {len(images.labels)} images none are left for {part}; "
                f"use less than {sizes['test']} to test and {sizes['validation']} to validate"
            )
    return split


def split_by_share(
    images: Images, shares: tuple[float, float], seed: int, *, stratified: bool
) -> Split:
    """Shares of validation and test images, at random; published test images stay test images.

    Plain: scikit-learn's `train_test_split`, first both parts together, then each, with one seed,
    as in the course. Stratified: every part has the classes in the same proportions; a class with
    fewer than three images goes into the training part as a whole.
    Raises InputError where there are too few images.
    """
    from sklearn.model_selection import train_test_split  # 0.9 s, which planning does not need

    pool, tests = np.flatnonzero(~images.is_test), np.flatnonzero(images.is_test)
    validation_share, test_share = shares if not len(tests) else (shares[0], 0.0)
    held_out = max(2, round((validation_share + test_share) * len(pool)))
    if len(pool) < 2 * held_out:
        raise InputError(f"{len(pool)} images are too few to be split into three parts")
    if stratified:
        labels, rng = images.labels, np.random.default_rng(seed)
        common = np.bincount(labels[pool], minlength=images.num_classes)[labels[pool]] >= 3
        if not common.any():
            raise InputError("no class has three images; a split needs one for each of its parts")
        train, validation = _stratified(pool[common], labels, validation_share, rng)
        train = np.concatenate([train, pool[~common]])
        if not len(tests):
            share = test_share / (1 - validation_share)
            rare = np.isin(train, pool[~common])
            rest, tests = _stratified(train[~rare], labels, share, rng)
            train = np.concatenate([rest, train[rare]])
    else:
        train, rest = train_test_split(pool, test_size=held_out, random_state=seed)
        validation = rest
        if not len(tests):
            share = test_share / (validation_share + test_share)
            validation, tests = train_test_split(rest, test_size=share, random_state=seed)
    return {"train": train, "validation": validation, "test": tests}


def _stratified(
    indices: np.ndarray, labels: np.ndarray, share: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """The rest, and a share of each class, at least one image (scikit-learn refuses rare ones)."""
    kept, taken = [], []
    for c in np.unique(labels[indices]):
        of_class = rng.permutation(indices[labels[indices] == c])
        count = max(1, round(share * len(of_class)))
        kept.append(of_class[count:])
        taken.append(of_class[:count])
    return rng.permutation(np.concatenate(kept)), rng.permutation(np.concatenate(taken))
