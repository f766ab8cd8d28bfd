"""Made-up measurements of a small study with seeds on demand, and their verdicts."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from inductive.analysis.judge import judge_measurements
from inductive.analysis.verdicts import Verdict
from inductive.core.metric import number, share
from inductive.core.run import DatasetSpec, Run

METRICS = {"accuracy": share(), "error": number(), "timing spread": number()}
LOOKS = (3, 6, 12)
EXAMPLES = 400
SEEDS = tuple(range(LOOKS[-1]))


def claim(name: str, *comparisons: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """A claim with these comparisons of accuracies."""
    common = {"id": name, "type": "effect", "source": "a book", "stated": f"What {name} says."}
    return common | {"defaults": {"metric": "accuracy"}, "comparisons": list(comparisons)} | facts


def greater(more: str, less: str, **numbers: Any) -> dict[str, Any]:
    """One network is better than another."""
    return {"greater": {"more": {"net": more}, "less": {"net": less}} | numbers}


def within(net: str, target: str, margin: str, **numbers: Any) -> dict[str, Any]:
    """A network's accuracy is a published one."""
    return {"within": {"of": {"net": net}, "target": target, "margin": margin} | numbers}


def never_above(net: str, bound: str, tolerance: str) -> dict[str, Any]:
    """No accuracy of a network is above a bound."""
    return {"never_above": {"of": {"net": net}, "bound": bound, "tolerance": tolerance}}


@dataclass(frozen=True)
class MadeUp:
    """Networks by name with their accuracies: (seeds,) values, or (seeds, examples) outcomes."""

    networks: dict[str, np.ndarray]
    looks: tuple[int, ...] = LOOKS
    kind: str = "real"

    @property
    def runs(self) -> list[Run]:
        """One run per network, all on the data set `boxes`."""
        spec = DatasetSpec("boxes", self.kind, {}, "0")
        return [
            Run("toy", net, {"net": net}, {}, {}, tuple(range(len(v))), spec, looks=self.looks)
            for net, v in self.networks.items()
        ]

    def outcomes(self, run: Run, metric: str, **where: Any) -> dict[int, np.ndarray] | None:
        """As the results keep them, where there are outcomes."""
        values = self.networks[run.labels["net"]]
        return dict(enumerate(values)) if values.ndim == 2 and metric == "accuracy" else None

    def example_counts(self, run: Run) -> tuple[int, int] | None:
        """Not noted."""
        return None

    @property
    def measurements(self) -> pd.DataFrame:
        """One row per network and seed."""
        rows = [
            {"net": net, "seed": seed, "selection": "", "split": "", "metric": "accuracy"}
            | {"value": float(np.mean(value))}
            for net, values in self.networks.items()
            for seed, value in enumerate(values)
        ]
        return pd.DataFrame(rows)

    def judge(self, *claims: dict[str, Any]) -> list[Verdict]:
        """The verdicts on claims."""
        frame = self.measurements
        return judge_measurements(claims, frame, METRICS, self.runs, {}, self)


def accuracies(mean: float, sd: float = 0.01, seed: int = 0) -> np.ndarray:
    """Normal accuracies, one per seed, (12,)."""
    return mean + sd * np.random.default_rng(seed).standard_normal(len(SEEDS))


def answers(mean: float, seed: int = 0) -> np.ndarray:
    """Right or wrong answers to test examples of different difficulty, (12, 400)."""
    random = np.random.default_rng(seed)
    difficulty = np.random.default_rng(99).standard_normal(EXAMPLES)  # of the same test set
    skill = random.normal(0, 0.05, len(SEEDS))[:, None]
    chance = 1 / (1 + np.exp(-(np.log(mean / (1 - mean)) + skill - difficulty)))
    return (random.random(chance.shape) < chance).astype(float)
