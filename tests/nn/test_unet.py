"""U-Nets: the receptive field, and nets without skips with the parameters of those with skips."""

import torch

from inductive.nn.unet import UNet, matched_channels, num_parameters, receptive_radius


def test_no_gradient_comes_from_beyond_the_receptive_radius() -> None:
    torch.manual_seed(0)
    net, depth = UNet(channels=2, depth=2, skips=True).double(), 2
    x = torch.rand(1, 1, 96, 96, dtype=torch.float64, requires_grad=True)
    for row in (44, 45, 46, 47, 48):
        (gradient,) = torch.autograd.grad(net(x)[0, 0, row, 48], x)
        seen = gradient[0, 0].abs().sum(1).nonzero()[:, 0]
        assert (seen - row).abs().max() <= receptive_radius(depth)


def test_matched_networks_have_as_many_parameters() -> None:
    for channels, depth in ((8, 3), (16, 3), (32, 4)):
        target = num_parameters(channels, depth, skips=True)
        matched = num_parameters(matched_channels(channels, depth), depth, skips=False)
        assert abs(matched / target - 1) < 0.015
        assert num_parameters(channels, depth, skips=False) < 0.95 * target
