"""The metrics of the rotation study."""

from inductive.core.metric import Metric, number, share

METRICS: dict[str, Metric] = {
    "accuracy": share("angle"),
    "accuracy, nearest": share("angle"),
    "accuracy, upright": share(),
    "accuracy, rotated once": share(),
    "consistency": share("angle"),
    "mean over angles": share(),
    "least over angles": share(),
    "range over angles": share(better="lower"),
    "mean consistency": share(),
    "change of scores": number("angle", better="lower"),
    "equivariance error": number("layer", better="lower"),
    "parameters": number(),
}
