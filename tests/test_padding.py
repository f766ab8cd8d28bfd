"""Padding and the translation networks, against torch's own."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from inductive.errors import InputError
from inductive.nn import padding_modes
from inductive.nn.padding import Pad, PaddedConv2d, conv_output_size
from inductive.nn.translation_nets import NETS

MODES = {
    "zeros": "constant",
    "circular": "circular",
    "reflect": "reflect",
    "replicate": "replicate",
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("amount", "size"), [(1, 4), (2, 5), (3, 4), (2, 3)])
def test_pad_is_torchs_in_value_and_gradient(mode: str, amount: int, size: int) -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 3, size, size, requires_grad=True)
    weight = torch.randn(2, 3, size + 2 * amount, size + 2 * amount)
    ours = Pad(mode, amount, size)(x)
    (gradient,) = torch.autograd.grad((ours * weight).sum(), x)
    theirs = F.pad(x, [amount] * 4, mode=MODES[mode])
    (expected,) = torch.autograd.grad((theirs * weight).sum(), x)
    torch.testing.assert_close(ours, theirs)
    torch.testing.assert_close(gradient, expected)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("amount", [0, 1, 2])
@pytest.mark.parametrize("stride", [1, 2])
def test_convolution_is_torchs(mode: str, amount: int, stride: int) -> None:
    ours = PaddedConv2d(3, 4, size=9, stride=stride, mode=mode, amount=amount)
    theirs = nn.Conv2d(3, 4, 3, stride, amount, bias=False, padding_mode=mode)
    theirs.weight = ours.conv.weight
    x = torch.randn(2, 3, 9, 9)
    torch.testing.assert_close(ours(x), theirs(x), rtol=1e-5, atol=1e-5)
    assert ours(x).shape[-1] == conv_output_size(9, 3, stride, amount)


@pytest.mark.parametrize("mode", ["zeros", "circular", "reflect", "replicate"])
def test_padding_under_vmap(mode: str) -> None:
    pad = Pad(mode, 2, 4)
    x = torch.randn(3, 2, 5, 4, 4)
    torch.testing.assert_close(torch.vmap(pad)(x), torch.stack([pad(one) for one in x]))


@pytest.mark.parametrize("kernel", [1, 3, 5])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("amount", [0, 1, 2])
def test_output_size_formula(kernel: int, stride: int, amount: int) -> None:
    for size in range(kernel, 13):
        out = F.conv2d(
            torch.zeros(1, 1, size, size), torch.zeros(1, 1, kernel, kernel), None, stride, amount
        )
        assert out.shape[-1] == conv_output_size(size, kernel, stride, amount)


@pytest.mark.parametrize(("amount", "side"), [(0, 2), (1, 4), (2, 6)])
def test_last_maps_of_the_course_networks(amount: int, side: int) -> None:
    for net in NETS.values():
        model = net(mode="zeros", amount=amount, size=32)
        assert model.features(torch.zeros(1, 3, 32, 32)).shape == (1, 64, side, side)
        assert model(torch.zeros(5, 3, 32, 32)).shape == (5, 2)


def test_net1_is_invariant_to_circular_shifts_by_its_stride() -> None:
    """With one pixel of circular padding and maps that the strides divide, Net1 forgets a shift."""
    net = NETS["Net1"](mode="circular", amount=1, size=32)
    x = torch.rand(4, 3, 32, 32)
    shifted = torch.roll(x, (8, 16), dims=(2, 3))
    torch.testing.assert_close(net(x), net(shifted), rtol=1e-4, atol=1e-5)
    assert (net(x) - net(torch.roll(x, 3, dims=2))).abs().max() > 1e-4


def test_a_mode_may_not_touch_the_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    def flipped(position: np.ndarray, size: int) -> np.ndarray:
        return size - 1 - position

    def beyond(position: np.ndarray, size: int) -> np.ndarray:
        return position

    modes = {"flipped": flipped, "beyond": beyond}
    monkeypatch.setattr(padding_modes, "_MODES", modes)
    with pytest.raises(InputError, match="changes the pixels inside"):
        padding_modes.source("flipped", 1, 4)
    with pytest.raises(InputError, match="leaves a row of 4"):
        padding_modes.source("beyond", 2, 4)
