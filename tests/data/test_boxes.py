"""The images of the translation study."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from inductive.core.errors import InputError
from inductive.core.run import DatasetSpec
from inductive.data.generated import boxes
from inductive.data.generated.boxes import Boxes


def _make(params: dict[str, Any], protocol: str) -> Boxes:
    settings = params["data"]["boxes"] | {"protocol": protocol}
    arrays, _ = boxes.generate(settings)
    return Boxes(arrays, settings["size"], settings["square"], 16)


def test_geometry(params: dict[str, Any]) -> None:
    params["data"]["boxes"]["train"] = 2000
    data = _make(params, "clean")
    corners, labels = data.corners["train"], data.labels("train")
    left, right = corners[:, :, 0].min(1), corners[:, :, 0].max(1)
    assert left.min() == 0
    assert left.max() == 9
    assert right.max() == 27
    assert (right - left).min() == 5
    for label, low in [(0, 3), (1, 19)]:
        y = corners[labels == label][:, :, 1]
        assert (y.min(), y.max()) == (low, low + 7)
    assert abs(labels.mean() - 0.5) < 1e-9


def test_images_against_a_plain_loop(params: dict[str, Any]) -> None:
    data = _make(params, "clean")
    for shift in (0, 5, 16):
        images = data.images("test", shift).numpy()
        for image, pair, label in zip(
            images, data.corners["test"], data.labels("test"), strict=True
        ):
            expected = np.zeros((3, 32, 32), np.float32)
            for channel, (x, y) in enumerate(pair):
                top = y + (shift if label == 0 else -shift)
                expected[channel, top : top + 4, x : x + 4] = 1
            np.testing.assert_array_equal(image, expected)


def test_swapped_bands_keep_the_relation(params: dict[str, Any]) -> None:
    """Shifted by 16, class 0 lies where class 1 was, and red is still on the left."""
    images = _make(params, "clean").images("test", 16).numpy()
    heights = [np.argwhere(image)[:, 1].mean() for image in images]
    labels = _make(params, "clean").labels("test")
    assert all((h > 15) == (label == 0) for h, label in zip(heights, labels, strict=True))


def test_course_protocol_has_the_published_flaw(params: dict[str, Any]) -> None:
    data = _make(params, "course")
    n = len(data.corners["validation"])
    np.testing.assert_array_equal(data.corners["validation"], data.corners["train"][:n])
    np.testing.assert_array_equal(data.corners["test"], data.corners["train"][:n])


@pytest.mark.parametrize("protocol", ["course", "clean"])
def test_heldout_images_are_independent_draws(params: dict[str, Any], protocol: str) -> None:
    params["data"]["boxes"] |= {"train": 400, "validation": 200, "test": 200}
    data = _make(params, protocol)
    seen = {pair.tobytes() for pair in data.corners["train"]}
    repeats = np.mean([pair.tobytes() in seen for pair in data.corners["heldout"]])
    assert repeats < 0.05  # there are about 20,000 different images
    if protocol == "clean":
        assert np.mean([p.tobytes() in seen for p in data.corners["validation"]]) < 0.05


def test_only_removes_all_other_splits(params: dict[str, Any]) -> None:
    assert set(_make(params, "clean").only("train").corners) == {"train"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bands": [3, 23]}, r"data.boxes.bands: \[3, 23\] with jitter 4"),
        ({"bands": [7, 27]}, r"data.boxes.bands: \[7, 27\] with jitter 4"),
        ({"gap": 19}, "data.boxes.gap: a left square below x = 10 and a gap of 19"),
    ],
)
def test_squares_that_would_cross_the_border(
    resolve: Callable[..., DatasetSpec], change: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        resolve("boxes", {"protocol": "clean"}, **change)


def test_another_seed_of_the_same_protocol_is_another_data_set(
    resolve: Callable[..., DatasetSpec], make_and_load: Callable[[DatasetSpec], Any]
) -> None:
    first = resolve("boxes", {"protocol": "course"})
    other = resolve("boxes", {"protocol": "course", "seed": 1988})
    assert other.settings == first.settings | {"seed": 1988}
    assert other.id != first.id
    data, drawn = make_and_load(other), boxes.draw(np.random.RandomState(1988), 40, other.settings)
    np.testing.assert_array_equal(data.corners["train"], drawn)
    assert data.swap == 16
