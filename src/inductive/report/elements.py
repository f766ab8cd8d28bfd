"""What a study hands to the report: tables and figures."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from matplotlib.figure import Figure as MatplotlibFigure


@dataclass(frozen=True)
class Table:
    """A table for people (`rows` of text) and for machines (`data`)."""

    id: str
    title: str
    note: str
    """What the numbers are, and what to see."""
    columns: list[str]
    rows: list[list[str]]
    data: pd.DataFrame

    def to_json(self) -> dict[str, Any]:
        """Without the data, which is a CSV of its own."""
        fields = ("id", "title", "note", "columns", "rows")
        return {field: getattr(self, field) for field in fields}


@dataclass(frozen=True)
class Figure:
    """A figure with its caption and, for those who cannot see it, what it shows."""

    id: str
    title: str
    caption: str
    alt: str
    drawing: "MatplotlibFigure"

    def to_json(self) -> dict[str, Any]:
        """Without the drawing, which is an SVG of its own."""
        return {field: getattr(self, field) for field in ("id", "title", "caption", "alt")}
