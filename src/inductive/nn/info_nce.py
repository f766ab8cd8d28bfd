"""Contrastive losses on pairs of views."""

import torch
import torch.nn.functional as F
from torch import Tensor


def similarities(z: Tensor) -> Tensor:
    """(..., n, d) -> the cosines (..., n, n) of all pairs."""
    unit = F.normalize(z, dim=-1)
    return unit @ unit.transpose(-1, -2)


def info_nce(z: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    """InfoNCE over 2B views (van den Oord et al. 2018; the NT-Xent of Chen et al. 2020).

    z (..., 2B, d): view i and view i + B are of one image, all others are negatives. The mean of

        -log exp(cos(z_i, z_i') / T) / Σ_{k ≠ i} exp(cos(z_i, z_k) / T)

    over views, (...), and the number of images whose first view has its own second view as the
    nearest of all, (...). As T → 0 the loss is that of the hardest negative alone; for identical z
    it is log(2B - 1).
    """
    count = z.shape[-2]
    own = torch.eye(count, dtype=torch.bool, device=z.device)
    scores = (similarities(z) / temperature).masked_fill(own, -torch.inf)
    partner = (torch.arange(count, device=z.device) + count // 2) % count
    positive = scores.gather(-1, partner.expand(scores.shape[:-1])[..., None])[..., 0]
    loss = (scores.logsumexp(-1) - positive).mean(-1)
    nearest = scores.argmax(-1)[..., : count // 2]
    return loss, (nearest == partner[: count // 2]).float().sum(-1)


def alignment_loss(z: Tensor) -> Tensor:
    """1 - the mean cosine of positive pairs, (..., 2B, d) -> (...): no negatives."""
    first, second = F.normalize(z, dim=-1).unflatten(-2, (2, -1)).unbind(-3)
    return 1 - (first * second).sum(-1).mean(-1)


def row_sums(z: Tensor, temperature: float) -> tuple[Tensor, Tensor]:
    """What "probabilities" of one view's partners sum to, (...) each, for z (..., 2B, d).

    First with the softmax of every pair of transformations, normalised over the partners alone;
    then with one normalisation over all images and transformations, as one of the sources writes
    it.
    """
    first, second = F.normalize(z, dim=-1).unflatten(-2, (2, -1)).unbind(-3)
    scores = (first @ second.transpose(-1, -2) / temperature).exp()
    everything = (similarities(z) / temperature).exp().sum((-1, -2))
    alone = (scores / scores.sum(-1, keepdim=True)).sum(-1).mean(-1)
    return alone, (scores.sum(-1) / everything[..., None]).mean(-1)
