"""Random numbers: a generator for every seed and every role, and none that is shared."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy

import numpy as np
import torch
from torch import Tensor


def seed_for(role: str, seed: int) -> int:
    """A seed in [0, 2^63) for one role of one seed; different roles are unrelated."""
    return int.from_bytes(hashlib.sha256(f"{role}:{seed}".encode()).digest()[:8]) >> 1


def numpy_generator(role: str, seed: int) -> np.random.Generator:
    """The numpy generator of one role of one seed."""
    return np.random.default_rng(seed_for(role, seed))


@contextmanager
def initialisation(seed: int) -> Iterator[None]:
    """Layers built inside draw their weights from this seed alone, on a CPU for any device."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_for("init", seed))
        yield


class Draws:
    """The random numbers of S members, each from its own generators; leading dimension S."""

    ROLES = ("order", "dropout", "augmentation")

    def __init__(self, seeds: Sequence[int], device: torch.device) -> None:
        self.device = device
        self.generators = {
            role: [torch.Generator(device).manual_seed(seed_for(role, seed)) for seed in seeds]
            for role in self.ROLES
        }

    def of(self, member: int) -> "Draws":
        """The random numbers of one member, as S = 1; they are drawn from the same generators."""
        alone = copy(self)
        alone.generators = {role: [g[member]] for role, g in self.generators.items()}
        return alone

    def uniform(self, *shape: int) -> Tensor:
        """(S, *shape), uniform in [0, 1): what an augmentation is made of."""
        rows = [
            torch.rand(shape, generator=g, device=self.device)
            for g in self.generators["augmentation"]
        ]
        return torch.stack(rows)

    def integers(self, high: int, *shape: int) -> Tensor:
        """(S, *shape) int64, uniform in [0, high): which examples a step sees."""
        rows = [
            torch.randint(high, shape, generator=g, device=self.device)
            for g in self.generators["order"]
        ]
        return torch.stack(rows)

    def permutations(self, n: int) -> Tensor:
        """(S, n) int64: an order of n items for each member."""
        orders = [
            torch.randperm(n, generator=g, device=self.device) for g in self.generators["order"]
        ]
        return torch.stack(orders)

    def dropout_masks(self, shapes: dict[str, tuple[int, ...]], p: float) -> dict[str, Tensor]:
        """Site -> (S, *shape), 0 with probability p and 1 / (1 - p) otherwise."""
        keep, generators = 1 - p, self.generators["dropout"]
        masks = {}
        for site, shape in shapes.items():
            mask = torch.empty(len(generators), *shape, device=self.device)
            for member, generator in zip(mask, generators, strict=True):
                member.uniform_(generator=generator)  # twice as fast as bernoulli_ on a CPU
            masks[site] = mask.lt_(keep).div_(keep)
        return masks

    def state(self) -> dict[str, Tensor]:
        """Everything needed to continue exactly here."""
        return {
            f"{role}/{i}": generator.get_state()
            for role, generators in self.generators.items()
            for i, generator in enumerate(generators)
        }

    def restore(self, state: dict[str, Tensor]) -> None:
        """The inverse of `state`."""
        for role, generators in self.generators.items():
            for i, generator in enumerate(generators):
                generator.set_state(state[f"{role}/{i}"])
