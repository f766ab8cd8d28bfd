"""InfoNCE against a plain loop and its limits."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from inductive.nn.info_nce import alignment_loss, info_nce_loss, row_sums


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
    loss, expected = info_nce_loss(z, temperature)[0], by_loop(z, temperature)
    torch.testing.assert_close(loss, expected, rtol=0, atol=1e-6)
    ours, theirs = (torch.autograd.grad(value, z)[0] for value in (loss, expected))
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-6)


def test_stacked_embeddings_do_not_mix() -> None:
    z = torch.randn(3, 8, 4)
    together = info_nce_loss(z, 0.3)[0]
    torch.testing.assert_close(together, torch.stack([info_nce_loss(one, 0.3)[0] for one in z]))


def test_limits() -> None:
    z = torch.ones(10, 4)
    torch.testing.assert_close(info_nce_loss(z, 0.5)[0], torch.tensor(math.log(9)))  # all the same
    views = torch.eye(5).repeat(2, 1)  # positives equal, negatives orthogonal
    loss, correct = info_nce_loss(views, 0.1)
    torch.testing.assert_close(loss, torch.tensor(math.log(1 + 8 * math.exp(-10))))
    assert correct == 5
    torch.testing.assert_close(alignment_loss(views), torch.tensor(0.0))
    # T → 0: the gap to the hardest negative remains.
    z = torch.randn(8, 3, dtype=torch.float64)
    cosines = F.normalize(z, dim=1) @ F.normalize(z, dim=1).T
    gaps = []
    for i in range(8):
        others = [k for k in range(8) if k != i]
        gaps.append(max(cosines[i, k] for k in others) - cosines[i, (i + 4) % 8])
    cold = 1e-4
    torch.testing.assert_close(
        cold * info_nce_loss(z, cold)[0], torch.stack(gaps).mean(), rtol=1e-3, atol=1e-3
    )


def test_scale_does_not_matter() -> None:
    z = torch.randn(10, 6)
    torch.testing.assert_close(info_nce_loss(z, 0.2)[0], info_nce_loss(7 * z, 0.2)[0])


def test_a_softmax_per_view_sums_to_one_and_one_over_all_pairs_does_not() -> None:
    alone, all_together = row_sums(torch.randn(20, 4), 0.3)
    torch.testing.assert_close(alone, torch.tensor(1.0))
    assert all_together < 0.2
