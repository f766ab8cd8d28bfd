"""Generated galaxies, a twin of Galaxy10: drawn from what galaxies are, not from what photos show.

A bulge is a Sérsic profile (Sérsic 1963), a disc an exponential one seen under an inclination, an
edge-on disc sech² thick (van der Kruit and Searle 1981), arms are logarithmic spirals of a pitch
angle. Light passes a point-spread function, then gets sky and photon noise, then the asinh stretch
of survey pictures (Lupton et al. 2004). Galaxy10's ten classes, in its proportions.
"""

from typing import Any

import numpy as np

from inductive.data.image_files import GALAXY10
from inductive.errors import InputError

VERSION = 1
# Images of each class in Galaxy10, in the order of GALAXY10; they sum to 21,785.
COUNTS = (3461, 6997, 6292, 349, 1534, 17, 589, 1121, 906, 519)
OVERSAMPLING = 2
OLD, YOUNG = np.array([1.25, 1.0, 0.72]), np.array([0.86, 0.98, 1.22])  # colours of stars, RGB
PITCH = {7: (7.0, 13.0), 8: (15.0, 23.0), 9: (27.0, 42.0)}  # degrees: tight, medium, loose


def check(settings: dict[str, Any], key: str) -> None:
    """Raise InputError where a class would be left without an image for every part of a split."""
    if settings["images"] < 100:
        raise InputError(f"{key}.generated.images: {settings['images']}; at least 100 are needed")


def class_counts(total: int) -> np.ndarray:
    """How many of each class: Galaxy10's proportions, at least three of each."""
    share = np.array(COUNTS) / sum(COUNTS)
    counts = np.maximum(3, np.round(share * total).astype(int))
    counts[1] += total - counts.sum()
    return counts


