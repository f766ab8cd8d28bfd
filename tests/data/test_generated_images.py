"""Generated galaxies, objects and cells have the documented properties."""

import numpy as np
import pytest

from inductive.data.generated import galaxies, membranes, objects
from inductive.data.images import GALAXY10


def test_sizes_classes_and_facts() -> None:
    galaxy = {"seed": 0, "images": 150, "size": 48, "aligned": False, "seeing": 2.0, "noise": 0.02}
    arrays, facts = galaxies.generate(galaxy)
    again, _ = galaxies.generate(galaxy)
    np.testing.assert_array_equal(arrays["pixels"], again["pixels"])
    assert np.bincount(arrays["labels"], minlength=10).min() >= 3
    assert facts["classes"] == list(GALAXY10)
    assert sum(galaxies.COUNTS) == 21785
    counts = galaxies.class_counts(21785)
    assert abs(counts - np.array(galaxies.COUNTS)).max() <= 1
    upright = {"seed": 0, "train": 40, "test": 20, "size": 32, "tilt": 10, "noise": 0.0}
    arrays, facts = objects.generate(upright)
    assert arrays["is_test"].sum() == 20
    assert facts["invariant_ceiling"] == 0.6


def test_aligned_galaxies_have_a_horizontal_long_axis() -> None:
    """Second moments of edge-on galaxies: no covariance where aligned, and wide, not high."""
    rng = np.random.default_rng(0)
    settings = {"size": 69, "aligned": True, "seeing": 1.0, "noise": 0.0}
    pictures = np.stack([galaxies.draw(rng, 6, settings) for _ in range(10)]).mean((0, 3))
    light = np.where(pictures > 40, pictures, 0)
    x, y = np.meshgrid(np.arange(69) - 34, np.arange(69) - 34)
    assert (light * x**2).sum() > 5 * (light * y**2).sum()
    assert abs((light * x * y).sum()) < 0.05 * (light * x**2).sum()


@pytest.mark.parametrize("name", list(objects._HALF_TURN_OF))
def test_pairs_are_each_others_half_turn(name: str) -> None:
    other = objects._HALF_TURN_OF[name]
    for (_, points), (_, others) in zip(objects._parts(name), objects._parts(other), strict=True):
        assert points == [(-x, -y) for x, y in others]


def test_cells_are_mostly_cell_and_membranes_dark() -> None:
    settings = {"size": 256, "cell": 58, "membrane": 6, "blur": 0.8, "noise": 0.05}
    image, cells = membranes.draw(np.random.default_rng(0), settings)
    assert 0.65 < cells.mean() < 0.92
    assert image[cells == 0].mean() < image[cells == 1].mean() - 20
