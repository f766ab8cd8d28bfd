"""A text as characters, and its probability where a grammar generated it."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inductive.core.run import DatasetSpec
from inductive.data.storage import load_arrays

_MARK = re.compile(r"\*\*\* ?(START|END) OF TH(?:IS|E) PROJECT GUTENBERG EBOOK[^\n]*\n?")


@dataclass(frozen=True)
class Text:
    """A text, and the probability of its tales where a grammar generated it."""

    raw: str
    """As it is in the file, byte-order mark and licence included."""
    ends: np.ndarray | None = None
    """(tales,) int64: the position after the last character of each tale; None where the text was
    not generated."""
    bits: np.ndarray | None = None
    """(tales,) minus the binary logarithm of each tale's probability under its grammar."""

    def floor(self, start: int) -> float | None:
        """Mean bits per character, under the grammar, of the complete tales from `start` on.

        A lower bound on the expected loss of any model. None where the text was not generated.
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


def load(spec: DatasetSpec, folder: Path) -> Text:
    """The text in the folder of a data set of any kind."""
    arrays = load_arrays(folder)
    raw = arrays["characters"].tobytes().decode("utf-8")
    return Text(raw, arrays.get("ends"), arrays.get("bits"))
