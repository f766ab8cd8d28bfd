"""InfoNCE against a plain loop and its limits, and what measures an embedding."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from inductive.nn.info_nce import alignment_loss, info_nce, row_sums
from inductive.nn.simclr import SimCLR
from inductive.nn.views import NUMBERS, random_views
from inductive.studies.contrastive_probe import _shape, effective_rank


def by_loop(z: Tensor, temperature: float) -> Tensor:
    count, losses = len(z), []
    for i in range(count):
        partner = (i + count // 2) % count
        scores = {
            k: F.cosine_similarity(z[i], z[k], dim=0) / temperature for k in range(count) if k != i
        }
        total = torch.stack([s.exp() for s in scores.values()]).sum()
        losses.append(-(scores[partner].exp() / total).log())
    return torch.stack(losses).mean()


@pytest.mark.parametrize("temperature", [0.1, 0.5, 2.0])
def test_info_nce_equals_the_loop_in_value_and_gradient(temperature: float) -> None:
    z = torch.randn(12, 5, dtype=torch.float64, requires_grad=True)
    loss, expected = info_nce(z, temperature)[0], by_loop(z, temperature)
    torch.testing.assert_close(loss, expected, rtol=0, atol=1e-6)
    ours, theirs = (torch.autograd.grad(value, z)[0] for value in (loss, expected))
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-6)


def test_members_do_not_mix() -> None:
    z = torch.randn(3, 8, 4)
    together = info_nce(z, 0.3)[0]
    torch.testing.assert_close(together, torch.stack([info_nce(one, 0.3)[0] for one in z]))


def test_limits() -> None:
    z = torch.ones(10, 4)
    torch.testing.assert_close(info_nce(z, 0.5)[0], torch.tensor(math.log(9)))  # all the same
    views = torch.eye(5).repeat(2, 1)  # positives equal, negatives orthogonal
    loss, found = info_nce(views, 0.1)
    torch.testing.assert_close(loss, torch.tensor(math.log(1 + 8 * math.exp(-10))))
    assert found == 5
    torch.testing.assert_close(alignment_loss(views), torch.tensor(0.0))
    # T → 0: what is left is the gap to the hardest negative.
    z = torch.randn(8, 3, dtype=torch.float64)
    cosines = F.normalize(z, dim=1) @ F.normalize(z, dim=1).T
    gaps = []
    for i in range(8):
        others = [k for k in range(8) if k != i]
        gaps.append(max(cosines[i, k] for k in others) - cosines[i, (i + 4) % 8])
    cold = 1e-4
    torch.testing.assert_close(
        cold * info_nce(z, cold)[0], torch.stack(gaps).mean(), rtol=1e-3, atol=1e-3
    )


def test_scale_does_not_matter() -> None:
    z = torch.randn(10, 6)
    torch.testing.assert_close(info_nce(z, 0.2)[0], info_nce(7 * z, 0.2)[0])


def test_a_softmax_for_each_pair_sums_to_one_and_a_common_one_does_not() -> None:
    alone, all_together = row_sums(torch.randn(20, 4), 0.3)
    torch.testing.assert_close(alone, torch.tensor(1.0))
    assert all_together < 0.2


def test_rank_and_cosines_of_known_embeddings() -> None:
    assert effective_rank(torch.ones(30, 8)).item() == pytest.approx(1)
    assert effective_rank(torch.eye(8).repeat(4, 1)).item() == pytest.approx(8)
    shape = _shape(torch.eye(6, dtype=torch.float64).repeat(2, 1))
    assert shape["cosine of positives"].item() == pytest.approx(1)
    assert shape["cosine of negatives"].item() == pytest.approx(0)
    assert shape["alignment"].item() == pytest.approx(0)
    assert shape["uniformity"].item() == pytest.approx(-4)  # all distances are √2


def test_views_are_a_function_of_their_numbers() -> None:
    images, chance = torch.rand(6, 3, 16, 16), torch.rand(6, NUMBERS)
    views = random_views(images, chance, rotation=True)
    assert views.shape == images.shape
    assert views.min() >= 0
    assert views.max() <= 1
    torch.testing.assert_close(random_views(images, chance, rotation=True), views)
    alone = random_views(images[2:3], chance[2:3], rotation=True)
    torch.testing.assert_close(alone, views[2:3])
    still = torch.full((6, NUMBERS), 0.5)  # no shift, mirror, change of colour or blur
    still[:, 0] = 1.0  # the whole picture
    torch.testing.assert_close(
        random_views(images, still, rotation=False), images, rtol=0, atol=1e-5
    )
    turned = still.clone()
    turned[:, 4] = 0.25
    found = random_views(images, turned, rotation=True)
    quarter = [images.rot90(k, (2, 3)) for k in (1, 3)]
    assert min((found - q).abs().max().item() for q in quarter) < 1e-4


def test_encoder_is_what_the_head_reads() -> None:
    net, x = SimCLR(channels=3, projection=7), torch.rand(4, 3, 32, 32)
    assert net.encode(x).shape == (4, 128)
    torch.testing.assert_close(net(x), net.projection(F.relu(net.hidden(net.encode(x)))))
    alone = torch.cat([net(one[None]) for one in x])  # no image depends on its batch
    torch.testing.assert_close(net(x), alone, rtol=1e-4, atol=1e-5)
