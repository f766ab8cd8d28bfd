"""AdamW with a schedule, clipping and decay of some parameters, against torch."""

import itertools

import torch

from inductive.training.optimizers import make_adam


def test_adamw_with_clipping_equals_torch() -> None:
    torch.manual_seed(0)
    ours = {"w": torch.randn(2, 3, 4), "b": torch.randn(2, 4)}
    theirs = [{k: v[i].clone().requires_grad_() for k, v in ours.items()} for i in range(2)]
    for p in ours.values():
        p.requires_grad_()
    rates = [0.01, 0.03, 0.02]
    optimizer = make_adam(
        ours,
        learning_rate=lambda step: rates[step],
        betas=(0.9, 0.95),
        weight_decay={"w": 0.1},
        decoupled=True,
        clip=0.5,
    )
    stock = [
        torch.optim.AdamW(
            [{"params": [t["w"]], "weight_decay": 0.1}, {"params": [t["b"]], "weight_decay": 0.0}],
            betas=(0.9, 0.95),
        )
        for t in theirs
    ]
    scale = torch.tensor([0.01, 5.0])  # one network is clipped, one is not
    for rate in rates:
        gradients = {
            k: torch.randn_like(v) * scale.view(-1, *[1] * (v.ndim - 1)) for k, v in ours.items()
        }
        for k, v in ours.items():
            v.grad = gradients[k].clone()
        optimizer.step()
        for i, (own, other) in enumerate(zip(theirs, stock, strict=True)):
            for k, v in own.items():
                v.grad = gradients[k][i].clone()
            torch.nn.utils.clip_grad_norm_(own.values(), 0.5)
            for group in other.param_groups:
                group["lr"] = rate
            other.step()
    for i, k in itertools.product(range(2), ours):
        torch.testing.assert_close(ours[k][i], theirs[i][k])
