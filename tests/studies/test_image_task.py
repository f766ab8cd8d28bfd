"""Common parts of all image studies: channel statistics, and withheld test images."""

import numpy as np
import torch

from inductive.data.images import Images, Split
from inductive.studies.shared.image_task import channel_statistics, without_test


def test_channel_statistics_equal_numpy() -> None:
    pixels = torch.randint(256, (1500, 3, 4, 5), dtype=torch.uint8)
    pixels[:, 2] = 7  # a constant channel must not be divided by zero
    mean, deviation = channel_statistics(pixels)
    x = pixels.numpy() / 255
    np.testing.assert_allclose(mean.flatten(), x.mean((0, 2, 3)), rtol=1e-5)
    np.testing.assert_allclose(deviation.flatten()[:2], x.std((0, 2, 3))[:2], rtol=1e-5)
    assert deviation[2].item() == np.float32(1e-3)


def test_only_images_that_every_seed_tests_are_withheld() -> None:
    rng = np.random.default_rng(0)
    pixels = rng.integers(1, 256, (6, 2, 2, 1), dtype=np.uint8)
    images = Images(pixels, np.full(6, 1), np.zeros(6, dtype=bool), ("a", "b"))

    def splits(seed: int) -> Split:
        return {"test": np.array([0, 1] if seed == 0 else [1, 2])}

    visible = without_test(images, splits, (0, 1))
    assert not visible.pixels[1].any()
    assert visible.labels.tolist() == [1, 0, 1, 1, 1, 1]
    kept = [0, 2, 3, 4, 5]
    assert np.array_equal(visible.pixels[kept], pixels[kept])
    assert images.pixels.all()  # a copy
