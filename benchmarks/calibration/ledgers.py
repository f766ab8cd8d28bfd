"""Simulated ledgers: claims whose truth is known, with values that networks might have measured.

A ledger is one study. The values go through the judge's own code from `Material` on, so that
pairing, looks, Holm's adjustment and the choice of a test are those of a real study.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import pandas as pd

from inductive.analysis.comparisons import Case
from inductive.analysis.material import Entry, Material, Role
from inductive.analysis.verdicts import Comparison
from inductive.core.metric import number, share
from inductive.core.run import Run

TRUE, FALSE, BORDER = "true", "false", "border"
"""Of a claim at the border of its region no decision is right: a true mean that equals the bound
is not above it, and a verdict that it is below is as wrong."""
_SHARE, _NUMBER = share(), number()
_NO_ROWS = pd.DataFrame()  # the judge's probabilities need the entries only


@dataclass(frozen=True)
class Network:
    """The measurements of one network."""

    values: np.ndarray
    """(S,), in the shown unit (percent of shares)."""
    outcomes: np.ndarray | None = None
    """(S, N) for the same N test examples, whose mean over N is the value / 100; None without."""


@dataclass(frozen=True)
class Planted:
    """A comparison with a known truth: the quantity is the first network's value, minus that of the
    second where there are two."""

    truth: str
    region: tuple[float, float]
    networks: tuple[Network, ...]
    is_share: bool = True
    """Whether the values are shares, with 0 and 100 % as their bounds."""
    replicated: str = "seeds"
    resampling: float = 0.0
    """Test examples / training examples of random splits."""
    paired: str = ""
    """What a seed gives both networks in common."""
    numbers: dict[str, float] = field(default_factory=dict)
    """`target_sd` and `target_n` of a published mean."""

    @property
    def differences(self) -> np.ndarray:
        """The quantity per seed, (S,)."""
        first, *others = self.networks
        return first.values - others[0].values if others else first.values

    def is_wrong(self, comparison: Comparison) -> bool:
        """Whether the verdict on it is false."""
        return wrong(self.truth, comparison.verdict)


def wrong(truth: str, verdict: str) -> bool:
    """Whether a verdict is false."""
    decided = verdict in ("reproduced", "contradicted")
    if truth == BORDER:
        return decided
    return decided and (verdict == "reproduced") != (truth == TRUE)


@cache
def run_of(claim: int, network: int, seeds: int, looks: tuple[int, ...]) -> Run:
    """The run of a claim's network."""
    labels = {"network": f"{claim}-{network}"}
    return Run(
        "simulated", labels["network"], labels, {}, {}, tuple(range(seeds)), None, looks=looks
    )


def material_of(planted: Planted, claim: int, looks: tuple[int, ...]) -> Material:
    """A planted comparison as the judge sees it."""
    metric = _SHARE if planted.is_share else _NUMBER
    roles = {}
    for i, network in enumerate(planted.networks):
        name, sign = (("more", 1.0), ("less", -1.0))[i]
        run = run_of(claim, i, len(network.values), looks)
        outcomes = None if network.outcomes is None else dict(enumerate(network.outcomes))
        entries = tuple(
            Entry(seed, run.id, seed, sign * value)
            for seed, value in enumerate(network.values.tolist())
        )
        role = Role(sign, metric, _NO_ROWS, (run,), (run.id,), entries, outcomes, repeated=False)
        roles[name] = role
    paired = len(roles) > 1 and (planted.replicated != "seeds" or bool(planted.paired))
    case = Case("within", {}, planted.numbers, "", optional=False)
    blank = Comparison("", np.empty(0), planted.region, unit=metric.unit, paired=paired)
    body = {"id": str(claim), "replicated": planted.replicated}
    return Material(body, case, roles, blank, planted.resampling, np.nan)


def materials_of(
    ledger: Sequence[Planted], looks: tuple[int, ...] = ()
) -> tuple[list[list[Material]], list[Run]]:
    """A ledger as the judge sees it, and its runs."""
    materials = [[material_of(planted, i, looks)] for i, planted in enumerate(ledger)]
    return materials, [run for (material,) in materials for run in material.runs]
