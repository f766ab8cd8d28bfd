"""Selecting rows of measurements by labels, selection, split, metric and coordinates."""

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from inductive.analysis.comparisons import ANY, LARGEST, SMALLEST


def rows_where(
    measurements: pd.DataFrame, coordinates: Collection[str], where: Mapping[str, Any]
) -> pd.DataFrame:
    """The rows that have every value of `where` and, of all `coordinates`, exactly those it names.

    A coordinate's value is a number, `any` (every row that has it), or `largest` or `smallest`: of
    the rows that the entries of `where` before this one leave. A column that `measurements` does
    not have matches no row.
    """
    if any(column not in measurements for column in where):
        return measurements.iloc[:0]
    named = [c for c in coordinates if c in where]
    absent = [c for c in coordinates if c not in where and c in measurements]
    rows = measurements
    if named:
        rows = rows[rows[named].notna().all(axis=1)]
    if absent:
        rows = rows[rows[absent].isna().all(axis=1)]
    for column, value in where.items():
        if column not in coordinates:
            rows = rows[rows[column] == value]
        elif value == LARGEST:
            rows = rows[rows[column] == rows[column].max()]
        elif value == SMALLEST:
            rows = rows[rows[column] == rows[column].min()]
        elif value != ANY:
            rows = rows[rows[column] == value]
    return rows
