"""A text as characters: published, drawn from a grammar, or the user's own."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from inductive.data.spec import DatasetSpec
from inductive.errors import InputError

_MARK = re.compile(r"\*\*\* ?(START|END) OF TH(?:IS|E) PROJECT GUTENBERG EBOOK[^\n]*\n?")


@dataclass(frozen=True)
class Text:
    """A text, and what is known of its probability where a grammar wrote it."""

    raw: str
    """As it lies in the file, byte-order mark and licence included."""
    ends: np.ndarray | None = None
    """(tales,) int64: the place after the last character of each tale; None for a found text."""
    bits: np.ndarray | None = None
    """(tales,) minus the binary logarithm of each tale's probability under its grammar."""

    def floor(self, start: int) -> float | None:
        """Bits per character that the whole tales from place `start` on cost their own grammar.

        No model can expect to need fewer. None for a found text.
        """
        if self.ends is None or self.bits is None:
            return None
        begins = np.concatenate([[0], self.ends[:-1]])
        whole = begins >= start
        if not whole.any():
            return None
        return float(self.bits[whole].sum() / (self.ends[whole] - begins[whole]).sum())


def clean(raw: str) -> str:
    """A text without a byte-order mark and without Project Gutenberg's header and licence."""
    text = raw.removeprefix("\ufeff")
    for mark in _MARK.finditer(text):
        if mark[1] == "START":
            text = text[mark.end() :]
            break
    for mark in _MARK.finditer(text):
        if mark[1] == "END":
            text = text[: mark.start()]
            break
    return text.strip("\n") + "\n"


def load(spec: DatasetSpec) -> Text:
    """A text of any kind."""
    if spec.kind == "generated":
        from safetensors.numpy import load_file

        arrays = load_file(spec.folder / "arrays.safetensors")
        raw = arrays["characters"].tobytes().decode("ascii")
        return Text(raw, arrays["ends"], arrays["bits"])
    if spec.kind == "own":
        return Text(_decode(Path(spec.settings["path"]), f"data.{spec.name}.path: "))
    (file,) = (p for p in spec.folder.iterdir() if p.suffix == ".txt")
    return Text(_decode(file))


def own_files(settings: dict[str, Any], key: str) -> list[Path]:
    """The user's one file."""
    path = Path(settings["path"])
    if not path.is_file():
        raise InputError(f"{key}.path: expected a text file, found none at {path}")
    return [path]


def check_own(settings: dict[str, Any], key: str) -> None:
    """Raise InputError where the file is not UTF-8, or too short to hold anything out."""
    text = clean(_decode(Path(settings["path"]), f"{key}.path: "))
    if len(text) < 100:
        raise InputError(
            f"{key}.path: {settings['path']} has {len(text)} characters; 100 are the least"
        )


def own_length(settings: dict[str, Any]) -> int:
    """Characters of the user's file, as a study will read it."""
    return len(clean(_decode(Path(settings["path"]), "data.grimm.path: ")))


def _decode(path: Path, origin: str = "") -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        found = f"byte {error.start} is 0x{error.object[error.start]:02x}"
        raise InputError(f"{origin}{path} is not UTF-8: {found}") from None
