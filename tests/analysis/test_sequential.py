"""Looks at a growing number of seeds: levels, Holm's family, given-up comparisons, error rates."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from inductive.analysis import spending
from inductive.analysis.contrast import Contrast, Group
from inductive.analysis.sequential import Played, play
from inductive.analysis.statistics import holm
from inductive.analysis.verdicts import INCONCLUSIVE, REPRODUCED, Comparison
from inductive.core.run import Run

LOOKS = (3, 6, 12)


@dataclass(frozen=True)
class Values:
    """A comparison of one network with 0, from values that are known in advance."""

    claim: dict[str, Any]
    run: Run
    values: np.ndarray
    blank: Comparison
    testable: bool = True

    @property
    def runs(self) -> list[Run]:
        return [self.run]

    def at(self, counts: Mapping[str, int]) -> Comparison:
        x = self.values[: counts[self.run.id]]
        fixed = self.claim.get("replicated") == "cases"
        contrast = Contrast((Group("a", tuple(range(len(x))), x),), deterministic=fixed)
        p_for, p_against = contrast.p_above(0.0), contrast.p_below(0.0)
        return replace(self.blank, values=x, contrast=contrast, p_for=p_for, p_against=p_against)

    def among(self, scatter: object, result: Comparison) -> Comparison:
        """The other networks' seeds are of no importance here."""
        del scatter
        return result


def _study(*networks: np.ndarray, decides: bool = True, looks: tuple[int, ...] = LOOKS) -> Any:
    """One claim for each network."""
    materials = []
    for i, x in enumerate(networks):
        labels = {"network": str(i)}
        run = Run("s", str(i), labels, {}, {}, tuple(range(len(x))), None, looks=looks)
        blank = Comparison("", np.empty(0), (0.0, np.inf), decides=decides)
        materials.append([Values({"id": str(i)}, run, x, blank)])
    return materials, [m.run for (m,) in materials]


def _play(materials: Any, runs: list[Run], until: int = 0) -> Played:
    return play(materials, runs, until)


def _clear(random: np.random.Generator, mean: float, n: int = 12) -> np.ndarray:
    return mean + 0.01 * random.standard_normal(n)


def test_a_clear_comparison_is_decided_at_once_and_an_open_one_goes_on() -> None:
    random = np.random.default_rng(0)
    clear, open_ = _clear(random, 5.0), 0.3 + random.standard_normal(12)
    materials, runs = _study(clear, open_)
    first = _play(materials, runs, until=1)
    assert first.undecided == [1]
    assert first.counts == {runs[0].id: 3, runs[1].id: 6}
    played = _play(materials, runs)
    (decided,), (last,) = played.comparisons
    assert (decided.n, decided.verdict) == (3, REPRODUCED)
    assert (last.n, last.verdict) == (12, INCONCLUSIVE)
    assert [look.number for look in last.looks] == [1, 2, 3]
    assert [look.level for look in last.looks] == pytest.approx(spending.levels(LOOKS))


def test_final_results_replay_the_looks_that_were_taken() -> None:
    """Values beyond the counts of a look do not change it."""
    random = np.random.default_rng(1)
    for _ in range(20):
        values = [random.normal(mean, 1, 12) for mean in (0, 0.8, 2, 4)]
        materials, runs = _study(*values)
        counts = {run.id: 3 for run in runs}
        for look in (1, 2):
            seen = [np.where(np.arange(12) < counts[run.id], v, 1e3 * random.standard_normal())
                    for run, v in zip(runs, values, strict=True)]  # fmt: skip
            early = _play(_study(*seen)[0], runs, until=look)
            assert early.counts == _play(materials, runs, until=look).counts
            counts = early.counts


