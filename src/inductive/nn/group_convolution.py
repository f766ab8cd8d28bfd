"""Group convolutions (Cohen and Welling 2016, arXiv:1602.07576) on p4 and p4m, exactly equivariant.

A feature map on a group has, at every position, one value per point element of the group: the four
quarter turns (p4), or those and their mirror images (p4m). Every filter is applied in all of these
orientations, so that rotating the input rotates the output and permutes the elements. Nothing is
interpolated: equivariance holds up to rounding.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from inductive.core.errors import InputError, unknown

QUARTER_TURN = np.array([[0, -1], [1, 0]])  # of coordinates (x right, y up)
MIRROR = np.array([[-1, 0], [0, 1]])


def group_elements(group: str) -> list[np.ndarray]:
    """The point elements of `z2`, `p4` or `p4m`: 2x2 matrices, turns before mirrored turns.

    InputError for any other group.
    """
    turns = [np.linalg.matrix_power(QUARTER_TURN, k) for k in range(4)]
    groups = {"z2": turns[:1], "p4": turns, "p4m": turns + [turn @ MIRROR for turn in turns]}
    if group not in groups:
        raise InputError(unknown("group", group, groups))
    return groups[group]


def group_order(group: str) -> int:
    """The number of point elements of a group: 1, 4 or 8."""
    return len(group_elements(group))


def _index(group: str, element: np.ndarray) -> int:
    return next(i for i, e in enumerate(group_elements(group)) if (e == element).all())


def _source_pixels(size: int, element: np.ndarray) -> np.ndarray:
    """(size * size,): which pixel of a square `element` moves to each pixel, flat indices."""
    middle = (size - 1) / 2
    row, column = np.mgrid[:size, :size]
    positions = np.stack([column.ravel() - middle, middle - row.ravel()])  # x right, y up
    x, y = np.linalg.inv(element) @ positions
    pixels: np.ndarray = np.rint(middle - y).astype(int) * size + np.rint(x + middle).astype(int)
    return pixels


def group_transform(maps: Tensor, group: str, element: int, on_group: bool = True) -> Tensor:
    """The feature map after its input is moved by the group's element of that index.

    (B, channels * |group|, s, s), channels slowest, or (B, channels, s, s) where not `on_group`;
    the same shape comes back.
    """
    size, h = maps.shape[-1], group_elements(group)[element]
    moved = maps.flatten(2)[:, :, torch.from_numpy(_source_pixels(size, h))].view(maps.shape)
    if not on_group:
        return moved
    source = [_index(group, np.rint(np.linalg.inv(h) @ g)) for g in group_elements(group)]
    permuted: Tensor = moved.unflatten(1, (-1, group_order(group)))[:, :, source].flatten(1, 2)
    return permuted


class GroupConv2d(nn.Module):
    """(f * ψ)(h, t) = Σ_g,y f(g, y) ψ(h⁻¹g, h⁻¹(y - t)), the correlation on a group. Stride 1.

    `group` is `z2`, `p4` or `p4m`. `lifting`: the input is an image, without group elements. As in
    `nn.Conv2d`, weights and biases start uniform within 1 / √(inputs of one output).
    """

    index: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        *,
        group: str,
        lifting: bool = False,
        padding: int = 0,
    ) -> None:
        super().__init__()
        self.group, self.padding = group, padding
        self.order, self.order_in = group_order(group), 1 if lifting else group_order(group)
        self.weight = nn.Parameter(
            torch.empty(out_channels, in_channels, self.order_in, kernel_size, kernel_size)
        )
        self.bias = nn.Parameter(torch.empty(out_channels))
        bound = 1 / math.sqrt(in_channels * self.order_in * kernel_size**2)
        nn.init.uniform_(self.weight, -bound, bound)
        nn.init.uniform_(self.bias, -bound, bound)
        index = torch.from_numpy(self._poses(kernel_size))
        self.register_buffer("index", index, persistent=False)

    def _poses(self, size: int) -> np.ndarray:
        """(order * order_in * size * size,): the source of each weight in every orientation."""
        poses = []
        for h in group_elements(self.group):
            pixels = _source_pixels(size, h)
            for g in group_elements(self.group)[: self.order_in]:
                inner = np.rint(np.linalg.inv(h) @ g)
                source = _index(self.group, inner) if self.order_in > 1 else 0
                poses.append(source * size * size + pixels)
        return np.concatenate(poses)

    def filters(self) -> Tensor:
        """(out * order, in * order_in, k, k): every filter in every orientation."""
        out, into, _, k, _ = self.weight.shape
        if self.order == 1:
            return self.weight[:, :, 0]
        bank = self.weight.flatten(2).index_select(2, self.index)
        bank = bank.view(out, into, self.order, self.order_in, k, k).transpose(1, 2)
        return bank.reshape(out * self.order, into * self.order_in, k, k)

    def forward(self, x: Tensor) -> Tensor:
        """(B, in * order_in, s, s) -> (B, out * order, s', s'), channels slowest."""
        filters, bias = self.filters(), self.bias.repeat_interleave(self.order)
        if self.padding == 0 and x.shape[1:] == filters.shape[1:]:
            # One output position: a matrix product takes a third of the time.
            return F.linear(x.flatten(1), filters.flatten(1), bias)[..., None, None]
        return F.conv2d(x, filters, bias, padding=self.padding)


def group_pool(maps: Tensor, group: str) -> Tensor:
    """The largest value over all elements: (B, channels * |group|, ...) -> (B, channels, ...)."""
    largest: Tensor = maps.unflatten(1, (-1, group_order(group))).amax(2)
    return largest
