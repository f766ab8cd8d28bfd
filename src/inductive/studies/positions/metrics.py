"""The metrics of the positions study."""

from inductive.core.metric import Metric, number
from inductive.studies.positions.encodings import ENCODINGS

RISE = "largest rise of the mean score with distance, of p / 2"
NOISE = "noise off the diagonal / diagonal"
PER_ENCODING = (
    "diagonal / (p / 2)",
    "largest deviation of the diagonal from p / 2",
    "dependence on more than i - j",
    "largest difference from the standard code",
    RISE,
)
"""Measured for every encoding, whose name follows: 'diagonal / (p / 2), standard'."""
FORMS = ("added", "concatenated")
"""How encoding and features are combined; the form follows the name of `NOISE`."""
IDENTITIES = (
    "added - (XᵀX + EᵀE + cross terms)",
    "concatenated - (XᵀX + EᵀE)",
    "added - concatenated, relative",
)
LAWS = ("exponential", "logarithmic")

METRICS: dict[str, Metric] = {
    **{f"{metric}, {encoding}": number() for metric in PER_ENCODING for encoding in ENCODINGS},
    **{f"error of the {law} fit, of p / 2": number() for law in LAWS},
    **{metric: number() for metric in IDENTITIES},
    **{f"{NOISE}, {form}": number(better="lower") for form in FORMS},
    "cross terms / score": number("dimension", better="lower"),
    "angle between features and codes (°)": number("dimension", unit="°"),
    "standard deviation of that angle (°)": number("dimension", unit="°"),
    "exponent of cross terms / score in p": number(),
}
