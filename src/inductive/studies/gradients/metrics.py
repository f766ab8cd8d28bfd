"""The metrics of the gradients study. `scale` is the median of a chain's random weights.

The share of inputs is stored and shown in [0, 1], like the derivatives in the same panel.
"""

from inductive.core.metric import Metric, number

METRICS: dict[str, Metric] = {
    "largest |f'|, unit weights": number("depth"),
    "bound, unit weights": number("depth"),
    "share of inputs without gradient, unit weights": number("depth"),
    "log10 of the largest |f'|": number("depth", "scale"),
    "log10 σ_max of the Jacobian": number("steps", "width"),
    "log10 of the bound": number("depth", "scale", "steps"),
}
