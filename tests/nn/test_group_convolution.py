"""Group convolutions against their defining equation."""

from itertools import product

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from inductive.core.errors import InputError
from inductive.nn.group_convolution import (
    GroupConv2d,
    group_elements,
    group_order,
    group_pool,
    group_transform,
)


@pytest.mark.parametrize("group", ["p4", "p4m"])
def test_group_convolution_is_its_defining_sum(group: str) -> None:
    """Σ_g,y f(g, y) ψ(h⁻¹g, h⁻¹(y - t)) by a plain loop over group elements and pixels."""
    torch.manual_seed(0)
    n, size, k = group_order(group), 5, 3
    conv = GroupConv2d(2, 3, k, group=group).double()
    f = torch.rand(1, 2 * n, size, size, dtype=torch.float64)
    out = conv(f).detach().numpy().reshape(3, n, size - k + 1, size - k + 1)
    psi, fs = conv.weight.detach().numpy(), f.numpy().reshape(2, n, size, size)
    elements = group_elements(group)
    expected = np.zeros_like(out)
    for (i, h), o, c, (j, g) in product(
        enumerate(elements), range(3), range(2), enumerate(elements)
    ):
        inner = np.rint(np.linalg.inv(h) @ g)
        source = next(m for m, e in enumerate(elements) if (e == inner).all())
        for row, col in product(range(k), range(k)):
            offset = np.array([col - 1, 1 - row])  # y - t, x right and y up
            x, y = np.rint(np.linalg.inv(h) @ offset).astype(int)
            value = psi[o, c, source, 1 - y, x + 1]
            expected[o, i] += value * fs[c, j, row : row + size - 2, col : col + size - 2]
    expected += conv.bias.detach().numpy()[:, None, None, None]
    np.testing.assert_allclose(out, expected, atol=1e-12)


@pytest.mark.parametrize(("group", "kernel"), list(product(["p4", "p4m"], [1, 3, 4])))
def test_convolutions_are_equivariant(group: str, kernel: int) -> None:
    torch.manual_seed(0)
    lift = GroupConv2d(3, 4, 3, group=group, lifting=True, padding=1)
    conv = GroupConv2d(4, 5, kernel, group=group)
    x = torch.rand(2, 3, 8, 8)
    for element in range(group_order(group)):
        moved = group_transform(x, group, element, on_group=False)
        torch.testing.assert_close(lift(moved), group_transform(lift(x), group, element))
        torch.testing.assert_close(
            conv(lift(moved)), group_transform(conv(lift(x)), group, element), rtol=1e-4, atol=1e-5
        )
        torch.testing.assert_close(
            group_pool(lift(moved), group).amax((2, 3)), group_pool(lift(x), group).amax((2, 3))
        )


def test_the_trivial_group_is_an_ordinary_convolution() -> None:
    conv = GroupConv2d(3, 4, 3, group="z2", lifting=True, padding=1)
    x = torch.rand(2, 3, 8, 8)
    expected = F.conv2d(x, conv.weight[:, :, 0], conv.bias, padding=1)
    torch.testing.assert_close(conv(x), expected)


@pytest.mark.parametrize("group", ["z2", "p4", "p4m"])
def test_a_filter_as_large_as_the_map_is_still_a_convolution(group: str) -> None:
    conv = GroupConv2d(3, 5, 4, group=group)
    x = torch.rand(2, 3 * group_order(group), 4, 4).contiguous(memory_format=torch.channels_last)
    expected = F.conv2d(x, conv.filters(), conv.bias.repeat_interleave(group_order(group)))
    torch.testing.assert_close(conv(x), expected)


def test_an_unknown_group_is_refused() -> None:
    with pytest.raises(InputError, match="unknown group 'p4n'; did you mean 'p4'"):
        GroupConv2d(3, 5, 3, group="p4n")
