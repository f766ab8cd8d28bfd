"""How the networks of a simulated ledger differ between seeds, test examples and splits.

Every ledger has the same claims: of four differences between two networks one is as claimed, one
the other way round and two are exactly 0; of two means one is the published figure and one lies
exactly at the edge of the margin around it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from ledgers import BORDER, FALSE, TRUE, Network, Planted
from scipy import special

DIFFERENCES = ((TRUE, 1.0), (FALSE, -1.0), (BORDER, 0.0), (BORDER, 0.0))
MEANS = ((TRUE, 0.0), (BORDER, 1.0))
Draw = Callable[[np.random.Generator, int, float], np.ndarray]
"""Values (S,) of a network from a generator, the number of seeds and the true mean."""


def normal(random: np.random.Generator, seeds: int, mean: float, sd: float = 2.0) -> np.ndarray:
    """Seeds that scatter normally."""
    return mean + sd * random.standard_normal(seeds)


def failing(random: np.random.Generator, seeds: int, mean: float, scale: float = 2.0) -> np.ndarray:
    """Most seeds are near the best value, and a few fall far below it (exponential)."""
    return mean + scale - scale * random.standard_exponential(seeds)


def two_groups(random: np.random.Generator, seeds: int, mean: float) -> np.ndarray:
    """80 % of the seeds are 4 points above the mean and 20 % are 16 points below it."""
    low = random.random(seeds) < 0.2
    return mean + np.where(low, -16.0, 4.0) + 0.5 * random.standard_normal(seeds)


@dataclass(frozen=True)
class Values:
    """Ledgers of values per seed, without test examples."""

    first: Draw
    second: Draw
    effect: float
    """The distance of a difference from 0, and half the width of a figure's margin, in points."""
    pairing: float = 0.0
    """The standard deviation of what a seed adds to both networks, where these are paired."""

    def __call__(self, random: np.random.Generator, seeds: int) -> list[Planted]:
        """One ledger."""
        planted = []
        for truth, size in DIFFERENCES:
            shared = self.pairing * random.standard_normal(seeds)
            pair = (
                Network(shared + self.first(random, seeds, 70.0 + size * self.effect)),
                Network(shared + self.second(random, seeds, 70.0)),
            )
            paired = "the same noise" if self.pairing else ""
            planted.append(Planted(truth, (0.0, np.inf), pair, paired=paired))
        for truth, size in MEANS:
            single = (Network(self.first(random, seeds, 70.0 + size * self.effect)),)
            region = (70.0 - self.effect, 70.0 + self.effect)
            planted.append(Planted(truth, region, single))
        return planted


@dataclass(frozen=True)
class TestSet:
    """Ledgers with one fixed test set of items of different difficulty, drawn anew per ledger.

    The logit of a seed's chance to be right on an item is a level + 1.5 item + item of this network
    + 0.15 seed. Equally good networks have the level `high`, and the figure is that of `low`, with
    the accuracy of `high` at the edge of its margin.
    """

    items: int
    low: float
    high: float

    def __call__(self, random: np.random.Generator, seeds: int) -> list[Planted]:
        """One ledger."""
        difficulty = 1.5 * random.standard_normal(self.items)
        planted = []
        for truth, size in DIFFERENCES:
            levels = {1.0: (self.high, self.low), -1.0: (self.low, self.high)}
            pair = tuple(
                self._network(random, seeds, difficulty, level)
                for level in levels.get(size, (self.high, self.high))
            )
            planted.append(Planted(truth, (0.0, np.inf), pair))
        spread = float(np.sqrt(1.5**2 + 1.0 + 0.15**2))
        figure, edge = (accuracy(level, spread) for level in (self.low, self.high))
        for truth, size in MEANS:
            level = self.high if size else self.low
            single = (self._network(random, seeds, difficulty, level),)
            planted.append(Planted(truth, (2 * figure - edge, edge), single))
        return planted

    def _network(
        self, random: np.random.Generator, seeds: int, difficulty: np.ndarray, level: float
    ) -> Network:
        own = random.standard_normal(self.items)
        seed = 0.15 * random.standard_normal((seeds, 1))
        chance = special.expit((level + difficulty + own + seed).astype(np.float32))
        outcomes = random.random(chance.shape, dtype=np.float32) < chance
        return Network(100.0 * outcomes.mean(1), outcomes)


@cache
def accuracy(level: float, sd: float) -> float:
    """Of logits with this mean and deviation, in percent (Gauss-Hermite quadrature)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(201)
    return float(100 * special.expit(level + sd * nodes) @ weights / weights.sum())


@dataclass(frozen=True)
class Splits:
    """Ledgers of random splits of one data set into training and test examples, overlapping.

    Each item of the data set has its own chance to be right, for each network.
    """

    items: int
    tested: int
    effect: float

    def __call__(self, random: np.random.Generator, seeds: int) -> list[Planted]:
        """One ledger."""
        chosen = np.argsort(random.random((seeds, self.items)), axis=1)[:, : self.tested]
        resampling = self.tested / (self.items - self.tested)
        planted = []
        for truth, size in DIFFERENCES:
            pair = tuple(
                self._network(random, chosen, 1.0 + shift) for shift in (size * self.effect, 0.0)
            )
            planted.append(
                Planted(truth, (0.0, np.inf), pair, replicated="splits", resampling=resampling)
            )
        base = accuracy(1.0, 1.5)
        margin = abs(accuracy(1.0 - self.effect, 1.5) - base)
        for truth, size in MEANS:
            single = (self._network(random, chosen, 1.0 - size * self.effect),)
            region = (base - margin, base + margin)
            planted.append(
                Planted(truth, region, single, replicated="splits", resampling=resampling)
            )
        return planted

    def _network(self, random: np.random.Generator, chosen: np.ndarray, level: float) -> Network:
        chance = special.expit(level + 1.5 * random.standard_normal(self.items))
        right = random.random(chosen.shape) < chance[chosen]
        return Network(100.0 * right.mean(1))
