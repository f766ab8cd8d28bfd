"""Position codes: what tells attention where a token stands, one short class each.

A code acts at three places, of which most leave two alone: on the embedded tokens (`embed`), on
queries and keys (`rotate`), and on the scores (`bias`). Places count from 0.
"""

import math

import torch
from torch import Tensor, nn

from inductive.errors import InputError


class NoPositions(nn.Module):
    """Nothing says where a token stands but the causal mask."""

    def __init__(self, width: int, heads: int, longest: int) -> None:
        super().__init__()
        self.width, self.heads, self.longest = width, heads, longest

    @property
    def token_width(self) -> int:
        """How much of the width is left for what a token is."""
        return self.width

    def embed(self, tokens: Tensor, places: Tensor) -> Tensor:
        """(B, T, token_width), (T,) -> (B, T, width)."""
        return tokens

    def angles(self, places: Tensor) -> Tensor | None:
        """(T,) -> what `rotate` turns by, (T, d / 2) complex of size 1, or nothing."""
        return None

    def rotate(self, x: Tensor, turn: Tensor | None) -> Tensor:
        """Queries or keys (B, H, T, d) -> the same shape. `turn` is from `angles`."""
        return x

    def bias(self, queries: Tensor, keys: Tensor) -> Tensor | None:
        """(Tq,), (Tk,) -> what is added to the scores, (H, Tq, Tk), or nothing."""
        return None


class Learned(NoPositions):
    """x_i + p_i with a learned row p_i for each of `longest` places.

    Rows beyond the length that is trained with keep their random initial values.
    """

    def __init__(self, width: int, heads: int, longest: int) -> None:
        super().__init__(width, heads, longest)
        self.table = nn.Parameter(0.02 * torch.randn(longest, width))

    def embed(self, tokens: Tensor, places: Tensor) -> Tensor:
        """Raises InputError beyond the table."""
        last = int(places.max())
        if last >= self.longest:
            raise InputError(
                f"learned positions: a table of {self.longest} places has none for place {last}"
            )
        return tokens + self.table[places]


class Sinusoidal(NoPositions):
    """x_i √width + e_i with e_i[2k] = sin(i 10000^(-2k/width)), e_i[2k + 1] its cosine.

    Vaswani et al. 2017. The factor keeps tokens, whose weights start small, audible beside e_i.
    """

    def embed(self, tokens: Tensor, places: Tensor) -> Tensor:
        return tokens * math.sqrt(self.width) + sinusoid(places, self.width).to(tokens)


class Concatenated(NoPositions):
    """[x_i √width; e_i]: half the width for the token, half for its sinusoid."""

    @property
    def token_width(self) -> int:
        return self.width - self.width // 2

    def embed(self, tokens: Tensor, places: Tensor) -> Tensor:
        code = sinusoid(places, self.width // 2).to(tokens)
        tokens = tokens * math.sqrt(self.width)
        return torch.cat([tokens, code.expand(*tokens.shape[:-1], -1)], dim=-1)


class Rotary(NoPositions):
    """RoPE (Su et al. 2021): coordinates 2k, 2k + 1 of q and k turn by i 10000^(-2k/d).

    A score of places i and j then depends on i - j only. The head width d must be even.
    """

    def angles(self, places: Tensor) -> Tensor:
        angle = angles(places, self.width // self.heads)
        return torch.polar(torch.ones_like(angle), angle)

    def rotate(self, x: Tensor, turn: Tensor | None) -> Tensor:
        assert turn is not None
        # A pair is a complex number: one product each way, where sines and cosines take four.
        wide = x.float() if x.dtype in (torch.bfloat16, torch.float16) else x
        turned = torch.view_as_complex(wide.unflatten(-1, (-1, 2)).contiguous()) * turn
        return torch.view_as_real(turned).flatten(-2).to(x.dtype)


class Alibi(NoPositions):
    """ALiBi (Press et al. 2022): -m_h (i - j) added to the score of i and j.

    The slope of head h of H, counted from 1, is m_h = 2^(-8h/H).
    """

    def bias(self, queries: Tensor, keys: Tensor) -> Tensor:
        heads = torch.arange(1, self.heads + 1, device=queries.device)
        slopes = 2.0 ** (-8.0 * heads / self.heads)
        distance = (queries[:, None] - keys).clamp(min=0)
        return -slopes[:, None, None] * distance


class Relative(NoPositions):
    """b_h[i - j], learned for each head and distance, added to the score (Raffel et al. 2020).

    Its table ends where training does: longer distances share the last number.
    """

    def __init__(self, width: int, heads: int, longest: int) -> None:
        super().__init__(width, heads, longest)
        self.table = nn.Parameter(torch.zeros(heads, longest))

    def bias(self, queries: Tensor, keys: Tensor) -> Tensor:
        distance = (queries[:, None] - keys).clamp(0, self.longest - 1)
        return self.table[:, distance]


POSITIONS: dict[str, type[NoPositions]] = {
    "none": NoPositions,
    "learned": Learned,
    "sinusoidal": Sinusoidal,
    "concatenated": Concatenated,
    "rope": Rotary,
    "alibi": Alibi,
    "relative": Relative,
}


def positions(name: str, width: int, heads: int, block: int, longest: int) -> NoPositions:
    """A position code by name, for training up to `block` places and use up to `longest`."""
    return POSITIONS[name](width, heads, block if name == "relative" else longest)


def angles(places: Tensor, width: int) -> Tensor:
    """(T,) -> (T, width / 2) float32: place i times 10000^(-2k/width)."""
    k = torch.arange(0, width - width % 2, 2, device=places.device)
    return places[:, None] * torch.exp(-math.log(10000.0) / width * k)


def sinusoid(places: Tensor, width: int) -> Tensor:
    """(T,) -> (T, width): sines and cosines in turn; an odd width ends with a zero."""
    angle = angles(places, width)
    code = torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(-2)
    return nn.functional.pad(code, (0, width % 2))
