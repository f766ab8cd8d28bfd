"""The metrics of the translation study."""

from inductive.core.metric import Metric, number, share

METRICS: dict[str, Metric] = {
    "accuracy": share("shift"),
    "consistency": share("shift"),
    "map size": number("layer", unit="px"),
    "map size by formula": number("layer", unit="px"),
}
