"""Contrastive losses on pairs of views."""

import torch
import torch.nn.functional as F
from torch import Tensor


def similarities(z: Tensor) -> Tensor:
    """(..., n, d) -> the cosines (..., n, n) of all pairs."""
    unit = F.normalize(z, dim=-1)
    return unit @ unit.transpose(-1, -2)


def info_nce_loss(z: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    """InfoNCE over the 2B views z (..., 2B, d) of B images, at temperature T.

    Views i and i + B show the same image; all other pairs are negatives. Returns the mean of

        -log exp(cos(z_i, z_i') / T) / Σ_{k ≠ i} exp(cos(z_i, z_k) / T)

    over views, (...), and the number of images whose first view is nearer to the second view than
    to any other, (...). As T → 0 only the hardest negative counts; for identical z the loss is
    log(2B - 1).
    van den Oord et al. 2018, arXiv:1807.03748; the NT-Xent of SimCLR, Chen et al. 2020,
    arXiv:2002.05709.
    """
    count = z.shape[-2]
    is_self = torch.eye(count, dtype=torch.bool, device=z.device)
    scores = (similarities(z) / temperature).masked_fill(is_self, -torch.inf)
    partner = (torch.arange(count, device=z.device) + count // 2) % count
    positive = scores.gather(-1, partner.expand(scores.shape[:-1])[..., None])[..., 0]
    loss = (scores.logsumexp(-1) - positive).mean(-1)
    nearest = scores.argmax(-1)[..., : count // 2]
    return loss, (nearest == partner[: count // 2]).float().sum(-1)


def alignment_loss(z: Tensor) -> Tensor:
    """1 - the mean cosine of positive pairs, without negatives: (..., 2B, d) -> (...)."""
    first, second = F.normalize(z, dim=-1).unflatten(-2, (2, -1)).unbind(-3)
    loss: Tensor = 1 - (first * second).sum(-1).mean(-1)
    return loss


def row_sums(z: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    """Σ_j P(j | i), mean over i, for the probability P that view j + B is the partner of view i.

    z (..., 2B, d) -> (...), (...): first with P normalised over the second views j alone, then with
    P normalised over all pairs of views at once, as one of the sources writes it.
    """
    first, second = F.normalize(z, dim=-1).unflatten(-2, (2, -1)).unbind(-3)
    scores = (first @ second.transpose(-1, -2) / temperature).exp()
    all_pairs = (similarities(z) / temperature).exp().sum((-1, -2))
    per_view = (scores / scores.sum(-1, keepdim=True)).sum(-1).mean(-1)
    return per_view, (scores.sum(-1) / all_pairs[..., None]).mean(-1)
