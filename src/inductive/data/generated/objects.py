"""Generated pictures of upright objects, in CIFAR-10's format, for the study of rotation.

Ten classes of drawn objects. The first eight form pairs of half turns of each other: a mushroom
upside down is a goblet. So a classifier that is invariant to rotation must guess inside a pair, and
its best expected accuracy on upright pictures is 60 % (eight classes at one half, two at one); one
that uses the orientation can always be right. The 60 % are a fact of the data set.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from inductive.core.errors import InputError
from inductive.data.storage import Arrays

VERSION = 1
CLASSES = (
    "mushroom",
    "goblet",
    "tree",
    "carrot",
    "tent",
    "funnel",
    "lamp",
    "vase",
    "boat",
    "key",
)
HALF_TURN_PAIRS = 4
INVARIANT_CEILING = (HALF_TURN_PAIRS * 2 * 0.5 + 2) / len(CLASSES)
SUPERSAMPLING = 4

Point = tuple[float, float]
Part = tuple[str, list[Point]]
"""`polygon` with its corners, or `ellipse` with two corners of its bounding box."""


def check(settings: dict[str, Any], key: str) -> None:
    """Raise InputError where a part has fewer pictures than classes."""
    for part in ("train", "test"):
        if settings[part] < len(CLASSES):
            raise InputError(f"{key}.generated.{part}: {settings[part]}; at least {len(CLASSES)}")


# Objects in a square of side 2 about the origin, y upwards. Their parts are drawn in this order and
# alternate between two colours. The second of a pair is the half turn of the first; see `_parts`.
_SHAPES: dict[str, list[Part]] = {
    "mushroom": [
        ("polygon", [(-0.22, -0.9), (0.22, -0.9), (0.16, 0.1), (-0.16, 0.1)]),
        (
            "polygon",
            [(-0.8, 0.05), (0.8, 0.05), (0.6, 0.6), (0.2, 0.85), (-0.2, 0.85), (-0.6, 0.6)],
        ),
    ],
    "tree": [
        ("polygon", [(-0.12, -0.95), (0.12, -0.95), (0.12, -0.3), (-0.12, -0.3)]),
        ("polygon", [(-0.6, -0.4), (0.6, -0.4), (0.0, 0.95)]),
    ],
    "tent": [
        ("polygon", [(-0.95, -0.6), (0.95, -0.6), (0.0, 0.7)]),
        ("polygon", [(-0.25, -0.6), (0.25, -0.6), (0.0, 0.1)]),
    ],
    "lamp": [
        ("polygon", [(-0.08, -0.85), (0.08, -0.85), (0.08, 0.1), (-0.08, 0.1)]),
        ("polygon", [(-0.6, 0.0), (0.6, 0.0), (0.3, 0.85), (-0.3, 0.85)]),
        ("ellipse", [(-0.45, -0.95), (0.45, -0.75)]),
    ],
    "boat": [
        ("polygon", [(-0.85, -0.3), (0.85, -0.3), (0.5, -0.8), (-0.5, -0.8)]),
        ("polygon", [(0.0, -0.25), (0.0, 0.9), (0.7, -0.15)]),
    ],
    "key": [
        ("polygon", [(-0.9, -0.1), (0.2, -0.1), (0.2, 0.1), (-0.9, 0.1)]),
        ("ellipse", [(0.1, -0.4), (0.9, 0.4)]),
        ("polygon", [(-0.9, -0.1), (-0.65, -0.1), (-0.65, -0.45), (-0.9, -0.45)]),
    ],
}
_HALF_TURN_OF = {"goblet": "mushroom", "carrot": "tree", "funnel": "tent", "vase": "lamp"}


def _parts(name: str) -> list[Part]:
    if name in _SHAPES:
        return _SHAPES[name]
    return [(kind, [(-x, -y) for x, y in points]) for kind, points in _SHAPES[_HALF_TURN_OF[name]]]


def generate(settings: dict[str, Any]) -> Arrays:
    """The arrays `pixels` (N, size, size, 3), `labels`, `is_test`; the classes and the ceiling."""
    rng = np.random.default_rng([settings["seed"], VERSION])
    total = settings["train"] + settings["test"]
    labels = rng.permutation(np.arange(total) % len(CLASSES))
    pixels = np.stack([draw(rng, CLASSES[label], settings) for label in labels])
    arrays = {
        "pixels": pixels,
        "labels": labels.astype(np.int64),
        "is_test": np.arange(total) >= settings["train"],
    }
    return arrays, {"classes": list(CLASSES), "invariant_ceiling": INVARIANT_CEILING}


def draw(rng: np.random.Generator, name: str, settings: dict[str, Any]) -> np.ndarray:
    """One picture, (size, size, 3) uint8: bright on dark, slightly tilted, anywhere, with noise."""
    size = settings["size"]
    side = size * SUPERSAMPLING
    background = rng.uniform(0.05, 0.4, 3)
    colours = [rng.uniform(0.5, 1.0, 3), rng.uniform(0.5, 1.0, 3)]
    picture = Image.new("RGB", (side, side), _rgb(background))
    pen = ImageDraw.Draw(picture)
    to_pixels = _placement(rng, side, np.deg2rad(settings["tilt"]))
    for i, (kind, points) in enumerate(_parts(name)):
        corners = _outline(points) if kind == "ellipse" else points
        pen.polygon([to_pixels(p) for p in corners], fill=_rgb(colours[i % 2]))
    small = picture.resize((size, size), Image.Resampling.BOX)
    light = np.asarray(small, dtype=float) / 255
    light += _slope(rng, size) + rng.normal(0, settings["noise"], light.shape)
    return (255 * np.clip(light, 0, 1)).astype(np.uint8)


def _placement(rng: np.random.Generator, side: int, tilt: float) -> Callable[[Point], Point]:
    """A map from object coordinates to pixels that keeps the object in the inscribed circle."""
    angle, scale = rng.uniform(-tilt, tilt), side * rng.uniform(0.26, 0.36)
    slack = side * 0.5 - 1.05 * scale
    centre = side / 2 + rng.uniform(-slack, slack, 2) * 0.6
    cos, sin = np.cos(angle), np.sin(angle)

    def to_pixels(point: Point) -> Point:
        x, y = point
        return (
            float(centre[0] + scale * (cos * x - sin * y)),
            float(centre[1] - scale * (sin * x + cos * y)),
        )

    return to_pixels


def _outline(box: list[Point], corners: int = 24) -> list[Point]:
    """An ellipse in its bounding box as a polygon."""
    (left, low), (right, high) = box
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    x = (left + right) / 2 + (right - left) / 2 * np.cos(angle)
    y = (low + high) / 2 + (high - low) / 2 * np.sin(angle)
    return list(zip(x.tolist(), y.tolist(), strict=True))


def _slope(rng: np.random.Generator, size: int) -> np.ndarray:
    """A gradient of light in a random direction, so that light does not show which way is up."""
    direction, axis = rng.uniform(0, 2 * np.pi), np.linspace(-0.5, 0.5, size)
    plane = np.cos(direction) * axis[None, :] + np.sin(direction) * axis[:, None]
    slope: np.ndarray = 0.25 * rng.uniform(-1, 1) * plane[..., None]
    return slope


def _rgb(colour: np.ndarray) -> tuple[int, int, int]:
    red, green, blue = (round(255 * c) for c in colour)
    return red, green, blue
