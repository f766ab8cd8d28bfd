"""A small GPT: the decoder of Vaswani et al. 2017 (arXiv:1706.03762) with later refinements.

RMSNorm before each part, tanh-GELU, no biases, and an output layer whose weights are not those of
the token embedding.
"""

import math
from itertools import pairwise
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inductive.nn.attention import (
    fused_attention,
    linear_attention,
    naive_attention,
    quadratic_attention,
    window_attention,
)
from inductive.nn.gpt_config import GPTConfig
from inductive.nn.positions import PositionEncoding, make_encoding


class KVCache:
    """Keys and values of all earlier tokens, per layer, for at most `capacity` tokens."""

    def __init__(self, capacity: int) -> None:
        self.capacity, self.length = capacity, 0
        self._stored: dict[int, tuple[Tensor, Tensor]] = {}

    def extend(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Append a layer's keys and values of n new tokens, (B, heads, n, d) each.

        Returns those of all tokens, (B, heads, length + n, d). The caller adds n to `length` once
        all layers are extended.
        """
        if layer not in self._stored:
            shape = (*k.shape[:-2], self.capacity, k.shape[-1])
            self._stored[layer] = k.new_empty(shape), v.new_empty(shape)
        end = self.length + k.shape[-2]
        for stored, new in zip(self._stored[layer], (k, v), strict=True):
            stored[..., self.length : end, :] = new
        keys, values = self._stored[layer]
        return keys[..., :end, :], values[..., :end, :]


class PositionInputs(NamedTuple):
    """A position encoding, and its rotation and bias for the current positions."""

    encoding: PositionEncoding
    rotation: Tensor | None  # (T, head_dim / 2) complex
    bias: Tensor | None  # (heads, T, tokens with those in the cache)


class GPT(nn.Module):
    """Tokens -> logits of the next token at every position."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.config = config
        width = config.width
        self.positions = make_encoding(
            config.positions, width, config.heads, config.block, config.longest
        )
        self.tokens = nn.Embedding(config.vocabulary, self.positions.token_width)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm = nn.RMSNorm(width)
        self.output = nn.Linear(width, config.vocabulary, bias=False)
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
        for name, weight in self.named_parameters():
            # The outputs of 2 * layers branches are added up; this keeps the size of their sum
            # independent of the number of layers.
            if name.endswith("out_proj.weight"):
                nn.init.normal_(weight, std=0.02 / math.sqrt(2 * config.layers))

    def forward(
        self, tokens: Tensor, masks: dict[str, Tensor] | None = None, cache: KVCache | None = None
    ) -> Tensor:
        """(B, T) int64 -> (B, T, vocabulary).

        `masks` are dropout masks (see `GPTConfig.mask_shapes`). With a `cache`, the tokens follow
        those that it holds, and are added to it.
        """
        masks = masks or {}
        past = cache.length if cache else 0
        key_positions = torch.arange(past + tokens.shape[-1], device=tokens.device)
        positions = key_positions[past:]
        inputs = PositionInputs(
            self.positions,
            self.positions.rotation(positions),
            self.positions.bias(positions, key_positions),
        )
        x = self.positions.embed(self.tokens(tokens), positions)  # (B, T, width)
        x = x * masks["embed"] if masks else x
        for i, block in enumerate(self.blocks):
            x = block(x, inputs, i, cache, masks)
        if cache:
            cache.length += tokens.shape[-1]
        logits: Tensor = self.output(self.norm(x))
        return logits


class Block(nn.Module):
    """x + attention(norm(x)), then x + mlp(norm(x))."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.attention_norm, self.mlp_norm = nn.RMSNorm(config.width), nn.RMSNorm(config.width)
        self.attention = Attention(config)
        self.mlp = MLP(config.width, config.mlp_layers)

    def forward(
        self,
        x: Tensor,
        inputs: PositionInputs,
        layer: int,
        cache: KVCache | None,
        masks: dict[str, Tensor],
    ) -> Tensor:
        """(B, T, width) -> (B, T, width)."""
        attended: Tensor = self.attention(self.attention_norm(x), inputs, layer, cache)
        x = x + (attended * masks[f"attention {layer}"] if masks else attended)
        mixed: Tensor = self.mlp(self.mlp_norm(x))
        return x + (mixed * masks[f"mlp {layer}"] if masks else mixed)


class Attention(nn.Module):
    """Causal multi-head self-attention."""

    def __init__(self, config: GPTConfig) -> None:
        super().__init__()
        self.config = config
        self.qkv = nn.Linear(config.width, 3 * config.width, bias=False)
        self.out_proj = nn.Linear(config.width, config.width, bias=False)

    def forward(
        self, x: Tensor, inputs: PositionInputs, layer: int, cache: KVCache | None
    ) -> Tensor:
        """(B, T, width) -> (B, T, width)."""
        encoding, rotation, bias = inputs
        q, k, v = (  # (B, heads, T, head_dim)
            part.unflatten(-1, (self.config.heads, -1)).transpose(-2, -3)
            for part in self.qkv(x).chunk(3, dim=-1)
        )
        q, k = encoding.rotate(q, rotation), encoding.rotate(k, rotation)
        if cache is not None:
            k, v = cache.extend(layer, k, v)
        if q.is_cpu and torch.is_autocast_enabled("cpu"):
            # On a CPU the fused kernel's backward pass is four times slower in bfloat16.
            with torch.autocast("cpu", enabled=False):
                heads = self._attend(q.float(), k.float(), v.float(), bias)
        else:
            heads = self._attend(q, k, v, bias)
        out: Tensor = self.out_proj(heads.transpose(-2, -3).flatten(-2))
        return out

    def _attend(self, q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None) -> Tensor:
        """q (B, heads, n, head_dim), k and v (B, heads, m, head_dim), m >= n -> as q."""
        form, n, m = self.config.attention, q.shape[-2], k.shape[-2]
        if form == "linear":
            linear = linear_attention if n == m else quadratic_attention
            return linear(q, k, v, causal=True)
        if form == "window" and n == m:
            return window_attention(q, k, v, width=self.config.window, causal=True)
        if form == "window":  # the last n tokens after those in a cache
            position = torch.arange(m, device=q.device)
            far = position[m - n :, None] - position >= self.config.window
            bias = torch.zeros(n, m, device=q.device).masked_fill(far, -torch.inf)
        softmax = naive_attention if form == "naive" else fused_attention
        return softmax(q, k, v, bias, causal=True)


class MLP(nn.Module):
    """An MLP with about the 8 width² weights of one hidden layer of four times the width.

    With D hidden layers of h units, 2 width h + (D - 1) h² = 8 width² gives h.
    """

    def __init__(self, width: int, hidden_layers: int) -> None:
        super().__init__()
        d = hidden_layers - 1
        ratio = 4.0 if d == 0 else (math.sqrt(1 + 8 * d) - 1) / d
        sizes = [width, *[round(ratio * width)] * hidden_layers]
        self.hidden = nn.ModuleList(nn.Linear(*pair, bias=False) for pair in pairwise(sizes))
        self.out_proj = nn.Linear(sizes[-1], width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(..., width) -> (..., width)."""
        for layer in self.hidden:
            x = F.gelu(layer(x), approximate="tanh")
        out: Tensor = self.out_proj(x)
        return out
