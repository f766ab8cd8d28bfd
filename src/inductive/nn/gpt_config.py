"""The hyperparameters of a GPT. Imports no torch, so that a plan can check them before any job."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inductive.core.errors import InputError, unknown

POSITIONS = ("none", "learned", "sinusoidal", "concatenated", "rope", "alibi", "relative")
ATTENTIONS = ("fused", "naive", "window", "linear")


@dataclass(frozen=True)
class GPTConfig:
    """The size and the parts of a GPT. Raises InputError for inconsistent values."""

    vocabulary: int
    """Number of different tokens."""
    layers: int
    heads: int
    width: int
    """Of the hidden states, all heads together."""
    block: int
    """Context length in training, in tokens."""
    longest: int
    """Largest context length in use; only a learned table is limited to it."""
    positions: str = "rope"
    """The position encoding, one of POSITIONS."""
    attention: str = "fused"
    """One of ATTENTIONS."""
    window: int = 0
    """Tokens that a token attends to, itself included, where attention is `window`."""
    mlp_layers: int = 1
    """Hidden layers of an MLP; the number of its weights does not depend on it."""

    def __post_init__(self) -> None:
        check(vars(self))

    def mask_shapes(self, batch: int, length: int) -> dict[str, tuple[int, ...]]:
        """Site -> shape of its dropout mask: the embedding, and the output of every branch."""
        sites = ["embed"]
        sites += [f"{part} {i}" for i in range(self.layers) for part in ("attention", "mlp")]
        return dict.fromkeys(sites, (batch, length, self.width))


def check(config: Mapping[str, Any]) -> None:
    """Raise InputError for inconsistent `width`, `heads`, `positions`, `attention`, `window`."""
    width, heads = config["width"], config["heads"]
    attention, positions = config["attention"], config["positions"]
    if width % heads:
        raise InputError(f"a width of {width} cannot be divided among {heads} heads")
    if positions not in POSITIONS:
        raise InputError(unknown("position encoding", positions, POSITIONS))
    if attention not in ATTENTIONS:
        raise InputError(unknown("attention", attention, ATTENTIONS))
    if positions == "rope" and (width // heads) % 2:
        raise InputError(
            f"rope rotates pairs of coordinates and needs an even head width; "
            f"{width} / {heads} = {width // heads}"
        )
    if attention == "window" and config["window"] < 1:
        raise InputError(f"window: expected 1 token or more, found {config['window']}")
    if attention == "linear" and positions == "rope":
        raise InputError(
            "rope encodes no relative position in linear attention, which applies φ to the rotated "
            "queries and keys"
        )
    if attention in ("window", "linear") and positions in ("alibi", "relative"):
        raise InputError(f"{attention} attention has no scores to which {positions} could add")
