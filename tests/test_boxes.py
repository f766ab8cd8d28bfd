"""The images of the translation study."""

from typing import Any

import numpy as np
import pytest

from inductive.data import boxes
from inductive.data.boxes import Boxes


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
    assert repeats < 0.05  # there are some 20,000 different images
    if protocol == "clean":
        assert np.mean([p.tobytes() in seen for p in data.corners["validation"]]) < 0.05


def test_only_leaves_nothing_else(params: dict[str, Any]) -> None:
    assert set(_make(params, "clean").only("train").corners) == {"train"}
