"""Generated galaxies: drawn from analytic models of light, in Galaxy10's classes and proportions.

A bulge has a Sérsic profile (Sérsic 1963), a disc an exponential one, seen under an inclination; an
edge-on disc has a sech² profile across its plane (van der Kruit and Searle 1981); arms are
logarithmic spirals with a pitch angle. The light is convolved with a point-spread function, sky and
photon noise is added, and the asinh stretch of survey pictures is applied (Lupton et al. 2004,
arXiv:astro-ph/0312483).
"""

from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter

from inductive.core.errors import InputError
from inductive.data.images import GALAXY10
from inductive.data.storage import Arrays

VERSION = 1
# Images of each class in Galaxy10, in the order of GALAXY10; they sum to 21,785.
COUNTS = (3461, 6997, 6292, 349, 1534, 17, 589, 1121, 906, 519)
OVERSAMPLING = 2
OLD, YOUNG = np.array([1.25, 1.0, 0.72]), np.array([0.86, 0.98, 1.22])  # RGB colours of stars
PITCH = {7: (7.0, 13.0), 8: (15.0, 23.0), 9: (27.0, 42.0)}  # degrees: tight, medium, loose


def check(settings: dict[str, Any], key: str) -> None:
    """Raise InputError where a class would be left without an image for every part of a split."""
    if settings["images"] < 100:
        raise InputError(f"{key}.generated.images: {settings['images']}; at least 100 are needed")


def class_counts(total: int) -> np.ndarray:
    """(10,) images of each class: Galaxy10's proportions, at least three of each."""
    share = np.array(COUNTS) / sum(COUNTS)
    counts: np.ndarray = np.maximum(3, np.round(share * total).astype(int))
    counts[1] += total - counts.sum()
    return counts


def generate(settings: dict[str, Any]) -> Arrays:
    """The arrays `pixels` (N, size, size, 3), `labels`, `is_test` (all False); the classes.

    With settings["aligned"] every long axis is horizontal, otherwise its direction is random.
    """
    rng = np.random.default_rng([settings["seed"], VERSION])
    labels = rng.permutation(np.repeat(np.arange(len(GALAXY10)), class_counts(settings["images"])))
    pixels = np.stack([draw(rng, int(label), settings) for label in labels])
    arrays = {
        "pixels": pixels,
        "labels": labels.astype(np.int64),
        "is_test": np.zeros(len(labels), dtype=bool),
    }
    return arrays, {"classes": list(GALAXY10)}


def draw(rng: np.random.Generator, label: int, settings: dict[str, Any]) -> np.ndarray:
    """One picture, (size, size, 3) uint8."""
    size = settings["size"]
    x, y = _plane(rng, size, settings["aligned"])
    light = _galaxy(rng, label, x, y, scale=size / 69)
    light *= rng.uniform(0.6, 1.6)
    light += _neighbours(rng, size)
    # The standard deviation of a Gaussian from its full width at half maximum.
    sigma = settings["seeing"] * OVERSAMPLING / 2.355
    light = gaussian_filter(light, (sigma, sigma, 0))
    light = light.reshape(size, OVERSAMPLING, size, OVERSAMPLING, 3).mean(axis=(1, 3))
    return _photograph(rng, light, settings["noise"])


def _plane(rng: np.random.Generator, size: int, aligned: bool) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of the pixels about the galaxy's centre, rotated so that x is its long axis."""
    fine = (np.arange(size * OVERSAMPLING) + 0.5) / OVERSAMPLING - size / 2
    centre = rng.normal(0, 0.8, 2)
    x, y = np.meshgrid(fine - centre[0], fine - centre[1])
    angle = 0.0 if aligned else rng.uniform(0, 2 * np.pi)
    return x * np.cos(angle) + y * np.sin(angle), -x * np.sin(angle) + y * np.cos(angle)


def sersic(radius: np.ndarray, effective: float, index: float) -> np.ndarray:
    """exp(-b ((r / effective)^(1 / index) - 1)); radius `effective` encloses half of the light."""
    b = 2 * index - 1 / 3 + 0.009876 / index  # Prugniel and Simien 1997
    softened = np.sqrt(radius**2 + 0.25)
    profile: np.ndarray = np.exp(-b * ((softened / effective) ** (1 / index) - 1))
    return profile