def generate(settings: dict[str, Any]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays `pixels` (N, size, size, 3), `labels`, `aside` (no published test), and the
    classes.

    `aligned` galaxies have their long axis level; others lie in any direction.
    """
    rng = np.random.default_rng([settings["seed"], VERSION])
    labels = rng.permutation(np.repeat(np.arange(len(GALAXY10)), class_counts(settings["images"])))
    pixels = np.stack([draw(rng, int(label), settings) for label in labels])
    arrays = {
        "pixels": pixels,
        "labels": labels.astype(np.int64),
        "aside": np.zeros(len(labels), dtype=bool),
    }
    return arrays, {"classes": list(GALAXY10)}


def draw(rng: np.random.Generator, label: int, settings: dict[str, Any]) -> np.ndarray:
    """One picture, (size, size, 3) uint8."""
    from scipy.ndimage import gaussian_filter

    size = settings["size"]
    x, y = _plane(rng, size, settings["aligned"])
    light = _galaxy(rng, label, x, y, scale=size / 69)
    light *= rng.uniform(0.6, 1.6)
    light += _neighbours(rng, size)
    sigma = (
        settings["seeing"] * OVERSAMPLING / 2.355
    )  # of a Gaussian, from its width at half height
    light = gaussian_filter(light, (sigma, sigma, 0))
    light = light.reshape(size, OVERSAMPLING, size, OVERSAMPLING, 3).mean(axis=(1, 3))
    return _photograph(rng, light, settings["noise"])


def _plane(rng: np.random.Generator, size: int, aligned: bool) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of the pixels about the galaxy's centre, turned so that x is its long axis."""
    fine = (np.arange(size * OVERSAMPLING) + 0.5) / OVERSAMPLING - size / 2
    centre = rng.normal(0, 0.8, 2)
    x, y = np.meshgrid(fine - centre[0], fine - centre[1])
    angle = 0.0 if aligned else rng.uniform(0, 2 * np.pi)
    return x * np.cos(angle) + y * np.sin(angle), -x * np.sin(angle) + y * np.cos(angle)


def sersic(radius: np.ndarray, effective: float, index: float) -> np.ndarray:
    """exp(-b ((r / effective)^(1 / index) - 1)), 1 at the radius that holds half of the light."""
    b = 2 * index - 1 / 3 + 0.009876 / index  # Prugniel and Simien 1997
    softened = np.sqrt(radius**2 + 0.25)
    profile: np.ndarray = np.exp(-b * ((softened / effective) ** (1 / index) - 1))
    return profile


def _galaxy(
    rng: np.random.Generator, label: int, x: np.ndarray, y: np.ndarray, scale: float
) -> np.ndarray:
    """Light of one galaxy of a class, (height, width, 3)."""
    if label in (1, 2, 3):
        return _smooth(rng, label, x, y, scale)
    if label in (4, 5, 6):
        return _edge_on(rng, label, x, y, scale)
    return _face_on(rng, PITCH.get(label), x, y, scale)


def _smooth(
    rng: np.random.Generator, label: int, x: np.ndarray, y: np.ndarray, scale: float
) -> np.ndarray:
    low, high = {1: (0.86, 1.0), 2: (0.48, 0.88), 3: (0.2, 0.42)}[label]
    axis_ratio = rng.uniform(low, high)
    effective = scale * rng.uniform(3.0, 6.5) / np.sqrt(axis_ratio)
    index = rng.uniform(2.0, 4.5) if label != 3 else rng.uniform(1.2, 2.5)
    profile = sersic(np.hypot(x, y / axis_ratio), effective, index)
    return profile[..., None] * _tint(rng, OLD) * rng.uniform(0.25, 0.5)


def _edge_on(
    rng: np.random.Generator, label: int, x: np.ndarray, y: np.ndarray, scale: float
) -> np.ndarray:
    length, thickness = scale * rng.uniform(5.5, 9.0), scale * rng.uniform(1.0, 1.8)
    profile = np.exp(-np.abs(x) / length) / np.cosh(np.clip(y / thickness, -30, 30)) ** 2
    light = profile[..., None] * _tint(rng, 0.5 * (OLD + YOUNG)) * rng.uniform(0.9, 1.4)
    if rng.random() < 0.4:  # a lane of dust in the plane
        lane = np.exp(-((y / (0.45 * thickness)) ** 2)) * rng.uniform(0.3, 0.6)
        light *= 1 - lane[..., None] * np.array([0.7, 0.9, 1.0])
    if label == 6:
        return light
    radius = scale * rng.uniform(2.6, 4.2)
    if label == 4:
        bulge = (
            sersic(np.hypot(x, y / rng.uniform(0.75, 0.95)), radius, rng.uniform(1.5, 3.0)) * 0.5
        )
    else:  # boxy: a superellipse
        bulge = np.exp(-((np.abs(x / (1.3 * radius)) ** 4 + np.abs(y / radius) ** 4) ** 0.5)) * 1.2
    return light + bulge[..., None] * _tint(rng, OLD)


def _face_on(
    rng: np.random.Generator,
    pitch: tuple[float, float] | None,
    x: np.ndarray,
    y: np.ndarray,
    scale: float,
) -> np.ndarray:
    inclination = rng.uniform(0.62, 1.0)  # the apparent axis ratio of a thin disc
    radius, angle = np.hypot(x, y / inclination), np.arctan2(y / inclination, x)
    length = scale * rng.uniform(5.0, 8.0)
    disc = np.exp(-radius / length)
    arms = np.zeros_like(disc)
    if pitch is not None:
        arms = _arms(rng, np.deg2rad(rng.uniform(*pitch)), radius, angle, length)
    share = rng.uniform(0.15, 0.45) if pitch is None else rng.uniform(0.08, 0.3)
    bulge = share * sersic(np.hypot(x, y), scale * rng.uniform(1.5, 2.8), rng.uniform(1.0, 2.5))
    strength = rng.uniform(0.55, 0.95)
    stars = disc * (1 - strength * (arms.max() > 0)) * rng.uniform(0.7, 1.1)
    young = 2.4 * strength * disc * arms
    return (
        stars[..., None] * _tint(rng, 0.6 * YOUNG + 0.4 * OLD)
        + young[..., None] * _tint(rng, YOUNG)
        + bulge[..., None] * _tint(rng, OLD)
    )


def _arms(
    rng: np.random.Generator, pitch: float, radius: np.ndarray, angle: np.ndarray, length: float
) -> np.ndarray:
    """Brightness of logarithmic spirals r = r0 exp(tan(pitch) θ), clumped along the way."""
    from scipy.ndimage import gaussian_filter

    count = rng.choice([2, 2, 2, 3, 4]) if pitch < np.deg2rad(25) else 2
    turn = rng.choice([-1, 1])
    safe = np.maximum(radius, 0.3)
    phase = count * (turn * angle - np.log(safe / length) / np.tan(pitch)) + rng.uniform(0, 6.28)
    ridge = ((1 + np.cos(phase)) / 2) ** rng.uniform(1.5, 3.0)
    clumps = gaussian_filter(rng.normal(size=radius.shape), 2.0 * OVERSAMPLING)
    clumps = 1 + 0.5 * clumps / clumps.std()
    inner = 1 - np.exp(-((radius / (0.5 * length)) ** 2))  # arms start outside the bulge
    arms: np.ndarray = ridge * inner * np.clip(clumps, 0.2, 2.0)
    return arms


def _tint(rng: np.random.Generator, colour: np.ndarray) -> np.ndarray:
    tinted: np.ndarray = colour * rng.normal(1, 0.04, 3)
    return tinted


def _neighbours(rng: np.random.Generator, size: int) -> np.ndarray:
    """Stars and faint galaxies that happen to be in the picture."""
    side = size * OVERSAMPLING
    light = np.zeros((side, side, 3))
    y, x = np.mgrid[:side, :side] / OVERSAMPLING
    for _ in range(rng.poisson(1.2)):
        place = rng.uniform(0, size, 2)
        if np.hypot(*(place - size / 2)) < size / 5:
            continue
        radius = np.hypot(x - place[0], y - place[1])
        colour = _tint(rng, OLD if rng.random() < 0.6 else YOUNG)
        light += (
            np.exp(-((radius / rng.uniform(0.4, 1.3)) ** 2))[..., None]
            * colour
            * rng.uniform(0.2, 1.5)
        )
    return light


def _photograph(rng: np.random.Generator, light: np.ndarray, noise: float) -> np.ndarray:
    """Photon and sky noise, then the stretch: faint light is lifted, bright light keeps its hue."""
    from scipy.ndimage import gaussian_filter

    grain = (
        rng.normal(size=light.shape) * noise * np.sqrt(1 + 20 * light)
    )  # Poisson's, in the limit
    light = light + gaussian_filter(grain, (0.5, 0.5, 0))
    intensity = np.maximum(light.mean(axis=2, keepdims=True), 1e-6)
    softness = 8.0
    stretched = np.arcsinh(softness * intensity) / np.arcsinh(softness * 1.2)
    picture = np.clip(light, 0, None) / intensity * stretched + 0.03
    return (255 * np.clip(picture, 0, 1)).astype(np.uint8)
