"""The metrics of the oversmoothing study."""

from inductive.core.metric import Metric, number, share

METRICS: dict[str, Metric] = {
    "accuracy": share(),
    "class accuracy": share(),
    "accuracy, sd over specimens": share(better=""),
    "class accuracy, sd over specimens": share(better=""),
    "std of log-probabilities": number(),
    "feature std": number("layer"),
    "feature std, relative": number("layer"),
    "Dirichlet energy": number("layer"),
    "Dirichlet energy, relative": number("layer"),
    "mean average distance": number("layer"),
    "gradient norm": number("layer"),
    "milliseconds per step": number(unit="ms", better="lower"),
    "exponent, milliseconds per step, in the depth": number(better="lower"),
    "timing spread": number(better="lower"),
}
