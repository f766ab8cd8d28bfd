"""What is one pixel of a convolution made of, at the border?

The source's f₁,₁, term by term, with every padding; and the size of every output. Nothing is
trained.
"""

from typing import TYPE_CHECKING, Any

from inductive.run import Run
from inductive.studies.untrained import Found, measured, part_runs

if TYPE_CHECKING:
    import numpy as np
    import torch

    from inductive.training.tidy import Tidy

TITLE = "Convolution"
QUESTION = "What is one pixel of a convolution made of, at the border?"
PROTOCOL = (
    "A 3x3 kernel centred on the first pixel of random images: the sum as a source writes it, by "
    "scipy's convolution with each padding, and by torch; and output sizes over a grid of kernels."
)

# The source's f₁,₁ counts pixels of g from 1, and kernel entries from - over 0 to +. Entry (a, b)
# of h meets pixel (1 - a, 1 - b), as in a convolution: these are the terms as printed there.
PRINTED = {
    (-1, -1): (2, 2),
    (-1, 0): (2, 1),
    (-1, 1): (2, 0),
    (0, -1): (1, 2),
    (0, 0): (1, 1),
    (0, 1): (1, 0),
    (1, -1): (0, 2),
    (1, 0): (0, 1),
    (1, 1): (0, 0),
}
SCIPY = {"zeros": "constant", "circular": "wrap", "reflect": "mirror", "replicate": "nearest"}


def runs(params: dict[str, Any]) -> list[Run]:
    """One pixel, and the sizes."""
    return part_runs(__name__, params["convolution"], ("pixel", "sizes"))


def verify(run: Run, device: "torch.device") -> "Tidy":
    """Differences of the pixel's ways, or of sizes and their formula."""
    return measured(run, _pixel if run.labels["part"] == "pixel" else _sizes)


def outside() -> list[tuple[int, int]]:
    """The kernel entries of f₁,₁ whose pixel lies outside the image, counted from 1."""
    return [entry for entry, pixel in PRINTED.items() if min(pixel) < 1]


def padded_pixel(image: "np.ndarray", row: int, column: int, mode: str) -> float:
    """Pixel (row, column), counted from 1, of an image that goes on beyond its border."""
    import numpy as np

    from inductive.nn.padding_modes import OUTSIDE, get

    places = [
        int(get(mode)(np.array([i - 1]), n)[0])
        for i, n in zip((row, column), image.shape, strict=True)
    ]
    return 0.0 if OUTSIDE in places else float(image[tuple(places)])


def _pixel(seed: int, size: int, images: int) -> Found:
    """The largest differences over random images and kernels, and the mean of what padding adds."""
    from inductive.training.randomness import numpy_generator

    rng = numpy_generator("pixel", seed)
    rows = [
        _one_pixel(rng.normal(size=(size, size)), rng.normal(size=(3, 3))) for _ in range(images)
    ]
    found = {key: max(row[key] for row in rows) for key in rows[0]}
    for mode in SCIPY:
        key = ("what the terms outside add", "padding", mode)
        found[key] = sum(row[key] for row in rows) / images
    return found


def _one_pixel(image: "np.ndarray", kernel: "np.ndarray") -> Found:
    import torch
    import torch.nn.functional as F
    from scipy import ndimage

    found: Found = {}
    for mode, name in SCIPY.items():
        terms = {
            entry: kernel[entry[0] + 1, entry[1] + 1] * padded_pixel(image, *pixel, mode)
            for entry, pixel in PRINTED.items()
        }
        # scipy's kernel starts at -1, so its convolution is the printed sum.
        theirs = ndimage.convolve(image, kernel, mode=name, cval=0.0)[0, 0]
        found["as printed - scipy", "padding", mode] = abs(sum(terms.values()) - float(theirs))
        beyond = sum(terms[entry] for entry in outside())
        found["what the terms outside add", "padding", mode] = abs(beyond)
        padded = torch.from_numpy(image)[None, None]
        padded = F.pad(padded, (1, 1, 1, 1), mode="constant" if mode == "zeros" else mode)
        turned = torch.from_numpy(kernel[::-1, ::-1].copy())[None, None]
        by_torch = F.conv2d(padded, turned)[0, 0, 0, 0]
        found["as printed - torch, kernel turned by 180°", "padding", mode] = abs(
            sum(terms.values()) - float(by_torch)
        )
    inside = sum(
        kernel[a + 1, b + 1] * image[i - 1, j - 1]
        for (a, b), (i, j) in PRINTED.items()
        if min(i, j) >= 1
    )
    zeros = ndimage.convolve(image, kernel, mode="constant", cval=0.0)[0, 0]
    found["terms inside alone - zero padding", "", ""] = abs(float(inside) - float(zeros))
    found["terms outside the image", "", ""] = float(len(outside()))
    return found


def _sizes(
    seed: int, inputs: list[int], kernels: list[int], strides: list[int], paddings: list[int]
) -> Found:
    """Widths that torch gives against floor((n + 2p - k) / s) + 1, wherever there is an output.

    The same for every seed: nothing is drawn.
    """
    import itertools

    import torch
    import torch.nn.functional as F

    wrong = count = 0
    for n, k, s, p in itertools.product(inputs, kernels, strides, paddings):
        if n + 2 * p < k:
            continue
        width = F.conv1d(torch.zeros(1, 1, n), torch.zeros(1, 1, k), stride=s, padding=p).shape[-1]
        wrong += width != (n + 2 * p - k) // s + 1
        count += 1
    return {
        ("output sizes compared", "", ""): float(count),
        ("output sizes unlike the formula", "", ""): float(wrong),
    }
