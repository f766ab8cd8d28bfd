"""The names of aggregators and tasks in tables and figures."""

import math
from typing import Any

from inductive.analysis.results import Results
from inductive.studies.aggregation.families import PARAMETER

LABELS = ("task", "family", "parameter", "exponent", "learnt")
SYMBOL = {"softmax": "λ", "power": "q"}
"""Family -> the symbol of its parameter."""
SPECIAL_CASES = {
    ("softmax", 0.0): "mean",
    ("softmax", math.inf): "max",
    ("softmax", -math.inf): "min",
    ("power", 0.0): "geometric mean",
    ("power", 1.0): "mean",
    ("power", math.inf): "max",
    ("power", -math.inf): "min",
}
"""(family, parameter) -> the aggregator where η = 0."""


def aggregator_name(labels: dict[str, Any]) -> str:
    """'max (λ = ∞, η = 0)' for the labels of a run."""
    family, value, eta = labels["family"], float(labels["parameter"]), float(labels["exponent"])
    shown = {math.inf: "∞", -math.inf: "-∞"}.get(value, f"{value:g}")
    name = SPECIAL_CASES.get((family, value))
    if name == "mean" and eta == 1:
        name = "sum"
    elif name and eta:
        name = f"{name} · n^{eta:g}"
    parameters = f"{SYMBOL[family]} = {shown}, η = {eta:g}"
    return f"{name} ({parameters})" if name else parameters


def own_parameter(family: str) -> str:
    """The metric that a family's learnt parameter is measured as."""
    return PARAMETER[family].replace("_", " ")


def trained_tasks(results: Results) -> list[str]:
    """The tasks on which networks are trained."""
    return [task for task in results.labels("task") if task != "limits"]
