"""Reads images with a mask: membranes under an electron microscope (ISBI 2012), or a user's own.

The published layout, which is also that of a user's folder: `image/` and `label/` (in `train/` or
not) with files of the same names; a mask is 0 on membranes and bright on cells.
"""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from inductive.core.errors import InputError
from inductive.core.run import DatasetSpec
from inductive.data.formats.picture import SUFFIXES, UNREADABLE, eight_bits
from inductive.data.storage import Arrays

ON_CELL = 128  # a pixel whose mask has this grey value or a brighter one belongs to a cell


def own_files(settings: dict[str, Any], key: str) -> list[Path]:
    """Every image and mask of a user's folder."""
    path = Path(settings["path"])
    if not path.is_dir():
        raise InputError(f"{key}.path: '{path}' is not a folder")
    return [file for pair in _pairs(path, f"{key}.path") for file in pair]


def check_own(settings: dict[str, Any], key: str) -> None:
    """Raise InputError where a user's images and masks are inconsistent."""
    _read(Path(settings["path"]), f"{key}.path")


def read(spec: DatasetSpec, folder: Path) -> Arrays:
    """The arrays `images` and `cells`, (N, height, width) uint8, and no facts."""
    if spec.kind == "own":
        return _read(Path(spec.settings["path"]), f"data.{spec.name}.path"), {}
    return _read(folder, f"dataset {spec.name}"), {}


def _pairs(path: Path, key: str) -> list[tuple[Path, Path]]:
    """Each image and its mask, by number. InputError for one without the other."""
    root = path / "train" if (path / "train" / "image").is_dir() else path
    folders = [root / "image", root / "label"]
    for folder in folders:
        if not folder.is_dir():
            raise InputError(f"{key}: {root} has no folder '{folder.name}'")
    names = [{f.name for f in d.iterdir() if f.suffix.lower() in SUFFIXES} for d in folders]
    unpaired = sorted(names[0] ^ names[1])
    if unpaired:
        lacks = "mask" if unpaired[0] in names[0] else "image"
        raise InputError(f"{key}: {unpaired[0]} in {root} has no {lacks}")
    if len(names[0]) < 2:
        raise InputError(f"{key}: {root} holds {len(names[0])} images; at least two are needed")
    ordered = sorted(names[0], key=lambda n: (len(Path(n).stem), n))
    return [(folders[0] / name, folders[1] / name) for name in ordered]


def _read(path: Path, key: str) -> dict[str, np.ndarray]:
    images, masks = [], []
    for image, mask in _pairs(path, key):
        images.append(_grey(image, key))
        masks.append(_grey(mask, key))
        if masks[-1].shape != images[-1].shape:
            raise InputError(
                f"{key}: the mask {mask} is {_size(masks[-1])}, its image is {_size(images[-1])}"
            )
        if images[-1].shape != images[0].shape:
            raise InputError(
                f"{key}: {image} is {_size(images[-1])}, other images are {_size(images[0])}"
            )
    cells = (np.stack(masks) >= ON_CELL).astype(np.uint8)
    if cells.min() == cells.max():
        content = "cell" if cells.max() else "membrane"
        raise InputError(f"{key}: every mask is {content} everywhere")
    return {"images": np.stack(images), "cells": cells}


def _size(picture: np.ndarray) -> str:
    return f"{picture.shape[1]}x{picture.shape[0]}"


def _grey(path: Path, key: str) -> np.ndarray:
    """(height, width) uint8"""
    try:
        with Image.open(path) as picture:
            return np.asarray(eight_bits(picture).convert("L"))
    except UNREADABLE as error:
        raise InputError(f"{key}: {path} is not a readable image: {error}") from None
