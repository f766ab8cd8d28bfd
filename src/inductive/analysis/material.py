"""The measurements of one comparison, from which any look at some seeds takes its part."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from inductive.analysis.comparisons import Case, Claim
from inductive.analysis.contrast import Contrast, Examples, Group, Published
from inductive.analysis.study_seeds import Scatter
from inductive.analysis.two_groups import seen_to_split
from inductive.analysis.verdicts import Comparison
from inductive.core.metric import Metric
from inductive.core.run import Run

NOISY = 0.25
"""The largest `timing spread` with which a claim about times is judged."""


class Entry(NamedTuple):
    """One measurement of a role."""

    unit: Any
    """What it is replicated over: its seed, or the value of the label `over` of the claim."""
    run: str
    """The run's id; empty where the runs are not known."""
    position: int
    """Of its seed in the run."""
    value: float
    """In the shown unit, with the role's sign."""


@dataclass(frozen=True)
class Role:
    """The measurements that one selector of a comparison selects."""

    sign: float
    metric: Metric
    rows: pd.DataFrame
    runs: tuple[Run, ...]
    """The runs they are of, where known."""
    network: tuple[Any, ...]
    """The labels of the rows: roles with equal ones measure the same network."""
    entries: tuple[Entry, ...]
    outcomes: dict[int, np.ndarray] | None
    repeated: bool
    """Whether it has several values for one seed of one unit."""

    @cached_property
    def noise(self) -> float:
        """The standard deviation that the test examples alone give a value, in the shown unit; 0 of
        what is no share of examples, or whose outcomes are not kept."""
        if not self.outcomes or self.metric.unit != "%":
            return 0.0
        n = len(next(iter(self.outcomes.values())))
        share = float(np.mean([each.mean() for each in self.outcomes.values()]))
        share = (share * n + 0.5) / (n + 1)  # Jeffreys' estimate
        return self.metric.scale * float(np.sqrt(share * (1 - share) / n))

    def values(self, counts: Mapping[str, int]) -> dict[Any, float]:
        """Unit -> value, of the seeds that a look may see: run id -> their number, all without.

        Several seeds of a unit are averaged.
        """
        by_unit: dict[Any, list[float]] = {}
        for unit, run, position, value in self.entries:
            if position < counts.get(run, position + 1):
                by_unit.setdefault(unit, []).append(value)
        return {unit: sum(values) / len(values) for unit, values in by_unit.items()}


_Joined = tuple[list[tuple[Role, dict[Any, float]]], list[Any]]
"""Roles with their values, and the units that all of them have."""


