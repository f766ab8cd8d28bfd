"""Reads a published text, or a user's."""

from pathlib import Path
from typing import Any

import numpy as np

from inductive.core.errors import InputError
from inductive.core.run import DatasetSpec
from inductive.data.storage import Arrays
from inductive.data.text import clean

SHORTEST = 100  # characters: less cannot be split into a training and a held-out part


def own_files(settings: dict[str, Any], key: str) -> list[Path]:
    """The user's one file."""
    path = Path(settings["path"])
    if not path.is_file():
        raise InputError(f"{key}.path: expected a text file; there is none at {path}")
    return [path]


def check_own(settings: dict[str, Any], key: str) -> None:
    """Raise InputError where the file is not UTF-8, or too short."""
    text = clean(_decode(Path(settings["path"]), f"{key}.path: "))
    if len(text) < SHORTEST:
        raise InputError(
            f"{key}.path: {settings['path']} has {len(text)} characters; "
            f"at least {SHORTEST} are needed"
        )


def own_length(settings: dict[str, Any]) -> int:
    """Characters of the user's file without byte-order mark and licence, as a study reads it."""
    return len(clean(_decode(Path(settings["path"]), "data.grimm.path: ")))


def read(spec: DatasetSpec, folder: Path) -> Arrays:
    """The array `characters`, (bytes,) uint8, which is UTF-8, and no facts."""
    if spec.kind == "own":
        path, origin = Path(spec.settings["path"]), f"data.{spec.name}.path: "
    else:
        (path,), origin = folder.glob("*.txt"), ""
    _decode(path, origin)
    return {"characters": np.frombuffer(path.read_bytes(), dtype=np.uint8)}, {}


def _decode(path: Path, origin: str) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        invalid = f"byte {error.start} is 0x{error.object[error.start]:02x}"
        raise InputError(f"{origin}{path} is not UTF-8: {invalid}") from None
