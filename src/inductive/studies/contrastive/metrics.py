"""The metrics of the contrastive study; `split` names the representation, f or g."""

from inductive.core.metric import Metric, number, share

METRICS: dict[str, Metric] = {
    "linear probe": share("num_labels"),
    "neighbours": share(),
    "cosine of positives": number(),
    "cosine of negatives": number(),
    "alignment": number(better="lower"),
    "uniformity": number(better="lower"),
    "effective rank": number(better="higher"),
    "row sum, a pair": number(),
    "row sum, all": number(),
}
"""A linear probe without `num_labels` is the one with the most labels of the grid."""