def _galaxy(
    rng: np.random.Generator, label: int, x: np.ndarray, y: np.ndarray, scale: float
) -> np.ndarray:
    """Light of one galaxy of a class, (height, width, 3); `scale` is in pixels."""
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
    light: np.ndarray = profile[..., None] * _tint(rng, OLD) * rng.uniform(0.25, 0.5)
    return light


def _edge_on(
    rng: np.random.Generator, label: int, x: np.ndarray, y: np.ndarray, scale: float
) -> np.ndarray:
    length, thickness = scale * rng.uniform(5.5, 9.0), scale * rng.uniform(1.0, 1.8)
    profile = np.exp(-np.abs(x) / length) / np.cosh(np.clip(y / thickness, -30, 30)) ** 2
    disc = profile[..., None] * _tint(rng, 0.5 * (OLD + YOUNG)) * rng.uniform(0.9, 1.4)
    if rng.random() < 0.4:  # dust in the plane absorbs light
        lane = np.exp(-((y / (0.45 * thickness)) ** 2)) * rng.uniform(0.3, 0.6)
        disc *= 1 - lane[..., None] * np.array([0.7, 0.9, 1.0])
    light: np.ndarray = disc
    if label == 6:  # no bulge
        return light
    radius = scale * rng.uniform(2.6, 4.2)
    if label == 4:
        bulge = (
            sersic(np.hypot(x, y / rng.uniform(0.75, 0.95)), radius, rng.uniform(1.5, 3.0)) * 0.5
        )
    else:  # boxy: a superellipse
        bulge = np.exp(-((np.abs(x / (1.3 * radius)) ** 4 + np.abs(y / radius) ** 4) ** 0.5)) * 1.2
    with_bulge: np.ndarray = light + bulge[..., None] * _tint(rng, OLD)
    return with_bulge


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
    light: np.ndarray = (
        stars[..., None] * _tint(rng, 0.6 * YOUNG + 0.4 * OLD)
        + young[..., None] * _tint(rng, YOUNG)
        + bulge[..., None] * _tint(rng, OLD)
    )
    return light


def _arms(
    rng: np.random.Generator, pitch: float, radius: np.ndarray, angle: np.ndarray, length: float
) -> np.ndarray:
    """Brightness of logarithmic spirals r = r0 exp(tan(pitch) θ), with clumps along them."""
    count = rng.choice([2, 2, 2, 3, 4]) if pitch < np.deg2rad(25) else 2
    handedness = rng.choice([-1, 1])
    safe = np.maximum(radius, 0.3)
    phase = count * (handedness * angle - np.log(safe / length) / np.tan(pitch)) + rng.uniform(
        0, 6.28
    )
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
    """Unrelated stars and faint galaxies in the picture, away from its centre."""
    side = size * OVERSAMPLING
    light = np.zeros((side, side, 3))
    y, x = np.mgrid[:side, :side] / OVERSAMPLING
    for _ in range(rng.poisson(1.2)):
        centre = rng.uniform(0, size, 2)
        if np.hypot(*(centre - size / 2)) < size / 5:
            continue
        radius = np.hypot(x - centre[0], y - centre[1])
        colour = _tint(rng, OLD if rng.random() < 0.6 else YOUNG)
        light += (
            np.exp(-((radius / rng.uniform(0.4, 1.3)) ** 2))[..., None]
            * colour
            * rng.uniform(0.2, 1.5)
        )
    return light


def _photograph(rng: np.random.Generator, light: np.ndarray, noise: float) -> np.ndarray:
    """Photon and sky noise, then the asinh stretch, which brightens faint light and keeps hues."""
    # The Gaussian limit of Poisson noise: its variance is proportional to the light.
    grain = rng.normal(size=light.shape) * noise * np.sqrt(1 + 20 * light)
    light = light + gaussian_filter(grain, (0.5, 0.5, 0))
    intensity = np.maximum(light.mean(axis=2, keepdims=True), 1e-6)
    softness = 8.0
    stretched = np.arcsinh(softness * intensity) / np.arcsinh(softness * 1.2)
    picture = np.clip(light, 0, None) / intensity * stretched + 0.03
    pixels: np.ndarray = (255 * np.clip(picture, 0, 1)).astype(np.uint8)
    return pixels
