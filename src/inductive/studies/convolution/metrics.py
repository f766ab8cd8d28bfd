"""The metrics of the convolution study."""

from inductive.core.metric import Metric, number
from inductive.studies.convolution.terms import SCIPY

ADDED = "what the terms outside add"
PER_MODE = ("as printed - scipy", ADDED, "as printed - torch, kernel turned by 180°")
"""Measured for every padding mode, which follows the name: 'as printed - scipy, zeros'."""
OVERALL = (
    "terms inside alone - zero padding",
    "terms outside the image",
    "output sizes compared",
    "output sizes unlike the formula",
)

METRICS: dict[str, Metric] = {
    **{f"{metric}, {mode}": number() for metric in PER_MODE for mode in SCIPY},
    **{metric: number() for metric in OVERALL},
}
