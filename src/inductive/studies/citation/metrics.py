"""The metrics of the citation study."""

from inductive.core.metric import Metric, number, share

METRICS: dict[str, Metric] = {
    "accuracy": share("edge_noise", "feature_noise"),
    "attention entropy": number("head"),
    "relative attention, same class": number(),
    "relative attention, other class": number(),
    "relative attention, itself": number(),
}
