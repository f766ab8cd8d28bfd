"""The nine terms of the first pixel of a convolution, as the source prints them."""

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
"""Kernel entry (a, b), counted from the centre -> the pixel (row, column) of g that it multiplies,
counted from 1: (1 - a, 1 - b), as in a convolution. These are the terms of the source's f₁,₁."""
SCIPY = {"zeros": "constant", "circular": "wrap", "reflect": "mirror", "replicate": "nearest"}
"""Padding mode -> scipy's name for it."""


def outside() -> list[tuple[int, int]]:
    """The kernel entries of f₁,₁ whose pixel lies outside the image, counted from 1."""
    return [entry for entry, pixel in PRINTED.items() if min(pixel) < 1]
