"""Convolutions that turn with their input (Cohen and Welling 2016): groups p4 and p4m, exactly.

A feature map on a group has, for every position, a value for each of the group's point elements:
the four quarter turns (p4), or those and their mirror images (p4m). A filter is applied in every
one of these poses, so turning the input turns the output and moves its values to other elements;
nothing is interpolated, so this holds to rounding.
"""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

QUARTER_TURN = np.array([[0, -1], [1, 0]])  # of coordinates (x right, y up)
MIRROR = np.array([[-1, 0], [0, 1]])


def elements(group: str) -> list[np.ndarray]:
    """The point elements of a group as 2x2 matrices: turns, then turns of the mirror image."""
    turns = [np.linalg.matrix_power(QUARTER_TURN, k) for k in range(4)]
    return {"z2": turns[:1], "p4": turns, "p4m": turns + [turn @ MIRROR for turn in turns]}[group]


def order(group: str) -> int:
    """How many point elements a group has."""
    return len(elements(group))


def _number(group: str, element: np.ndarray) -> int:
    return next(i for i, e in enumerate(elements(group)) if (e == element).all())


def _moved(size: int, element: np.ndarray) -> np.ndarray:
    """(size * size,): which pixel of a square ends up at each pixel when `element` moves it."""
    middle = (size - 1) / 2
    row, column = np.mgrid[:size, :size]
    places = np.stack([column.ravel() - middle, middle - row.ravel()])  # x right, y up
    x, y = np.linalg.inv(element) @ places
    return np.rint(middle - y).astype(int) * size + np.rint(x + middle).astype(int)


def transform(maps: Tensor, group: str, element: int, on_group: bool = True) -> Tensor:
    """What moving the input by an element of the group does to a feature map.

    (B, channels * |group|, s, s), channels slowest, or (B, channels, s, s) where not `on_group`.
    """
    size, h = maps.shape[-1], elements(group)[element]
    moved = maps.flatten(2)[:, :, torch.from_numpy(_moved(size, h))].view(maps.shape)
    if not on_group:
        return moved
    source = [_number(group, np.rint(np.linalg.inv(h) @ g)) for g in elements(group)]
    return moved.unflatten(1, (-1, order(group)))[:, :, source].flatten(1, 2)


class GroupConv2d(nn.Module):
    """(f * ψ)(h, t) = Σ_g,y f(g, y) ψ(h⁻¹g, h⁻¹(y - t)), the correlation on a group.

    `lifting`: the input is a picture, without group elements. Stride 1. As in `nn.Conv2d`, weights
    and biases start uniform within 1 / √(inputs of one output).
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
        self.order, self.order_in = order(group), 1 if lifting else order(group)
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
        """(order * order_in * size * size,): where each weight of every pose is read from."""
        poses = []
        for h in elements(self.group):
            pixels = _moved(size, h)
            for g in elements(self.group)[: self.order_in]:
                inner = np.rint(np.linalg.inv(h) @ g)
                source = _number(self.group, inner) if self.order_in > 1 else 0
                poses.append(source * size * size + pixels)
        return np.concatenate(poses)

    def filters(self) -> Tensor:
        """(out * order, in * order_in, k, k): every filter in every pose."""
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
            # One position: a matrix product, in a third of the time.
            return F.linear(x.flatten(1), filters.flatten(1), bias)[..., None, None]
        return F.conv2d(x, filters, bias, padding=self.padding)


def group_pool(maps: Tensor, group: str) -> Tensor:
    """(B, channels * |group|, ...) -> (B, channels, ...), the largest value over all elements."""
    return maps.unflatten(1, (-1, order(group))).amax(2)
