"""Generated pictures of cells with membranes, after the electron micrographs of ISBI 2012.

Cells are the regions of a Voronoi diagram of random points on a slightly warped plane. A membrane
lies where the two nearest points are equally far; its thickness varies along its length. Cells have
a texture and small dark organelles, membranes are dark and in places faint.
"""

from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

from inductive.core.errors import InputError
from inductive.data.storage import Arrays

VERSION = 1


def check(settings: dict[str, Any], key: str) -> None:
    """Raise InputError for settings under which membranes would cover the cells."""
    if settings["cell"] < 2 * settings["membrane"]:
        raise InputError(
            f"{key}.generated.cell: cells {settings['cell']} pixels wide leave nothing between "
            f"membranes {settings['membrane']} wide"
        )


def generate(settings: dict[str, Any]) -> Arrays:
    """The arrays `images` and `cells`, (N, size, size) uint8, and no facts."""
    rng = np.random.default_rng([settings["seed"], VERSION])
    pictures = [draw(rng, settings) for _ in range(settings["images"])]
    images, cells = (np.stack(part) for part in zip(*pictures, strict=True))
    return {"images": images, "cells": cells}, {}


def draw(rng: np.random.Generator, settings: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """One picture and its mask, 1 on cells, both (size, size) uint8."""
    size, cell, membrane = settings["size"], settings["cell"], settings["membrane"]
    y, x = np.mgrid[:size, :size].astype(float)
    x, y = (
        x + _field(rng, size, cell / 4) * 0.1 * cell,
        y + _field(rng, size, cell / 4) * 0.1 * cell,
    )
    points = _centres(rng, size, cell)
    nearest, owner = cKDTree(points).query(np.stack([x.ravel(), y.ravel()], axis=1), k=2)
    apart = np.linalg.norm(points[owner[:, 0]] - points[owner[:, 1]], axis=1)
    # Distance to the line on which both points are equally far.
    distance = ((nearest[:, 1] ** 2 - nearest[:, 0] ** 2) / (2 * apart)).reshape(size, size)
    width = membrane * np.clip(1 + 0.35 * _field(rng, size, cell / 3), 0.4, 2.5)
    on_cell = distance > width / 2

    shade = rng.normal(0.66, 0.04, len(points))[owner[:, 0].reshape(size, size)]
    shade += 0.07 * _field(rng, size, 1.0) + 0.05 * _field(rng, size, 3)
    shade -= _organelles(rng, size, cell) * on_cell
    # A membrane is darkest along its middle, and its contrast varies along its length.
    depth = 0.4 * (1 + 0.3 * _field(rng, size, cell / 2))
    picture = shade - np.clip(depth, 0.08, None) * np.exp(-((distance / (0.38 * width)) ** 2))
    picture = gaussian_filter(picture, settings["blur"])
    picture += rng.normal(0, settings["noise"], picture.shape)
    return (255 * np.clip(picture, 0, 1)).astype(np.uint8), on_cell.astype(np.uint8)


def _centres(rng: np.random.Generator, size: int, cell: float) -> np.ndarray:
    """Points (n, 2) in and around the picture; their density varies, so that cell sizes do."""
    margin = 2 * cell
    count = int(4 * ((size + 2 * margin) / cell) ** 2)
    points = rng.uniform(-margin, size + margin, (count, 2))
    density = np.exp(1.1 * _field(rng, size, cell))
    pixel = np.clip(points, 0, size - 1).astype(int)
    keep = rng.uniform(size=count) < 0.25 * density[pixel[:, 1], pixel[:, 0]]
    kept: np.ndarray = points[keep]
    return kept


def _field(rng: np.random.Generator, size: int, smoothness: float) -> np.ndarray:
    """A random field of mean 0 and deviation 1 that varies over `smoothness` pixels."""
    field = gaussian_filter(rng.normal(size=(size, size)), smoothness, mode="wrap")
    normal: np.ndarray = (field - field.mean()) / field.std()
    return normal


def _organelles(rng: np.random.Generator, size: int, cell: float) -> np.ndarray:
    """Dark ellipses inside cells (such as mitochondria), which are not membrane."""
    dark = np.zeros((size, size))
    y, x = np.mgrid[:size, :size]
    for _ in range(rng.poisson((size / cell) ** 2 * 0.35)):
        centre, radius = rng.uniform(0, size, 2), rng.uniform(0.07, 0.16, 2) * cell
        angle = rng.uniform(0, np.pi)
        u = (x - centre[0]) * np.cos(angle) + (y - centre[1]) * np.sin(angle)
        v = -(x - centre[0]) * np.sin(angle) + (y - centre[1]) * np.cos(angle)
        inside = 1 - (u / radius[0]) ** 2 - (v / radius[1]) ** 2
        dark = np.maximum(
            dark, 0.22 / (1 + np.exp(-4 * np.clip(inside, -10, 10))) * (inside > -0.5)
        )
    return dark
