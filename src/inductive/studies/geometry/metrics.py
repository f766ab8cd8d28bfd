"""The metrics of the geometry study."""

from inductive.core.metric import Metric, number, share

METRICS: dict[str, Metric] = {
    "distortion, best draw": number("epsilon", better="lower"),
    "distortion, mean draw": number("epsilon", better="lower"),
    "share of draws within ε": share("epsilon"),
    "ε allowed": number("epsilon"),
    "dimensions": number("epsilon"),
    "log of the number found": number("delta", "dimension", better="higher"),
    "stopped at the most": number("delta", "dimension"),  # 1 where the search was stopped
    "mean angle (°)": number("dimension", unit="°"),
    "standard deviation of the angle (°)": number("dimension", unit="°"),
    "standard deviation of the cosine times √n": number("dimension"),
}
