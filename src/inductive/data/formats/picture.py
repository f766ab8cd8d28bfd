"""One image file of any common format as pixels."""

import io

import numpy as np
from PIL import Image, UnidentifiedImageError

from inductive.core.errors import InputError

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".gif", ".webp")
UNREADABLE = (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError)
"""The errors of opening and converting a file that is not an image."""


def eight_bits(picture: Image.Image) -> Image.Image:
    """A picture in one grey channel (`L`) or in three colours (`RGB`), 8 bits each.

    Of 16-bit grey values the upper half is kept. Raises ValueError for other depths.
    """
    if picture.mode.startswith("I;16"):
        return Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8))
    if picture.mode in ("I", "F"):
        raise ValueError("its values have 32 bits; 8 or 16 are read")
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")


def decode(content: bytes, size: int | None, where: str) -> np.ndarray:
    """A file's content -> (height, width, 1 or 3) uint8, resized to size x size unless None.

    Raises InputError, which begins with `where`, where the content is not an image.
    """
    try:
        with Image.open(io.BytesIO(content)) as picture:
            plain = eight_bits(picture)
    except UNREADABLE as error:
        raise InputError(f"{where} is not a readable image: {error}") from None
    if size is not None and plain.size != (size, size):
        plain = plain.resize((size, size), Image.Resampling.BILINEAR)
    pixels = np.asarray(plain)
    return pixels[..., None] if pixels.ndim == 2 else pixels
