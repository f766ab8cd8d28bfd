"""Random streams: one torch generator per seed and role, none shared between seeds."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy

import torch
from torch import Tensor

from inductive.core.seeding import seed_for


@contextmanager
def initialisation(seed: int) -> Iterator[None]:
    """Layers built within the block are initialised from this seed, on the CPU for any device."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed_for("init", seed))
        yield


class RandomStreams:
    """The random numbers of S seeds, each from its own generators; leading dimension S."""

    ROLES = ("order", "dropout", "augmentation")

    def __init__(self, seeds: Sequence[int], device: torch.device) -> None:
        self.device = device
        self.generators = {
            role: [torch.Generator(device).manual_seed(seed_for(role, seed)) for seed in seeds]
            for role in self.ROLES
        }

    def select(self, i: int) -> "RandomStreams":
        """The streams of the i-th seed alone, as S = 1; they advance the same generators."""
        alone = copy(self)
        alone.generators = {role: [g[i]] for role, g in self.generators.items()}
        return alone

    def uniform(self, *shape: int) -> Tensor:
        """(S, *shape), uniform in [0, 1), from the role `augmentation`."""
        rows = [
            torch.rand(shape, generator=g, device=self.device)
            for g in self.generators["augmentation"]
        ]
        return torch.stack(rows)

    def integers(self, high: int, *shape: int) -> Tensor:
        """(S, *shape) int64, uniform in [0, high), from the role `order`."""
        rows = [
            torch.randint(high, shape, generator=g, device=self.device)
            for g in self.generators["order"]
        ]
        return torch.stack(rows)

    def permutations(self, n: int) -> Tensor:
        """(S, n) int64: one permutation of n items per seed, from the role `order`."""
        orders = [
            torch.randperm(n, generator=g, device=self.device) for g in self.generators["order"]
        ]
        return torch.stack(orders)

    def dropout_masks(self, shapes: dict[str, tuple[int, ...]], p: float) -> dict[str, Tensor]:
        """Name -> (S, *shape), 0 with probability p and 1 / (1 - p) otherwise."""
        keep, generators = 1 - p, self.generators["dropout"]
        masks = {}
        for name, shape in shapes.items():
            mask = torch.empty(len(generators), *shape, device=self.device)
            for row, generator in zip(mask, generators, strict=True):
                row.uniform_(generator=generator)  # twice as fast as bernoulli_ on a CPU
            masks[name] = mask.lt_(keep).div_(keep)
        return masks

    def state(self) -> dict[str, Tensor]:
        """The state of every generator, to continue exactly here."""
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
