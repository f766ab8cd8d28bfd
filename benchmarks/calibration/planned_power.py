"""The power that `analysis.power` plans, and the share of decisions that is then achieved."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from inductive.analysis.contrast import Contrast, Examples, Group
from inductive.analysis.fragility import decision
from inductive.analysis.power import power
from inductive.analysis.verdicts import INCONCLUSIVE

UP = (0.0, np.inf)


@dataclass(frozen=True)
class Plan:
    """A comparison whose power is planned for `n` normal seeds of every network."""

    name: str
    n: int
    mean: float
    """The true one, in units of the first network's standard deviation, as everything here."""
    level: float
    region: tuple[float, float] = UP
    sds: tuple[float, ...] = (1.0, 1.0)
    """Of the seeds of each network."""
    items: int = 0
    """Test examples."""
    spread: float = 0.0
    """The standard deviation of the quantity between test examples."""
    resampling: float = 0.0
    """Test examples / training examples of random splits."""


_SMALL = 0.05 / 6  # the level of the first of six comparisons
PLANS = (
    Plan("one network", 5, 1.8, 0.05, sds=(1.0,)),
    Plan("one network, Holm over six", 10, 1.4, _SMALL, sds=(1.0,)),
    Plan("two networks", 3, 3.0, 0.05),
    Plan("two networks", 5, 2.0, 0.05),
    Plan("two networks, Holm over six", 10, 1.6, _SMALL),
    Plan("two networks, different spreads", 20, 1.0, 0.05, sds=(1.0, 1.5)),
    Plan("a figure within its margin", 10, 0.0, 0.05, region=(-1.2, 1.2), sds=(1.0,)),
    Plan("two networks, 500 test examples", 10, 3.0, 0.05, items=500, spread=20.0),
    Plan("random splits, 1 of 5 for testing", 20, 1.6, 0.05, sds=(1.0,), resampling=0.25),
)


def planned(plan: Plan) -> float:
    """The chance of a decision for or against."""
    groups = [_scaled(np.linspace(-1, 1, max(plan.n, 4)), sd) for sd in plan.sds]
    examples = (
        Examples(_scaled(np.linspace(-1, 1, plan.items), plan.spread)) if plan.items else None
    )
    contrast = _contrast(groups, examples, plan.resampling)
    return power(contrast, plan.region, plan.mean, plan.level, plan.n)


def achieved(plan: Plan, repetitions: int) -> float:
    """The share of decisions in simulated experiments."""
    random = np.random.default_rng([plan.n, round(1000 * plan.mean)])
    # Scores of random splits are correlated, because their test examples overlap. The standard
    # deviation is that within one set of splits, which is what is measured.
    shared = np.sqrt(plan.resampling)
    decided = 0
    for _ in range(repetitions):
        groups = [sd * random.standard_normal(plan.n) for sd in plan.sds]
        groups[0] += plan.mean + shared * random.standard_normal()
        examples = None
        if plan.items:
            per_item = plan.spread * random.standard_normal(plan.items)
            groups[0] += per_item.mean()
            examples = Examples(per_item)
        contrast = _contrast(groups, examples, plan.resampling)
        decided += decision(contrast, plan.region, plan.level) != INCONCLUSIVE
    return decided / repetitions


def table(repetitions: int, run: Callable[..., list[float]]) -> list[list[object]]:
    """Rows (comparison, seeds, planned, achieved); `run` maps a function over its arguments."""
    shares = run(achieved, PLANS, [repetitions] * len(PLANS))
    return [
        [plan.name, plan.n, 100 * planned(plan), 100 * share]
        for plan, share in zip(PLANS, shares, strict=True)
    ]


def _scaled(x: np.ndarray, sd: float) -> np.ndarray:
    return sd * x / x.std(ddof=1)


def _contrast(groups: list[np.ndarray], examples: Examples | None, resampling: float) -> Contrast:
    made = [Group(f"group {i}", tuple(range(len(x))), x) for i, x in enumerate(groups, 1)]
    return Contrast(tuple(made), examples, resampling)
