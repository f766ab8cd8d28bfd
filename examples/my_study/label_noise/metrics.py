"""The metrics of `evaluate.py`: their units, directions and coordinates."""

from inductive.core.metric import share

METRICS = {"accuracy": share("noise")}
