"""Labelled images of one size, whatever they came from, and how they are split."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from safetensors.numpy import load_file

from inductive.data.spec import DatasetSpec
from inductive.errors import InputError
from inductive.store import read_json

ARRAYS = "arrays.safetensors"
SMALLEST = 16  # pixels a side


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
                f"rotation.datasets: of {len(images.labels)} images none are left for {part}; "
                f"ask for fewer than {sizes['test']} to test and {sizes['validation']} to validate"
            )
    return split


def split_by_share(
    images: Images, shares: tuple[float, float], seed: int, *, stratified: bool
) -> Split:
    """Shares of validation and test images, at random; test images that are set aside stay so.

    Plain: scikit-learn's `train_test_split`, first both parts together, then each, with one seed,
    as the course has it. Stratified: every part has the classes in the same proportions; a class
    with fewer than three images goes into the training part whole.
    Raises InputError where there are too few images.
    """
    from sklearn.model_selection import train_test_split

    pool, tests = np.flatnonzero(~images.aside), np.flatnonzero(images.aside)
    validation_share, test_share = shares if not len(tests) else (shares[0], 0.0)
    held = max(2, round((validation_share + test_share) * len(pool)))
    if len(pool) < 2 * held:
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
        train, rest = train_test_split(pool, test_size=held, random_state=seed)
        validation = rest
        if not len(tests):
            share = test_share / (validation_share + test_share)
            validation, tests = train_test_split(rest, test_size=share, random_state=seed)
    return {"train": train, "validation": validation, "test": tests}


def _stratified(
    chosen: np.ndarray, labels: np.ndarray, share: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A share of each class, at least one image: scikit-learn refuses rare classes."""
    kept, taken = [], []
    for c in np.unique(labels[chosen]):
        members = rng.permutation(chosen[labels[chosen] == c])
        count = max(1, round(share * len(members)))
        kept.append(members[count:])
        taken.append(members[:count])
    return rng.permutation(np.concatenate(kept)), rng.permutation(np.concatenate(taken))


def resize(pixels: np.ndarray, size: int) -> np.ndarray:
    """(N, height, width, channels) -> (N, size, size, channels), bilinear with antialiasing."""
    import torch

    from inductive.nn.resize import resize as resize_tensor

    planes = torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2)
    return resize_tensor(planes, size).permute(0, 2, 3, 1).numpy()


def check_pixels(pixels: np.ndarray, key: str) -> None:
    """Raise InputError for pictures that are smaller than any network here could read."""
    if min(pixels.shape[1:3]) < SMALLEST:
        found = f"{pixels.shape[2]}x{pixels.shape[1]}"
        raise InputError(f"{key}: images are {found}; at least {SMALLEST} pixels a side are needed")


def check_options(settings: dict[str, Any], key: str) -> None:
    """Raise InputError for a size that no network here could read."""
    size = settings.get("size")
    if size is not None and size < SMALLEST:
        raise InputError(
            f"{key}.size: {size} pixels; at least {SMALLEST} are needed, or null to keep theirs"
        )
