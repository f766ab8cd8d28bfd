"""One compared quantity with its sources of variance, and the probabilities that follow.

The quantity is a signed sum of means over seeds, such as the difference of two networks'
accuracies. Its error has up to three independent parts: the seeds of each network, the sample of
test examples, and the sampling error of a published value. Their variances are added, with the
degrees of freedom of Welch and Satterthwaite.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import special

from inductive.analysis import betting
from inductive.analysis.two_groups import seen_to_split

FEW_EXAMPLES = 20
"""Of fewer test examples the verdict says so."""
MOST_CORRECTED = 12.0
"""By which factor skewness at most raises a p: of exponential values, simulated, Student's t at a
level of 0.003 is wrong 12 times as often as it says, with 5 to 10 of them."""
_LARGE = 1e6  # standard errors, whose cube is still exact enough
# How far the bound is moved for the test examples where the seeds are judged by bets, in standard
# errors, and the chance that it is not enough.
_SAFE_ERRORS = 4.0
_UNSAFE = float(special.ndtr(-_SAFE_ERRORS))


@dataclass(frozen=True)
class Group:
    """Values of one network, or of networks that share something by seed: independent of other
    groups."""

    name: str
    seeds: tuple[int, ...]
    values: np.ndarray
    """Per seed, (S,), with the sign that they have in the quantity."""
    sign: float = 1.0
    """Theirs; of several networks that of the first one."""


@dataclass(frozen=True)
class Examples:
    """The quantity per test example."""

    values: np.ndarray
    """(N,), averaged over seeds."""
    half: float = 0.0
    """What half an example of the other outcome adds to the sum of squares, for each network: the
    estimate of Jeffreys, so that all examples right is no certainty. 0 of unbounded outcomes."""

    @property
    def variance(self) -> float:
        """Of the mean over examples."""
        n = len(self.values)
        if n < 2:
            return np.inf
        return float(self.values.var(ddof=1) / n + self.half / n**2)

    @property
    def third_moment(self) -> float:
        """Of the mean over examples, central."""
        centred = self.values - self.values.mean()
        return float((centred**3).mean() / len(centred) ** 2)


@dataclass(frozen=True)
class Published:
    """A published mean's own sampling error."""

    sd: float
    n: int


