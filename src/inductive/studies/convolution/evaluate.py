"""The first pixel of a convolution in several ways, and output sizes against their formula."""

import itertools
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from scipy import ndimage

from inductive.core.run import Run
from inductive.core.seeding import numpy_generator
from inductive.nn.padding_modes import OUTSIDE, get_mode
from inductive.studies.convolution.terms import PRINTED, SCIPY, outside
from inductive.studies.shared.analytic import Measures, measured
from inductive.training.measurements import MeasurementTable


def measure(run: Run, device: torch.device) -> MeasurementTable:
    """Differences between ways to compute the pixel, or between sizes and their formula."""
    return measured(run, MEASURES[str(run.labels["part"])])


def padded_pixel(image: np.ndarray, row: int, column: int, mode: str) -> float:
    """Pixel (row, column), counted from 1, of an image (h, w) padded by `mode`."""
    position = [
        int(get_mode(mode)(np.array([i - 1]), n)[0])
        for i, n in zip((row, column), image.shape, strict=True)
    ]
    return 0.0 if OUTSIDE in position else float(image[tuple(position)])


def _pixel(seed: int, size: int, images: int) -> Measures:
    """The largest differences over random images and kernels, and the mean of what padding adds."""
    rng = numpy_generator("pixel", seed)
    per_image = [
        _one_pixel(rng.normal(size=(size, size)), rng.normal(size=(3, 3))) for _ in range(images)
    ]
    measures = Measures({key: max(each[key] for each in per_image) for key in per_image[0]})
    for mode in SCIPY:
        metric = f"what the terms outside add, {mode}"
        measures.add(metric, sum(each[metric, ()] for each in per_image) / images)
    return measures


def _one_pixel(image: np.ndarray, kernel: np.ndarray) -> Measures:
    measures = Measures()
    for mode, scipy_mode in SCIPY.items():
        terms = {
            entry: kernel[entry[0] + 1, entry[1] + 1] * padded_pixel(image, *pixel, mode)
            for entry, pixel in PRINTED.items()
        }
        printed = sum(terms.values())
        # scipy's kernel starts at -1, so its convolution is the printed sum.
        by_scipy = float(ndimage.convolve(image, kernel, mode=scipy_mode, cval=0.0)[0, 0])
        measures.add(f"as printed - scipy, {mode}", abs(printed - by_scipy))
        beyond = sum(terms[entry] for entry in outside())
        measures.add(f"what the terms outside add, {mode}", abs(beyond))
        padded = torch.from_numpy(image)[None, None]
        padded = F.pad(padded, (1, 1, 1, 1), mode="constant" if mode == "zeros" else mode)
        turned = torch.from_numpy(kernel[::-1, ::-1].copy())[None, None]
        by_torch = float(F.conv2d(padded, turned)[0, 0, 0, 0])
        difference = abs(printed - by_torch)
        measures.add(f"as printed - torch, kernel turned by 180°, {mode}", difference)
    inside = sum(
        kernel[a + 1, b + 1] * image[i - 1, j - 1]
        for (a, b), (i, j) in PRINTED.items()
        if min(i, j) >= 1
    )
    zeros = ndimage.convolve(image, kernel, mode="constant", cval=0.0)[0, 0]
    measures.add("terms inside alone - zero padding", abs(float(inside) - float(zeros)))
    measures.add("terms outside the image", len(outside()))
    return measures


def _sizes(
    seed: int, inputs: list[int], kernels: list[int], strides: list[int], paddings: list[int]
) -> Measures:
    """Widths that torch gives against floor((n + 2p - k) / s) + 1, wherever there is an output.

    The same for every seed: nothing is drawn.
    """
    wrong = count = 0
    for n, k, s, p in itertools.product(inputs, kernels, strides, paddings):
        if n + 2 * p < k:
            continue
        width = F.conv1d(torch.zeros(1, 1, n), torch.zeros(1, 1, k), stride=s, padding=p).shape[-1]
        wrong += width != (n + 2 * p - k) // s + 1
        count += 1
    measures = Measures()
    measures.add("output sizes compared", count)
    measures.add("output sizes unlike the formula", wrong)
    return measures


MEASURES: dict[str, Callable[..., Measures]] = {"pixel": _pixel, "sizes": _sizes}
