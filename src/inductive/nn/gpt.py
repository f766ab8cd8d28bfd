"""A small GPT (Radford et al. 2018), the decoder of Vaswani et al. 2017 with today's small parts.

RMSNorm before each part, tanh-GELU, no biases, an output layer of its own.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inductive.nn import attention
from inductive.nn.positions import NoPositions, positions
from inductive.nn.shapes import check


@dataclass(frozen=True)
class Shape:
    """The numbers of a GPT. `inductive.nn.shapes.check` says which go together."""

    vocabulary: int
    layers: int
    heads: int
    width: int
    block: int
    """Places that it is trained with."""
    longest: int
    """Places that it is used with; only a learned table ends there."""
    positions: str = "rope"
    """One of `inductive.nn.shapes.POSITIONS`."""
    attention: str = "fused"
    """One of `inductive.nn.shapes.ATTENTIONS`."""
    window: int = 0
    """Tokens that a token sees, itself included, where attention is `window`."""
    mlp_layers: int = 1
    """Hidden layers of an MLP; its size stays that of one hidden layer four times as wide."""

    def masks(self, batch: int, length: int) -> dict[str, tuple[int, ...]]:
        """Site -> shape of a dropout mask: on the embedding and on what each branch adds."""
        sites = ["embed"]
        sites += [f"{part} {i}" for i in range(self.layers) for part in ("attention", "mlp")]
        return dict.fromkeys(sites, (batch, length, self.width))


class Cache:
    """Keys and values of the tokens so far, of every layer; there is room for so many tokens."""

    def __init__(self, room: int) -> None:
        self.room, self.length = room, 0
        self._kept: dict[int, tuple[Tensor, Tensor]] = {}

    def extend(self, layer: int, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        """Those of a layer's new tokens (B, H, n, d) after the old ones: (B, H, length + n, d)."""
        if layer not in self._kept:
            shape = (*k.shape[:-2], self.room, k.shape[-1])
            self._kept[layer] = k.new_empty(shape), v.new_empty(shape)
        end = self.length + k.shape[-2]
        for kept, new in zip(self._kept[layer], (k, v), strict=True):
            kept[..., self.length : end, :] = new
        keys, values = self._kept[layer]
        return keys[..., :end, :], values[..., :end, :]


Where = tuple[NoPositions, Tensor | None, Tensor | None]
"""A position code, and what it turns queries and keys by and adds to the scores."""


class GPT(nn.Module):
    """Tokens -> logits of the next one."""

    def __init__(self, shape: Shape) -> None:
        check(vars(shape))
        super().__init__()
        self.shape = shape
        width = shape.width
        self.positions = positions(shape.positions, width, shape.heads, shape.block, shape.longest)
        self.tokens = nn.Embedding(shape.vocabulary, self.positions.token_width)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = nn.RMSNorm(width)
        self.output = nn.Linear(width, shape.vocabulary, bias=False)
        for module in self.modules():
            if isinstance(module, (nn.Linear, nn.Embedding)):
                nn.init.normal_(module.weight, std=0.02)
        for name, weight in self.named_parameters():
            # What each branch adds starts small, so that their sum starts with one size.
            if name.endswith(("project.weight", "mlp.last.weight")):
                nn.init.normal_(weight, std=0.02 / math.sqrt(2 * shape.layers))

    def forward(
        self, tokens: Tensor, masks: dict[str, Tensor] | None = None, cache: Cache | None = None
    ) -> Tensor:
        """(B, T) int64 -> (B, T, vocabulary).

        `masks` are dropout masks (see `Shape.masks`). With a `cache`, tokens follow those that it
        holds, and are added to it.
        """
        drop = masks or {}
        past = cache.length if cache else 0
        there = torch.arange(past + tokens.shape[-1], device=tokens.device)
        places = there[past:]
        turn, bias = self.positions.angles(places), self.positions.bias(places, there)
        x = self.positions.embed(self.tokens(tokens), places)
        x = x * drop["embed"] if drop else x
        for i, layer in enumerate(self.layers):
            x = layer(x, (self.positions, turn, bias), i, cache, drop)
        if cache:
            cache.length += tokens.shape[-1]
        return self.output(self.norm(x))


class Layer(nn.Module):
    """Attention and an MLP, each with its norm."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.first, self.second = nn.RMSNorm(shape.width), nn.RMSNorm(shape.width)
        self.attention = Attention(shape)
        self.mlp = Mlp(shape.width, shape.mlp_layers)

    def forward(
        self,
        x: Tensor,
        where: Where,
        number: int,
        cache: Cache | None,
        drop: dict[str, Tensor],
    ) -> Tensor:
        """(B, T, width) -> (B, T, width)."""
        attended = self.attention(self.first(x), where, number, cache)
        x = x + (attended * drop[f"attention {number}"] if drop else attended)
        mixed = self.mlp(self.second(x))
        return x + (mixed * drop[f"mlp {number}"] if drop else mixed)


class Attention(nn.Module):
    """Causal multi-head self-attention."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.join = nn.Linear(shape.width, 3 * shape.width, bias=False)
        self.project = nn.Linear(shape.width, shape.width, bias=False)

    def forward(self, x: Tensor, where: Where, number: int, cache: Cache | None) -> Tensor:
        """(B, T, width) -> (B, T, width)."""
        code, turn, bias = where
        q, k, v = (
            part.unflatten(-1, (self.shape.heads, -1)).transpose(-2, -3)
            for part in self.join(x).chunk(3, dim=-1)
        )
        q, k = code.rotate(q, turn), code.rotate(k, turn)
        if cache is not None:
            k, v = cache.extend(number, k, v)
        if q.is_cpu and torch.is_autocast_enabled("cpu"):
            # On a CPU the fused kernel's backward pass is four times slower in bfloat16.
            with torch.autocast("cpu", enabled=False):
                heads = self._attend(q.float(), k.float(), v.float(), bias)
        else:
            heads = self._attend(q, k, v, bias)
        return self.project(heads.transpose(-2, -3).flatten(-2))

    def _attend(self, q: Tensor, k: Tensor, v: Tensor, bias: Tensor | None) -> Tensor:
        kind, n, m = self.shape.attention, q.shape[-2], k.shape[-2]
        if kind == "linear":
            form = attention.linear if n == m else attention.quadratic
            return form(q, k, v, causal=True)
        if kind == "window" and n == m:
            return attention.window(q, k, v, width=self.shape.window, causal=True)
        if kind == "window":  # the last tokens, with a cache before them
            place = torch.arange(m, device=q.device)
            far = place[m - n :, None] - place >= self.shape.window
            bias = torch.zeros(n, m, device=q.device).masked_fill(far, -torch.inf)
        form = attention.naive if kind == "naive" else attention.fused
        return form(q, k, v, bias, causal=True)


class Mlp(nn.Module):
    """An MLP with about the 8 width² weights of one hidden layer four times as wide.

    With D hidden layers of h units, 2 width h + (D - 1) h² = 8 width² gives h.
    """

    def __init__(self, width: int, hidden_layers: int) -> None:
        super().__init__()
        d = hidden_layers - 1
        ratio = 4.0 if d == 0 else (math.sqrt(1 + 8 * d) - 1) / d
        sizes = [width, *[round(ratio * width)] * hidden_layers]
        self.hidden = nn.ModuleList(nn.Linear(*pair, bias=False) for pair in pairwise(sizes))
        self.last = nn.Linear(sizes[-1], width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(..., width) -> (..., width)."""
        for layer in self.hidden:
            x = F.gelu(layer(x), approximate="tanh")
        return self.last(x)
