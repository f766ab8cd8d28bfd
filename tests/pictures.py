"""Small image files, and folders of them, for tests of readers."""

import io
from pathlib import Path

import numpy as np
from PIL import Image


def picture(seed: int, size: int | tuple[int, int] = 20, mode: str = "RGB") -> bytes:
    """A PNG file of random pixels; a size is a side, or (width, height)."""
    width, height = (size, size) if isinstance(size, int) else size
    rng = np.random.default_rng(seed)
    shape = (height, width, 3) if mode == "RGB" else (height, width)
    stream = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8)).save(stream, "PNG")
    return stream.getvalue()


CLASSES = {f"{c}/{i}.png": picture(10 * k + i) for k, c in enumerate("ab") for i in range(3)}
"""Two class folders with three images each: name -> content."""


def write_files(root: Path, files: dict[str, bytes]) -> Path:
    """Write files by name below a folder; returns the folder."""
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root
