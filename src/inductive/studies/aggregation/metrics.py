"""The metrics of the aggregation study."""

from inductive.core.metric import Metric, number, share

METRICS: dict[str, Metric] = {
    "accuracy": share(),
    "class accuracy": share(),
    "accuracy, sd over specimens": share(better=""),
    "class accuracy, sd over specimens": share(better=""),
    "std of log-probabilities": number(),
    "inverse temperature": number("layer"),
    "power": number("layer"),
    "exponent": number("layer"),
    "softmax - max": number("inverse_temperature", better="lower"),
    "softmax - min": number("inverse_temperature", better="lower"),
    "softmax - mean": number("inverse_temperature", better="lower"),
    "log-sum-exp - mean": number("inverse_temperature", better="lower"),
    "power mean - max": number("power", better="lower"),
    "power mean - min": number("power", better="lower"),
    "power mean - mean": number("power", better="lower"),
    "power mean at 0 - geometric mean": number(better="lower"),
    "power mean at 1 - mean": number(better="lower"),
    "size to the 1 times mean - sum": number(better="lower"),
    "gradient of log-sum-exp - softmax": number(better="lower"),
}
