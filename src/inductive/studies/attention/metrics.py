"""The metrics of the attention study."""

from inductive.core.metric import Metric, number, share

SCALINGS = ("unscaled", "scaled")
"""Scores q·k, and the same divided by √d."""
INPUTS = ("without positions", "with positions", "with a causal mask")
SWAPPED = "change of the last output when two words change places"
CUT = "error of softmax weights cut to a rank, relative"
IDENTITIES = (
    "fused - naive",
    "linear - quadratic form",
    "window - masked",
    "fused - naive, causal",
    "linear - quadratic form, causal",
    "window - masked, causal",
    "through an SVD of the weights' rank - product",
    "Q (C K)ᵀ D V - Q Kᵀ V",
)
"""An efficient form - the plain one."""
TARGETS = ("convolution", "max pooling")
"""The functions that relative attention computes."""
FORMS = ("naive", "fused", "window", "linear", "low rank")
"""The forms whose cost is measured."""
COSTS = {"milliseconds": "ms", "bytes": "bytes"}
LAWS = ("power", "exponential")

METRICS: dict[str, Metric] = {
    **{f"variance of scores, {form}": number("width") for form in SCALINGS},
    **{f"entropy of weights, {form}": number("width") for form in SCALINGS},
    **{f"gradient of the softmax, {form}": number("width") for form in SCALINGS},
    "exponent of the variance in the deviation": number(),
    "exponent of the variance in the width": number(),
    "rank of the output": number("heads", "weight_rank", better="higher"),
    **{f"equivariance broken, relative, {case}": number() for case in INPUTS},
    SWAPPED: number("causal_layers"),
    **{f"difference, {identity}": number() for identity in IDENTITIES},
    CUT: share("relative_rank", better="lower"),
    **{f"error, {target}": number("sharpness", better="lower") for target in TARGETS},
    **{f"bound, {target}": number("sharpness") for target in TARGETS},
    **{
        f"{cost}, {form}": number("tokens", unit=unit, better="lower")
        for form in FORMS
        for cost, unit in COSTS.items()
    },
    **{f"exponent, {cost}, {form}": number(better="lower") for form in FORMS for cost in COSTS},
    **{f"smallest size fitted, milliseconds, {form}": number(unit="tokens") for form in FORMS},
    **{f"error of the {law} law, milliseconds, naive": number() for law in LAWS},
    "timing spread": number(better="lower"),
}