@dataclass(frozen=True)
class Material:
    """One comparison of a claim with its measurements, from which any look takes its part."""

    claim: Claim
    case: Case
    roles: dict[str, Role]
    blank: Comparison
    """All that does not depend on the number of seeds."""
    resampling: float
    noise: float
    """The worst `timing spread` of its measurements; NaN where it is no timing."""

    @property
    def runs(self) -> list[Run]:
        """The runs that it is measured on."""
        return [run for role in self.roles.values() for run in role.runs]

    @property
    def testable(self) -> bool:
        """Whether it has a probability: it was run, and it is no identity."""
        blank = self.blank
        return not blank.exact and not blank.ambiguous and all(s for _, s in self._groups({}))

    def at(self, counts: Mapping[str, int]) -> Comparison:
        """The comparison with the first seeds of every run: run id -> their number."""
        groups = self._groups(counts)
        if not self.testable or not all(units for _, units in groups):
            return self.blank
        made = tuple(_group(number, *group) for number, group in enumerate(groups, 1))
        common = [unit for unit in made[0].seeds if all(unit in group.seeds for group in made)]
        values = np.array([sum(g.values[g.seeds.index(unit)] for g in made) for unit in common])
        wild = int(sum((~np.isfinite(group.values)).sum() for group in made))
        comparison = replace(
            self.blank, values=values, seeds=tuple(common), not_finite=wild, noise=self.noise
        )
        # What is the same in every repetition, such as bytes, does not suffer from the noise.
        noisy = self.noise > NOISY and np.ptp(values) > 0
        if wild or noisy:
            return replace(comparison, p_for=0.5, p_against=0.5)
        contrast = self._contrast(made, groups)
        p_for, p_against = contrast.probabilities(self.blank.region)
        return replace(comparison, contrast=contrast, p_for=p_for, p_against=p_against)

    def among(self, scatter: Scatter, result: Comparison) -> Comparison:
        """A comparison as the seeds of the whole study let it appear."""
        contrast = result.contrast
        if contrast is None or contrast.deterministic:
            return result
        of_seeds = self.claim.get("replicated", "seeds") == "seeds"
        splits = contrast.splits or (scatter.splits and of_seeds and contrast.bounds is not None)
        contrast = replace(contrast, splits=splits, tail=scatter.tail)
        p_for, p_against = contrast.probabilities(self.blank.region)
        return replace(result, contrast=contrast, p_for=p_for, p_against=p_against)

    def _groups(self, counts: Mapping[str, int]) -> list[_Joined]:
        """The roles of every independent group, and the units that all of them have."""
        joined: dict[Any, list[tuple[Role, dict[Any, float]]]] = {}
        for role in self.roles.values():
            key = "all" if self.blank.paired else role.network
            joined.setdefault(key, []).append((role, role.values(counts)))
        return [
            (roles, [unit for unit in roles[0][1] if all(unit in values for _, values in roles)])
            for roles in joined.values()
        ]

    def _contrast(self, made: tuple[Group, ...], groups: list[_Joined]) -> Contrast:
        roles = self.roles.values()
        shares = all(role.metric.unit == "%" for role in roles)
        scale = [role.sign * role.metric.scale for role in roles]
        bounds = (sum(s for s in scale if s < 0), sum(s for s in scale if s > 0))
        replicated = self.claim.get("replicated", "seeds")
        split = False
        for (each, units), group in zip(groups, made, strict=True):
            noises = [role.noise for role, _ in each]
            for (_, values), noise in zip(each, noises, strict=True):
                split |= seen_to_split(np.array([values[unit] for unit in units]), noise)
            split |= seen_to_split(group.values, float(np.hypot.reduce(noises)))
        numbers, published = self.case.numbers, None
        if "target_sd" in numbers:
            published = Published(numbers["target_sd"], int(numbers["target_n"]))
        sampled = replicated == "seeds" and "over" not in self.claim
        if self.claim.get("same_examples"):
            # Jeffreys' estimate over the examples still stands in for a variance of zero.
            sampled &= all(np.ptp(group.values) == 0 for group in made)
        return Contrast(
            made,
            examples=_examples(groups, half=0.5 if shares else 0.0) if sampled else None,
            resampling=self.resampling,
            published=published,
            bounds=bounds if shares else None,
            splits=split and replicated == "seeds",
            difference=len(roles) > 1,
            deterministic=replicated in ("cases", "timings"),
        )


def _group(number: int, roles: list[tuple[Role, dict[Any, float]]], units: list[Any]) -> Group:
    sums = [sum(values[unit] for _, values in roles) for unit in units]
    sign = roles[0][0].sign
    return Group(f"group {number}", tuple(units), np.array(sums, dtype=float), sign)


def _examples(groups: list[_Joined], half: float) -> Examples | None:
    """The quantity per test example, averaged over the seeds of each group."""
    total: np.ndarray | None = None
    added = 0.0
    for roles, seeds in groups:
        for role, _ in roles:
            kept = role.outcomes
            if kept is None or not all(seed in kept for seed in seeds):
                return None
            mean = np.mean([kept[seed] for seed in seeds], axis=0, dtype=float)
            signed = role.sign * role.metric.scale * mean
            if total is not None and len(total) != len(signed):
                return None  # measured on different test sets
            total = signed if total is None else total + signed
            # Of graded outcomes, such as a specimen's accuracy, half an example says nothing.
            if all(np.isin(kept[seed], (0, 1)).all() for seed in seeds):
                added += half * role.metric.scale**2
    assert total is not None
    return Examples(total, added)
