"""Continuing a text with a GPT: how the next token is drawn, and the loop around it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from inductive.errors import InputError
from inductive.nn.gpt import GPT, Cache


@dataclass(frozen=True)
class Sampling:
    """How the next token is drawn."""

    temperature: float = 1.0
    """Logits are divided by it; 0 takes the likeliest token (greedy)."""
    top_k: int | None = None
    """Only so many of the likeliest tokens."""
    top_p: float | None = None
    """Only the likeliest tokens that together have this probability (Holtzman et al. 2020)."""

    def check(self) -> None:
        """Raise InputError for settings that cannot be meant."""
        if not (self.temperature >= 0 and math.isfinite(self.temperature)):
            found = f"{self.temperature:g}"
            raise InputError(f"temperature: expected 0 (greedy) or more, found {found}")
        if self.top_k is not None and self.top_p is not None:
            raise InputError(
                f"top-k and top-p: give one of them, found {self.top_k} and {self.top_p:g}"
            )
        if self.top_k is not None and self.top_k < 1:
            raise InputError(f"top-k: expected 1 or more, found {self.top_k}")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise InputError(f"top-p: expected more than 0 and at most 1, found {self.top_p:g}")

    def probabilities(self, logits: Tensor) -> Tensor:
        """(..., V) -> (..., V): what the next token is drawn from.

        Of tokens that are equally likely, those with lower numbers are kept first.
        """
        if self.temperature > 0:  # near 0 a quotient must neither overflow nor be 0 / 0
            below = (logits - logits.max(-1, keepdim=True).values).double()
            logits = (below / self.temperature).clamp(min=-1e30).to(logits)
        if self.temperature > 0 and self.top_k is None and self.top_p is None:
            return logits.softmax(-1)
        ranked, order = logits.sort(dim=-1, descending=True, stable=True)
        if self.temperature == 0:
            chosen = torch.zeros_like(ranked)
            chosen[..., 0] = 1
        else:
            chosen = ranked.softmax(-1)
            if self.top_k is not None:
                chosen[..., self.top_k :] = 0
            if self.top_p is not None:  # the token that crosses the threshold is kept
                chosen[chosen.cumsum(-1) - chosen >= self.top_p] = 0
            chosen = chosen / chosen.sum(-1, keepdim=True)
        return torch.zeros_like(chosen).scatter(-1, order, chosen)


@torch.inference_mode()
def continuations(
    model: GPT,
    prompt: Tensor,
    sampling: Sampling,
    generator: torch.Generator,
    *,
    cached: bool = True,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Endlessly the next tokens (B,), and the entropy (B,) in bits of the model's own prediction.

    `prompt` is (B, T), T at least 1. A context that has grown to the model's block is cut to its
    last half, with or without a cache, so both see the same context at every step and give the same
    text.
    """
    block = model.shape.block
    context = fresh = prompt[:, -block:]
    cache = Cache(block)
    while True:
        logits = (model(fresh, cache=cache) if cached else model(context))[:, -1]
        full = logits.log_softmax(-1)
        entropy = -(full.exp() * full).sum(-1) / math.log(2)
        weights = sampling.probabilities(logits)
        token = torch.multinomial(weights, 1, generator=generator)
        yield token[:, 0], entropy
        context = torch.cat([context, token], dim=1)
        fresh = token
        if context.shape[1] > block:
            context = fresh = context[:, -max(1, block // 2) :]
            cache = Cache(block)


def continue_text(
    model: GPT,
    prompt: Tensor,
    length: int,
    sampling: Sampling,
    generator: torch.Generator,
    *,
    cached: bool = True,
) -> tuple[Tensor, Tensor]:
    """`length` tokens (B, length) that continue a prompt (B, T), and their entropies."""
    drawn = continuations(model, prompt, sampling, generator, cached=cached)
    steps = [next(drawn) for _ in range(length)]
    return torch.stack([s[0] for s in steps], 1), torch.stack([s[1] for s in steps], 1)