@dataclass(frozen=True)
class Contrast:
    """The compared quantity. All values are finite and in the shown unit."""

    groups: tuple[Group, ...]
    examples: Examples | None = None
    """None where the test examples differ between seeds, or where there are none."""
    resampling: float = 0.0
    """Test examples / training examples of random splits, for the correction of Nadeau and Bengio
    (2003); 0 where seeds are independent."""
    published: Published | None = None
    bounds: tuple[float, float] | None = None
    """Of the quantity for one seed; None where it is unbounded."""
    splits: bool = False
    """Whether seeds of the study have been seen to fall into two groups."""
    tail: float = 0.0
    """How skewed the seeds of the study are: 0 (normal) to 1 (exponential); see `study_seeds`."""
    difference: bool = False
    """Whether networks are compared with each other, and not one with a number."""
    deterministic: bool = False
    """Whether equal values mean that nothing is random, not that the sample is small."""

    @property
    def n(self) -> int:
        """Seeds of the smallest group."""
        return min(len(group.values) for group in self.groups)

    @cached_property
    def mean(self) -> float:
        """The quantity."""
        return float(sum(group.values.mean() for group in self.groups))

    @property
    def constant(self) -> bool:
        """Whether every group has the same value for every seed."""
        return all(np.ptp(g.values) <= 1e-12 * max(1.0, abs(g.values[0])) for g in self.groups)

    @property
    def fixed(self) -> bool:
        """Whether nothing is random in it: then it is right or wrong, without a probability."""
        return self.deterministic and self.constant

    @cached_property
    def parts(self) -> list[tuple[float, float]]:
        """Variance of the mean and degrees of freedom of every part of its error."""
        parts = []
        for group in self.groups:
            n = len(group.values)
            variance = float(group.values.var(ddof=1)) if n > 1 else np.inf
            parts.append((variance * (1 / n + self.resampling), n - 1.0))
        if self.examples:
            parts.append((self.examples.variance, len(self.examples.values) - 1.0))
        if self.published:
            parts.append((self.published.sd**2 / self.published.n, self.published.n - 1.0))
        return parts

    @property
    def error(self) -> float:
        """The standard error of the mean."""
        return float(np.sqrt(sum(variance for variance, _ in self.parts)))

    @property
    def df(self) -> float:
        """Welch and Satterthwaite's degrees of freedom."""
        used = [(v, df) for v, df in self.parts if v > 0 and df > 0]
        if not used or not np.isfinite(self.error):
            return 1.0
        return sum(v for v, _ in used) ** 2 / sum(v**2 / df for v, df in used)

    @property
    def widened(self) -> float:
        """The standard error of the mean, with that of the seeds as `tail` makes it."""
        seeds = self.parts[: len(self.groups)]
        sizes = [len(group.values) for group in self.groups]
        added = sum(
            v * (widening(n, self.tail) ** 2 - 1) for (v, _), n in zip(seeds, sizes, strict=True)
        )
        return float(np.sqrt(self.error**2 + added)) if self.n > 1 else np.inf

    @property
    def skewness(self) -> float:
        """Of the mean, by the sample of test examples."""
        third = self.examples.third_moment if self.examples else 0.0
        return third / self.error**3 if 0 < self.error < np.inf else 0.0

    @property
    def d(self) -> float:
        """The mean in units of the standard deviation of one seed, that of the groups together."""
        variances = [group.values.var(ddof=1) for group in self.groups]
        sd = float(np.sqrt(np.mean(variances)))
        if sd < 1e-12:
            return 0.0 if abs(self.mean) < 1e-12 else float(np.copysign(np.inf, self.mean))
        return self.mean / sd

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """The two-sided interval of Student's t; infinite for a single seed."""
        if self.n < 2:
            return -np.inf, np.inf
        half = float(special.stdtrit(self.df, (1 + level) / 2)) * self.widened
        return self.mean - half, self.mean + half

    def p_above(self, bound: float) -> float:
        """One-sided p of the hypothesis that the true mean is at most `bound`.

        Student's t with the error that the skewness of the study's seeds asks for, after Hall's
        transformation (1992) for the skewness of the test examples. Where seeds of the study have
        been seen to split, a bet that is valid for any bounded outcome; of unbounded ones nothing
        is known then. Where all values are equal, with test examples the t of these alone; without,
        a sign test.
        """
        if self.n < 2:
            return 0.5
        if self.splits:
            return self._p_bounded(bound)
        error = self.error
        if self.constant and error <= 1e-12 * max(1.0, abs(bound)):
            return self._p_constant(bound)
        return float(p_of_t((self.mean - bound) / self.widened, self.df, self.skewness))

    def p_below(self, bound: float) -> float:
        """One-sided p of the hypothesis that the true mean is at least `bound`."""
        return self.mirrored.p_above(-bound)

    def probabilities(self, region: tuple[float, float]) -> tuple[float, float]:
        """One-sided p of the hypotheses that the true mean lies outside an open interval, whose
        upper end may be infinite, and inside it."""
        low, high = region
        p_for, p_against = self.p_above(low), self.p_below(low)
        if np.isfinite(high):
            p_for = max(p_for, self.p_below(high))
            p_against = min(p_against, self.p_above(high))
        return p_for, p_against

    @cached_property
    def mirrored(self) -> "Contrast":
        """The same quantity with the other sign."""
        examples = self.examples and replace(self.examples, values=-self.examples.values)
        bounds = self.bounds and (-self.bounds[1], -self.bounds[0])
        groups = tuple(replace(g, values=-g.values, sign=-g.sign) for g in self.groups)
        return replace(self, groups=groups, examples=examples, bounds=bounds)

    def _p_constant(self, bound: float) -> float:
        distance = self.mean - bound
        if abs(distance) < 1e-9:
            return 0.5
        if self.deterministic:
            return float(distance < 0)
        sign: float = 0.5**self.n
        return sign if distance > 0 else 1.0 - sign

    def _p_bounded(self, bound: float) -> float:
        if self.bounds is None:
            return 1.0
        low, high = self.bounds
        count = self.n  # of the seeds that all groups have: independent sums of one value each
        sums = np.sum([group.values[:count] for group in self.groups], axis=0)
        if self.examples is None:
            return betting.p_above(sums, bound, low, high)
        moved = bound + _SAFE_ERRORS * float(np.sqrt(self.examples.variance))
        return min(1.0, betting.p_above(sums, moved, low, high) + _UNSAFE)

    def without(self, seeds: Collection[int]) -> "Contrast":
        """The quantity without some seeds; the test examples' part is kept as it is."""
        groups = []
        for group in self.groups:
            kept = [i for i, seed in enumerate(group.seeds) if seed not in seeds]
            left = tuple(group.seeds[i] for i in kept)
            groups.append(replace(group, seeds=left, values=group.values[kept]))
        split = self.splits and any(seen_to_split(group.values) for group in groups)
        return replace(self, groups=tuple(groups), splits=split)


def widening(n: int, tail: float) -> float:
    """By which factor the standard error of n seeds is too small.

    For exponential values (`tail` 1) t must be larger by 1 + 4.9 n^(-2/3), fitted to its simulated
    quantiles at a level of 0.004 with 3 to 100 values; in proportion for a smaller skewness.
    """
    return float(1 + 4.9 * tail * n ** (-2 / 3))


def p_of_t(
    t: np.ndarray | float, df: np.ndarray | float, skewness: np.ndarray | float
) -> np.ndarray:
    """One-sided p of a positive t: the larger one of Student's and of that after Hall's cubic,
    monotone transformation (Annals of Statistics 20, 1992), with the skewness of the mean.

    The second one is at most MOST_CORRECTED times the first: the transformation was made for
    moderate t, and flattens large ones more than any skewness does.
    """
    t, skewness = np.clip(t, -_LARGE, _LARGE), np.asarray(skewness)
    a = skewness / 3
    transformed = t + a * t**2 + a**2 * t**3 / 3 + skewness / 6
    students = special.stdtr(df, -t)
    halls = special.stdtr(df, -transformed)
    p: np.ndarray = np.maximum(students, np.minimum(halls, MOST_CORRECTED * students))
    return p
