"""Convolution with any padding mode of `padding_modes`."""

from typing import Any

import torch
from torch import Tensor, nn

from inductive.nn import padding_modes


def conv_output_size(size: int, kernel: int, stride: int, padding: int) -> int:
    """floor((size + 2 padding - kernel) / stride) + 1, the side of a convolution's output."""
    return (size + 2 * padding - kernel) // stride + 1


class _Gather(torch.autograd.Function):
    """Pixels of a padded picture, each read from its source in the picture itself.

    Its own backward pass adds the few border pixels to the inner ones, where that of `index_select`
    would scatter the whole picture.
    """

    generate_vmap_rule = True

    @staticmethod
    def forward(x: Tensor, source: Tensor, inner: Tensor, border: Tensor) -> Tensor:
        return x.index_select(1, source)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        ctx.save_for_backward(*inputs[1:])

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None, None]:
        source, inner, border = ctx.saved_tensors
        own = grad.index_select(1, inner)
        return own.index_add_(1, source[border], grad.index_select(1, border)), None, None, None


class Pad(nn.Module):
    """Pad the last two dimensions, both of length `size`, by `amount` on every side."""

    source: Tensor
    inner: Tensor
    border: Tensor
    inside: Tensor | None

    def __init__(self, mode: str, amount: int, size: int) -> None:
        super().__init__()
        self.padded = size + 2 * amount
        row = torch.from_numpy(padding_modes.source(mode, amount, size))
        known = row != padding_modes.OUTSIDE
        source = (row.clamp(min=0)[:, None] * size + row.clamp(min=0)).flatten()
        is_inner = torch.zeros(self.padded, self.padded, dtype=torch.bool)
        is_inner[amount : amount + size, amount : amount + size] = True
        inside = (known[:, None] & known).flatten()[:, None].float()
        self.register_buffer("source", source, persistent=False)
        self.register_buffer("inner", is_inner.flatten().nonzero()[:, 0], persistent=False)
        self.register_buffer("border", (~is_inner).flatten().nonzero()[:, 0], persistent=False)
        self.register_buffer("inside", None if known.all() else inside, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, size, size) -> (B, C, padded, padded), channels last in memory."""
        pixels = x.permute(0, 2, 3, 1).flatten(1, 2)  # (B, size * size, C)
        padded = _Gather.apply(pixels, self.source, self.inner, self.border)
        if self.inside is not None:
            padded = padded * self.inside
        return padded.unflatten(1, (self.padded, self.padded)).permute(0, 3, 1, 2)


class PaddedConv2d(nn.Module):
    """A convolution without bias whose padding is a mode and an amount."""

    def __init__(
        self, in_channels: int, out_channels: int, *, size: int, stride: int, mode: str, amount: int
    ) -> None:
        super().__init__()
        # Zeros are the one mode that a convolution adds by itself, without a copy of the picture.
        built_in = mode == "zeros"
        self.pad = Pad(mode, amount, size) if amount and not built_in else nn.Identity()
        self.conv = nn.Conv2d(
            in_channels, out_channels, 3, stride, amount if built_in else 0, bias=False
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, in, size, size) -> (B, out, o, o), o = conv_output_size(size, 3, stride, amount)."""
        return self.conv(self.pad(x))
