"""Writes tables as CSV files."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from inductive.core.files import write_text


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write rows atomically; values (the last column) have six significant digits.

    Reading such a file and writing it again gives the same bytes.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        value = row[-1]
        writer.writerow([*row[:-1], f"{value:.6g}" if isinstance(value, float) else value])
    write_text(path, text.getvalue())
