"""The metrics of the segmentation study."""

from inductive.core.metric import Metric, number, share

METRICS: dict[str, Metric] = {
    "Dice": share(),
    "IoU": share(),
    "accuracy": share(),
    "boundary F1": share("tolerance"),
    "Dice, everything cell": share(),
    "IoU, everything cell": share(),
    "accuracy, everything cell": share(),
    "boundary F1, everything cell": share(),
    "parameters": number(),
}
