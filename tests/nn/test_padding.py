"""Padding and padded convolutions against torch's own."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from inductive.core.errors import InputError
from inductive.nn import padding_modes
from inductive.nn.padding import Pad, PaddedConv2d, conv_output_size

MODES = {
    "zeros": "constant",
    "circular": "circular",
    "reflect": "reflect",
    "replicate": "replicate",
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("amount", "size"), [(1, 4), (2, 5), (3, 4), (2, 3)])
def test_pad_equals_torch_in_value_and_gradient(mode: str, amount: int, size: int) -> None:
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
def test_convolution_equals_torch(mode: str, amount: int, stride: int) -> None:
    ours = PaddedConv2d(3, 4, size=9, stride=stride, mode=mode, amount=amount)
    theirs = nn.Conv2d(3, 4, 3, stride, amount, bias=False, padding_mode=mode)
    theirs.weight = ours.conv.weight
    x = torch.randn(2, 3, 9, 9)
    torch.testing.assert_close(ours(x), theirs(x), rtol=1e-5, atol=1e-5)
    assert ours(x).shape[-1] == conv_output_size(9, 3, stride, amount)


@pytest.mark.parametrize("mode", MODES)
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


def test_a_mode_must_not_change_the_image(monkeypatch: pytest.MonkeyPatch) -> None:
    def flipped(position: np.ndarray, size: int) -> np.ndarray:
        return size - 1 - position

    def beyond(position: np.ndarray, size: int) -> np.ndarray:
        return position

    modes = {"flipped": flipped, "beyond": beyond}
    monkeypatch.setattr(padding_modes, "_MODES", modes)
    with pytest.raises(InputError, match="changes the pixels inside"):
        padding_modes.source_positions("flipped", 1, 4)
    with pytest.raises(InputError, match="leaves a row of 4"):
        padding_modes.source_positions("beyond", 2, 4)


def test_a_registered_mode_is_found_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(padding_modes, "_MODES", dict(padding_modes._MODES))

    @padding_modes.padding_mode
    def first_pixel(position: np.ndarray, size: int) -> np.ndarray:
        return np.where((position >= 0) & (position < size), position, 0)

    padded = Pad("first_pixel", 1, 2)(torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]]))
    assert padded[0, 0].tolist() == [[1, 1, 2, 1], [1, 1, 2, 1], [3, 3, 4, 3], [1, 1, 2, 1]]
    with pytest.raises(InputError, match="unknown padding mode 'cirular'; did you mean 'circular'"):
        padding_modes.get_mode("cirular")
