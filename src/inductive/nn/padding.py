"""Convolution with any padding mode of `padding_modes`."""

from typing import Any

import torch
from torch import Tensor, nn

from inductive.nn.padding_modes import OUTSIDE, source_positions


def conv_output_size(size: int, kernel: int, stride: int, padding: int) -> int:
    """floor((size + 2 padding - kernel) / stride) + 1, the side of a convolution's output."""
    return (size + 2 * padding - kernel) // stride + 1


class _Gather(torch.autograd.Function):
    """Pixels of a padded image, each read from its source pixel.

    The backward pass adds the few border pixels to the inner ones, where that of `index_select`
    would scatter the whole image.
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
        inner_grad = grad.index_select(1, inner)
        border_grad = grad.index_select(1, border)
        return inner_grad.index_add_(1, source[border], border_grad), None, None, None


class Pad(nn.Module):
    """Pad the last two dimensions, both of length `size`, by `amount` on every side.

    `mode` is the name of a padding mode; InputError where it is unknown or does not fit `size`.
    """

    source: Tensor  # (padded * padded,): flat index of the source pixel; 0 where there is none
    inner: Tensor  # (size * size,): flat indices of the image inside the padded image
    border: Tensor  # the other indices of the padded image
    inside: Tensor | None  # (padded * padded, 1): 0 where a pixel has no source; None if all have

    def __init__(self, mode: str, amount: int, size: int) -> None:
        super().__init__()
        self.padded = size + 2 * amount
        row = torch.from_numpy(source_positions(mode, amount, size))
        known = row != OUTSIDE
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
        padded: Tensor = _Gather.apply(pixels, self.source, self.inner, self.border)
        if self.inside is not None:
            padded = padded * self.inside
        images: Tensor = padded.unflatten(1, (self.padded, self.padded)).permute(0, 3, 1, 2)
        return images


class PaddedConv2d(nn.Module):
    """A 3x3 convolution without bias whose padding is a mode and an amount.

    `size` is the side of the input, which is square.
    """

    def __init__(
        self, in_channels: int, out_channels: int, *, size: int, stride: int, mode: str, amount: int
    ) -> None:
        super().__init__()
        # `nn.Conv2d` adds zeros without a copy of the image; all other modes take one.
        built_in = mode == "zeros"
        self.pad = Pad(mode, amount, size) if amount and not built_in else nn.Identity()
        self.conv = nn.Conv2d(
            in_channels, out_channels, 3, stride, amount if built_in else 0, bias=False
        )

    def forward(self, x: Tensor) -> Tensor:
        """(B, in, size, size) -> (B, out, o, o), o = conv_output_size(size, 3, stride, amount)."""
        out: Tensor = self.conv(self.pad(x))
        return out
