"""Labelled images of one size, whatever they came from, and how they are split."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from inductive.data.spec import DatasetSpec
from inductive.errors import InputError
from inductive.store import read_json

ARRAYS = "arrays.safetensors"


@dataclass(frozen=True)
class Images:
    """All images of a dataset, and which of them its publishers set aside for testing."""

    pixels: np.ndarray
    """(N, height, width, channels) uint8"""
    labels: np.ndarray
    """(N,) int64"""
    aside: np.ndarray
    """(N,) bool: the published test images; all False where there is no such split."""
    classes: tuple[str, ...]

    @property
    def num_classes(self) -> int:
        """The number of classes."""
        return len(self.classes)

    def blank(self, chosen: np.ndarray) -> "Images":
        """The same with the images numbered `chosen` black and of class 0: they cannot leak."""
        pixels, labels = self.pixels.copy(), self.labels.copy()
        pixels[chosen], labels[chosen] = 0, 0
        return replace(self, pixels=pixels, labels=labels)


def load(spec: DatasetSpec) -> Images:
    """The images of any kind, as the `data` step has left them."""
    arrays = load_file(spec.folder / ARRAYS)
    classes = tuple(read_json(spec.card)["facts"]["classes"])
    return Images(arrays["pixels"], arrays["labels"], arrays["aside"], classes)


Split = dict[str, np.ndarray]
"""'train' | 'validation' | 'test' -> numbers of images, (n,) int64, none of them twice."""


def split_by_count(images: Images, sizes: dict[str, int], rng: np.random.Generator) -> Split:
    """At most so many images of each part, drawn at random.

    Where a test split is published, test images come from it and the others from the rest; else all
    come from one pool. Raises InputError where nothing is left for a part.
    """
    pool = rng.permutation(np.flatnonzero(~images.aside))
    tests = rng.permutation(np.flatnonzero(images.aside))
    if not len(tests):
        tests, pool = np.split(pool, [min(sizes["test"], len(pool))])
    validation, pool = np.split(pool, [min(sizes["validation"], len(pool))])
    split = {
        "train": pool[: sizes["train"]],
        "validation": validation,
        "test": tests[: sizes["test"]],
    }
    for part, chosen in split.items():
        if not len(chosen):
            raise InputError(
                f"of {len(images.labels)} images none are left for {part}; "
                f"ask for fewer than {sizes['test']} to test and {sizes['validation']} to validate"
            )
    return split


def split_by_share(
    images: Images, shares: Sequence[float], seed: int, *, stratified: bool
) -> Split:
    """scikit-learn's `train_test_split`, twice with one seed, over all images.

    `shares` are those of validation and test. Stratified: every part has the classes in the same
    proportions; a class with fewer than three images goes into the training part whole.
    """
    from sklearn.model_selection import train_test_split

    everything = np.arange(len(images.labels))
    counts = np.bincount(images.labels, minlength=images.num_classes)
    rare = counts[images.labels] < 3 if stratified else np.zeros(len(everything), dtype=bool)
    pool = everything[~rare]

    def divide(chosen: np.ndarray, share: int) -> tuple[np.ndarray, np.ndarray]:
        if not stratified:
            first, second = train_test_split(chosen, test_size=share, random_state=seed)
            return first, second
        first, second = _stratified(chosen, images.labels, share, np.random.default_rng(seed))
        return first, second

    validation_size, test_size = (max(1, round(share * len(pool))) for share in shares)
    rest, test = divide(pool, test_size)
    train, validation = divide(rest, validation_size)
    return {
        "train": np.concatenate([train, everything[rare]]),
        "validation": validation,
        "test": test,
    }


def _stratified(
    chosen: np.ndarray, labels: np.ndarray, size: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Each class's share of `size`, at least one of each: scikit-learn refuses rare classes."""
    kept, taken = [], []
    for c in np.unique(labels[chosen]):
        members = rng.permutation(chosen[labels[chosen] == c])
        count = max(1, round(size * len(members) / len(chosen)))
        kept.append(members[count:])
        taken.append(members[:count])
    return rng.permutation(np.concatenate(kept)), rng.permutation(np.concatenate(taken))


def resize(pixels: np.ndarray, size: int) -> np.ndarray:
    """(N, height, width, channels) -> (N, size, size, channels), bilinear with antialiasing."""
    import torch
    from torch.nn.functional import interpolate

    if pixels.shape[1:3] == (size, size):
        return pixels
    out = []
    for batch in np.array_split(pixels, max(1, len(pixels) // 256)):
        x = torch.from_numpy(np.ascontiguousarray(batch)).permute(0, 3, 1, 2).float()
        x = interpolate(x, (size, size), mode="bilinear", antialias=True)
        out.append(x.round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy())
    return np.concatenate(out)


def check_options(settings: dict[str, Any], key: str) -> None:
    """Raise InputError for a size that no network here could read."""
    size = settings.get("size")
    if size is not None and size < 16:
        raise InputError(
            f"{key}.size: {size} pixels; at least 16 are needed, or null to keep theirs"
        )
