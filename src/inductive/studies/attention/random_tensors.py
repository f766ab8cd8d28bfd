"""The random tensors of the attention study."""

from typing import Protocol

import torch
from torch import Tensor

from inductive.core.seeding import seed_for


class Draw(Protocol):
    """Gives the next random tensor of a shape."""

    def __call__(self, *shape: int) -> Tensor: ...


def generator(role: str, seed: int) -> torch.Generator:
    """Torch's generator of one role of one seed, on the CPU."""
    return torch.Generator().manual_seed(seed_for(f"attention {role}", seed))


def normal(role: str, seed: int) -> Draw:
    """Standard normal tensors in float64, one after another from the same generator."""
    source = generator(role, seed)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=source, dtype=torch.float64)

    return draw
