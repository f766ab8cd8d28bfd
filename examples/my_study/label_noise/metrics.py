"""What `evaluate.py` measures: its unit, its direction and its coordinates."""

from inductive.core.metric import share

METRICS = {"accuracy": share("noise")}
