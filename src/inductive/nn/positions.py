"""Position encodings, which give attention the positions of tokens, one class per encoding.

An encoding can act at three points: on the embedded tokens (`embed`), on queries and keys
(`rotate`), and on the scores (`bias`). Most act at one of them. Positions count from 0.
"""

import math

import torch
from torch import Tensor, nn

from inductive.core.errors import InputError


class PositionEncoding(nn.Module):
    """The base class: every method returns its input unchanged."""

    def __init__(self, width: int, heads: int, longest: int) -> None:
        super().__init__()
        self.width, self.heads, self.longest = width, heads, longest

    @property
    def token_width(self) -> int:
        """The part of the width that the token embedding fills."""
        return self.width

    def embed(self, tokens: Tensor, positions: Tensor) -> Tensor:
        """(B, T, token_width), (T,) -> (B, T, width)."""
        return tokens

    def rotation(self, positions: Tensor) -> Tensor | None:
        """(T,) -> the second argument of `rotate`, (T, head_dim / 2) complex of size 1, or None."""
        return None

    def rotate(self, x: Tensor, rotation: Tensor | None) -> Tensor:
        """Queries or keys (B, heads, T, head_dim) -> the same shape."""
        return x

    def bias(self, queries: Tensor, keys: Tensor) -> Tensor | None:
        """Positions (Tq,), (Tk,) -> what is added to the scores, (heads, Tq, Tk), or None."""
        return None


class NoPositions(PositionEncoding):
    """Only the causal mask depends on the order of the tokens."""


class LearnedPositions(PositionEncoding):
    """x_i + p_i with one learned row p_i for each of `longest` positions.

    Rows beyond the context length of training keep their random initial values.
    """

    def __init__(self, width: int, heads: int, longest: int) -> None:
        super().__init__(width, heads, longest)
        self.table = nn.Parameter(0.02 * torch.randn(longest, width))

    def embed(self, tokens: Tensor, positions: Tensor) -> Tensor:
        """(B, T, width), (T,) -> (B, T, width). InputError for a position beyond the table."""
        last = int(positions.max())
        if last >= self.longest:
            raise InputError(
                f"learned positions: a table of {self.longest} positions has none for "
                f"position {last}"
            )
        return tokens + self.table[positions]


class SinusoidalPositions(PositionEncoding):
    """x_i √width + e_i with e_i[2k] = sin(i 10000^(-2k/width)) and e_i[2k + 1] its cosine.

    Vaswani et al. 2017, arXiv:1706.03762. Token embeddings start small; the factor √width brings
    them to the size of e_i.
    """

    def embed(self, tokens: Tensor, positions: Tensor) -> Tensor:
        """(B, T, width), (T,) -> (B, T, width)."""
        return tokens * math.sqrt(self.width) + sinusoid(positions, self.width).to(tokens)


class ConcatenatedPositions(PositionEncoding):
    """[x_i √width; e_i]: half of the width for the token, half for its sinusoid."""

    @property
    def token_width(self) -> int:
        """The part of the width that the token embedding fills."""
        return self.width - self.width // 2

    def embed(self, tokens: Tensor, positions: Tensor) -> Tensor:
        """(B, T, token_width), (T,) -> (B, T, width)."""
        encoding = sinusoid(positions, self.width // 2).to(tokens)
        tokens = tokens * math.sqrt(self.width)
        return torch.cat([tokens, encoding.expand(*tokens.shape[:-1], -1)], dim=-1)


class RotaryPositions(PositionEncoding):
    """RoPE: coordinates 2k, 2k + 1 of q and k are rotated by i 10000^(-2k/head_dim).

    Su et al. 2021, arXiv:2104.09864. A score of positions i and j then depends only on i - j. The
    head width must be even.
    """

    def rotation(self, positions: Tensor) -> Tensor:
        """(T,) -> (T, head_dim / 2) complex of size 1."""
        angle = angles(positions, self.width // self.heads)
        return torch.polar(torch.ones_like(angle), angle)

    def rotate(self, x: Tensor, rotation: Tensor | None) -> Tensor:
        """Queries or keys (B, heads, T, head_dim) -> the same shape."""
        assert rotation is not None
        # Complex numbers: one product per pair, where sines and cosines take four.
        wide = x.float() if x.dtype in (torch.bfloat16, torch.float16) else x
        rotated = torch.view_as_complex(wide.unflatten(-1, (-1, 2)).contiguous()) * rotation
        return torch.view_as_real(rotated).flatten(-2).to(x.dtype)


class ALiBi(PositionEncoding):
    """-m_h (i - j) added to the score of i and j (Press et al. 2022, arXiv:2108.12409).

    The slope of head h of H, counted from 1, is m_h = 2^(-8h/H).
    """

    def bias(self, queries: Tensor, keys: Tensor) -> Tensor:
        """Positions (Tq,), (Tk,) -> (heads, Tq, Tk)."""
        heads = torch.arange(1, self.heads + 1, device=queries.device)
        slopes = 2.0 ** (-8.0 * heads / self.heads)
        distance = (queries[:, None] - keys).clamp(min=0)
        return -slopes[:, None, None] * distance


class RelativeBias(PositionEncoding):
    """b_h[i - j], learned per head and distance, added to the score of i and j.

    Raffel et al. 2020, arXiv:1910.10683. The table covers the context length of training; longer
    distances share its last entry.
    """

    def __init__(self, width: int, heads: int, longest: int) -> None:
        super().__init__(width, heads, longest)
        self.table = nn.Parameter(torch.zeros(heads, longest))

    def bias(self, queries: Tensor, keys: Tensor) -> Tensor:
        """Positions (Tq,), (Tk,) -> (heads, Tq, Tk)."""
        distance = (queries[:, None] - keys).clamp(0, self.longest - 1)
        return self.table[:, distance]


ENCODINGS: dict[str, type[PositionEncoding]] = {
    "none": NoPositions,
    "learned": LearnedPositions,
    "sinusoidal": SinusoidalPositions,
    "concatenated": ConcatenatedPositions,
    "rope": RotaryPositions,
    "alibi": ALiBi,
    "relative": RelativeBias,
}


def make_encoding(name: str, width: int, heads: int, block: int, longest: int) -> PositionEncoding:
    """An entry of ENCODINGS for contexts of `block` tokens in training, up to `longest` in use."""
    return ENCODINGS[name](width, heads, block if name == "relative" else longest)


def angles(positions: Tensor, width: int) -> Tensor:
    """(T,) -> (T, width / 2) float32: position i times 10000^(-2k/width)."""
    k = torch.arange(0, width - width % 2, 2, device=positions.device)
    return positions[:, None] * torch.exp(-math.log(10000.0) / width * k)


def sinusoid(positions: Tensor, width: int) -> Tensor:
    """(T,) -> (T, width): sine and cosine of each angle in turn; an odd width ends with a zero."""
    angle = angles(positions, width)
    encoding = torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(-2)
    return nn.functional.pad(encoding, (0, width % 2))
