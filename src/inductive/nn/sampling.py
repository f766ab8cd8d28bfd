"""Generating text with a GPT: how the next token is drawn, and the generation loop."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from inductive.core.errors import InputError
from inductive.nn.gpt import GPT, KVCache


@dataclass(frozen=True)
class Sampling:
    """How the next token is drawn."""

    temperature: float = 1.0
    """Logits are divided by it; 0 takes the most probable token (greedy)."""
    top_k: int | None = None
    """Draw only from this number of the most probable tokens."""
    top_p: float | None = None
    """Draw only from the most probable tokens that together reach this probability (nucleus
    sampling, Holtzman et al. 2020, arXiv:1904.09751)."""

    def check(self) -> None:
        """Raise InputError for a value out of range, or where both top-k and top-p are given."""
        if not (self.temperature >= 0 and math.isfinite(self.temperature)):
            raise InputError(
                f"temperature: expected 0 (greedy) or more, found {self.temperature:g}"
            )
        if self.top_k is not None and self.top_p is not None:
            raise InputError(
                f"top-k and top-p: give one of them, found {self.top_k} and {self.top_p:g}"
            )
        if self.top_k is not None and self.top_k < 1:
            raise InputError(f"top-k: expected 1 or more, found {self.top_k}")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise InputError(f"top-p: expected more than 0 and at most 1, found {self.top_p:g}")

    def probabilities(self, logits: Tensor) -> Tensor:
        """(..., V) -> (..., V): the distribution that the next token is drawn from.

        Among equally probable tokens, those with lower indices are kept first.
        """
        if self.temperature > 0:  # near 0 a quotient must neither overflow nor be 0 / 0
            below = (logits - logits.max(-1, keepdim=True).values).double()
            logits = (below / self.temperature).clamp(min=-1e30).to(logits)
        if self.temperature > 0 and self.top_k is None and self.top_p is None:
            return logits.softmax(-1)
        ranked, order = logits.sort(dim=-1, descending=True, stable=True)
        if self.temperature == 0:
            weights = torch.zeros_like(ranked)
            weights[..., 0] = 1
        else:
            weights = ranked.softmax(-1)
            if self.top_k is not None:
                weights[..., self.top_k :] = 0
            if self.top_p is not None:  # the token that crosses the threshold is kept
                weights[weights.cumsum(-1) - weights >= self.top_p] = 0
            weights = weights / weights.sum(-1, keepdim=True)
        return torch.zeros_like(weights).scatter(-1, order, weights)


@torch.inference_mode()
def continuations(
    model: GPT,
    prompt: Tensor,
    sampling: Sampling,
    generator: torch.Generator,
    *,
    cached: bool = True,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield without end the next tokens (B,) and the entropy (B,) of the prediction, in bits.

    `prompt` is (B, T) with T of at least 1. The entropy is that of the softmax of the logits,
    before `sampling` changes them. A context that grows beyond the model's block is cut to the
    last half of a block, with or without a cache, so both see the same context at every step and
    give the same text.
    """
    block = model.config.block
    context = new = prompt[:, -block:]
    cache = KVCache(block)
    while True:
        logits = (model(new, cache=cache) if cached else model(context))[:, -1]
        log_probabilities = logits.log_softmax(-1)
        entropy = -(log_probabilities.exp() * log_probabilities).sum(-1) / math.log(2)
        token = torch.multinomial(sampling.probabilities(logits), 1, generator=generator)
        yield token[:, 0], entropy
        context = torch.cat([context, token], dim=1)
        new = token
        if context.shape[1] > block:
            context = new = context[:, -max(1, block // 2) :]
            cache = KVCache(block)


def continue_text(
    model: GPT,
    prompt: Tensor,
    length: int,
    sampling: Sampling,
    generator: torch.Generator,
    *,
    cached: bool = True,
) -> tuple[Tensor, Tensor]:
    """The `length` tokens (B, length) that follow a prompt (B, T), and their entropies in bits."""
    stream = continuations(model, prompt, sampling, generator, cached=cached)
    steps = [next(stream) for _ in range(length)]
    return torch.stack([s[0] for s in steps], 1), torch.stack([s[1] for s in steps], 1)
