"""Splits of images into training, validation and test parts; resizing."""

import numpy as np
import pytest

from inductive.core.errors import InputError
from inductive.data.formats.galaxy10 import resize
from inductive.data.images import Images, split_by_count, split_by_share


def toy(count: int = 200, classes: int = 4, num_test: int = 0) -> Images:
    labels = np.arange(count) % classes
    return Images(
        np.zeros((count, 16, 16, 3), np.uint8),
        labels.astype(np.int64),
        np.arange(count) >= count - num_test,
        tuple("abcdefgh"[:classes]),
    )


@pytest.mark.parametrize("num_test", [0, 50])
def test_counted_splits_do_not_overlap(num_test: int) -> None:
    images, sizes = toy(num_test=num_test), {"train": 90, "validation": 20, "test": 30}
    split = split_by_count(images, sizes, np.random.default_rng(0))
    together = np.concatenate(list(split.values()))
    assert len(set(together.tolist())) == len(together) == 140
    assert images.is_test[split["test"]].all() == bool(num_test)
    assert not images.is_test[split["train"]].any()
    with pytest.raises(InputError, match="key: of 40 images none are left for train"):
        split_by_count(toy(40), sizes, np.random.default_rng(0), key="key")


def test_the_course_split_equals_scikit_learn() -> None:
    from sklearn.model_selection import train_test_split

    images = toy()
    split = split_by_share(images, (0.1, 0.1), 42, stratified=False)
    train, rest = train_test_split(np.arange(200), test_size=0.2, random_state=42)
    validation, test = train_test_split(rest, test_size=0.5, random_state=42)
    assert split["test"].tolist() == test.tolist()
    assert split["train"].tolist() == train.tolist()
    assert split["validation"].tolist() == validation.tolist()


def test_stratified_splits_keep_proportions_and_rare_classes() -> None:
    labels = np.array([0] * 150 + [1] * 45 + [2] * 4 + [3])
    images = Images(np.zeros((200, 16, 16, 3), np.uint8), labels, labels < 0, tuple("abcd"))
    split = split_by_share(images, (0.1, 0.1), 0, stratified=True)
    together = np.concatenate(list(split.values()))
    assert sorted(together.tolist()) == list(range(200))
    for part in ("validation", "test"):
        assert set(labels[split[part]]) == {0, 1, 2}
    assert 3 in labels[split["train"]]
    other = split_by_share(images, (0.1, 0.1), 1, stratified=True)
    assert set(other["test"].tolist()) != set(split["test"].tolist())


@pytest.mark.parametrize("stratified", [True, False])
def test_published_test_images_stay_test_images(stratified: bool) -> None:
    images = toy(num_test=50)
    split = split_by_share(images, (0.1, 0.1), 0, stratified=stratified)
    assert sorted(split["test"].tolist()) == list(range(150, 200))
    assert sorted([*split["train"], *split["validation"]]) == list(range(150))
    assert 12 <= len(split["validation"]) <= 18


def test_too_few_images_to_split() -> None:
    with pytest.raises(InputError, match="too few to be split"):
        split_by_share(toy(3), (0.1, 0.1), 0, stratified=False)
    with pytest.raises(InputError, match="no class has three images"):
        split_by_share(toy(8), (0.1, 0.1), 0, stratified=True)


def test_resize_keeps_a_constant_and_averages() -> None:
    flat = np.full((2, 30, 30, 3), 77, np.uint8)
    assert (resize(flat, 20) == 77).all()
    stripes = np.tile(np.array([0, 200], np.uint8), 16)[None, None, :, None].repeat(32, 1)
    assert abs(resize(stripes, 16)[0, 4:-4, 4:-4].astype(float).mean() - 100) < 2
