"""The elements of a study's report: tables and figures."""

from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.figure import Figure as MatplotlibFigure


@dataclass(frozen=True)
class Table:
    """A table as text (`rows`) and as a data frame (`data`)."""

    id: str
    title: str
    note: str
    """What the values are, and what to look for."""
    columns: list[str]
    rows: list[list[str]]
    data: pd.DataFrame

    def to_json(self) -> dict[str, Any]:
        """Everything but the data, which is written to a CSV file."""
        fields = ("id", "title", "note", "columns", "rows")
        return {field: getattr(self, field) for field in fields}


@dataclass(frozen=True)
class Figure:
    """A figure with its caption and a text for readers who cannot see it."""

    id: str
    title: str
    caption: str
    alt: str
    """What the figure shows, in words."""
    drawing: MatplotlibFigure

    def to_json(self) -> dict[str, Any]:
        """Everything but the drawing, which is written to an SVG file."""
        return {field: getattr(self, field) for field in ("id", "title", "caption", "alt")}
