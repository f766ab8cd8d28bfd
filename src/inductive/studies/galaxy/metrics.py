"""The metrics of the galaxy study."""

from inductive.core.metric import Metric, number, share

METRICS: dict[str, Metric] = {
    "loss": number(better="lower"),
    "loss, share of chance": number(better="lower"),  # the loss / the logarithm of the classes
    "accuracy": share(),
    "balanced accuracy": share(),
    "recall": share("true"),
    "confusion": number("true", "predicted", unit="images"),
}
"""Coordinates: `true` and `predicted` are classes, counted from 0."""
