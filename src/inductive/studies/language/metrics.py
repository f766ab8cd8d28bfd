"""The metrics of the language study."""

from inductive.core.metric import Metric, number, share
from inductive.studies.language.names import BITS, GRAMMAR, KNOWN, of_original

METRICS: dict[str, Metric] = {
    BITS: number("relative_length", "relative_position", unit="bits", better="lower"),
    KNOWN: number(unit="bits", better="lower"),
    GRAMMAR: number(unit="bits"),
    "loss": number(unit="nats", better="lower"),
    "accuracy": share(),
    "parameters": number(),
    "real words": share("temperature", "top_p", "top_k"),
    "distinct words": share("temperature", "top_p", "top_k"),
    "distinct 2-grams": share("temperature", "top_p", "top_k"),
    "new 4-grams": share("temperature", "top_p", "top_k", better=""),
    "longest copy": number("temperature", "top_p", "top_k", unit="characters"),
    "entropy of the prediction": number("temperature", "top_p", "top_k", unit="bits"),
    of_original("real words"): share(better=""),
    of_original("distinct words"): share(better=""),
    of_original("distinct 2-grams"): share(better=""),
    of_original("new 4-grams"): share(better=""),
    of_original("longest copy"): number(unit="characters"),
    "characters continued verbatim": number(unit="characters"),
    "prompts continued verbatim": share(better=""),
}
"""Coordinates: `relative_length` of and `relative_position` in a window, both in blocks; without
`top_p` and `top_k`, all tokens could be sampled."""
