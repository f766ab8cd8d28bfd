"""Which numbers make a GPT. Imports no torch, so that a plan can ask before any job starts."""

from collections.abc import Mapping
from typing import Any

from inductive.errors import InputError, unknown

POSITIONS = ("none", "learned", "sinusoidal", "concatenated", "rope", "alibi", "relative")
ATTENTIONS = ("fused", "naive", "window", "linear")


def check(shape: Mapping[str, Any]) -> None:
    """Raise InputError for numbers that make no network."""
    width, heads = shape["width"], shape["heads"]
    attention, code = shape["attention"], shape["positions"]
    if width % heads:
        raise InputError(f"a width of {width} cannot be divided among {heads} heads")
    if code not in POSITIONS:
        raise InputError(unknown("position code", code, POSITIONS))
    if attention not in ATTENTIONS:
        raise InputError(unknown("attention", attention, ATTENTIONS))
    if code == "rope" and (width // heads) % 2:
        raise InputError(
            f"rope turns pairs and needs an even head width; {width} / {heads} = {width // heads}"
        )
    if attention == "window" and shape["window"] < 1:
        raise InputError(f"window: expected 1 token or more, found {shape['window']}")
    if attention == "linear" and code == "rope":
        raise InputError("rope's turn before linear attention's φ makes no relative position")
    if attention in ("window", "linear") and code in ("alibi", "relative"):
        raise InputError(f"{attention} attention has no scores to which {code} could add")