def test_each_look_is_a_family_of_holm_at_its_own_level() -> None:
    random = np.random.default_rng(2)
    values = [random.normal(mean, 1, 12) for mean in (0, 0.5, 1, 3)]
    materials, runs = _study(*values)
    played = _play(materials, runs, until=1)
    results = [c for (c,) in played.comparisons]
    assert [c.p_adjusted for c in results] == holm([c.p for c in results])
    for c in results:
        decided = c.p_adjusted < c.level
        assert decided == (c.verdict != INCONCLUSIVE)
        assert decided == (c.p < c.threshold)


def test_evidence_does_not_cost_verdicts_any_power() -> None:
    random = np.random.default_rng(3)
    a, others = random.normal(1, 1, 12), [random.normal(0, 1, 12) for _ in range(5)]
    alone, runs = _study(a)
    evidence, more = _study(*others, decides=False)
    moved = [[replace(m, run=replace(m.run, variant=f"e{i}"))] for i, (m,) in enumerate(evidence)]
    both = _play([*alone, *moved], [*runs, *(m.run for (m,) in moved)])
    (expected,), (result,) = _play(alone, runs).comparisons[0], both.comparisons[0]
    assert (result.p, result.p_adjusted, result.n) == (
        expected.p,
        expected.p_adjusted,
        expected.n,
    )
    assert all(c.n <= 12 for (c,) in both.comparisons)
    assert len(more) == 5


def test_one_look_is_holm_at_five_percent() -> None:
    random = np.random.default_rng(4)
    values = [random.normal(mean, 1, 8) for mean in (0, 1, 2)]
    materials, runs = _study(*values, looks=())
    results = [c for (c,) in _play(materials, runs).comparisons]
    assert {c.n for c in results} == {8}
    assert {c.level for c in results} == {0.05}
    assert [c.p_adjusted for c in results] == holm([c.p for c in results])


def test_hopeless_comparisons_are_given_up() -> None:
    """So close to the bound and so little spread over so few seeds to come that nothing helps."""
    x = 1.0 + np.tile([10.0, -10.0], 15)
    materials, runs = _study(x, np.full(30, 3.0) + np.tile([0.1, -0.1], 15), looks=(10, 20, 30))
    played = _play(materials, runs)
    (hopeless,), (clear,) = played.comparisons
    assert clear.verdict == REPRODUCED
    assert hopeless.verdict == INCONCLUSIVE
    assert bool(hopeless.given_up) == (hopeless.n < 30)


def test_false_decisions_over_all_looks_and_comparisons() -> None:
    """Six networks whose true mean is 0, in 800 studies: at most 5 % with any decision."""
    random = np.random.default_rng(5)
    wrong = 0
    for _ in range(800):
        materials, runs = _study(*random.standard_normal((6, 12)))
        results = [c for (c,) in _play(materials, runs).comparisons]
        wrong += any(c.verdict != INCONCLUSIVE for c in results)
    assert wrong / 800 < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 800)


def test_what_is_given_up_is_still_looked_at_with_the_seeds_of_others() -> None:
    """A small effect asks for no more seeds; its network gets them for another comparison."""
    random = np.random.default_rng(3)
    spread = random.normal(0, 1, 12)
    steady = 50 + 0.01 * random.normal(0, 1, 12)
    materials, runs = _study(steady + 0.02 * spread, 50.6 + 1.5 * spread)
    played = _play(materials, runs)
    for (comparison,) in played.comparisons:
        assert [look.number for look in comparison.looks] == list(range(1, len(LOOKS) + 1)) or (
            comparison.verdict != "inconclusive"
        )


def test_what_is_not_random_needs_no_probability_and_costs_no_power() -> None:
    random = np.random.default_rng(4)
    materials, runs = _study(_clear(random, 53.0), np.full(12, 51.0))
    alone = _play(materials[:1], runs)
    fixed = replace(materials[1][0], claim=materials[1][0].claim | {"replicated": "cases"})
    together = _play([materials[0], [fixed]], runs)
    (first,), (second,) = together.comparisons
    assert first.p_adjusted == alone.comparisons[0][0].p_adjusted
    assert (second.verdict, second.looks) == ("reproduced", ())
