"""Random views as functions of their uniform numbers."""

import torch

from inductive.augment.views import NUM_UNIFORMS, random_views


def test_views_are_a_function_of_their_uniforms() -> None:
    images, uniforms = torch.rand(6, 3, 16, 16), torch.rand(6, NUM_UNIFORMS)
    views = random_views(images, uniforms, rotation=True)
    assert views.shape == images.shape
    assert views.min() >= 0
    assert views.max() <= 1
    torch.testing.assert_close(random_views(images, uniforms, rotation=True), views)
    alone = random_views(images[2:3], uniforms[2:3], rotation=True)
    torch.testing.assert_close(alone, views[2:3])
    still = torch.full((6, NUM_UNIFORMS), 0.5)  # no shift, mirror, change of colour or blur
    still[:, 0] = 1.0  # the whole image
    torch.testing.assert_close(
        random_views(images, still, rotation=False), images, rtol=0, atol=1e-5
    )
    turned = still.clone()
    turned[:, 4] = 0.25
    rotated = random_views(images, turned, rotation=True)
    quarter = [images.rot90(k, (2, 3)) for k in (1, 3)]
    assert min((rotated - q).abs().max().item() for q in quarter) < 1e-4
