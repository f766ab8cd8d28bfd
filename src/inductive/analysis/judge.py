"""Judging claims: from a study's claims and measurements to verdicts, by rules alone.

Every comparison yields two one-sided p-values: of the hypothesis that the claim does not hold
(`p_for`), and of the hypothesis that it does (`p_against`). Twice the smaller one is its two-sided
p, and Holm's adjustment runs over all comparisons of a study. A comparison is decided where that
is below 0.05, or below the level of the look where seeds come on demand (`analysis.sequential`).
A claim is reproduced where all its comparisons are decided for it, contradicted where one is
decided against it, and inconclusive otherwise. Comparisons on other data than the claim is about
decide nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from inductive.analysis.compare import Kept, material_of
from inductive.analysis.comparisons import Claim
from inductive.analysis.material import Material
from inductive.analysis.results import Results
from inductive.analysis.sequential import Played, play
from inductive.analysis.verdicts import (
    EVIDENCE,
    NOT_RUN,
    OTHER_DATA,
    Comparison,
    Verdict,
    decide,
)
from inductive.core.metric import Metric
from inductive.core.run import Run


@dataclass(frozen=True)
class _FromResults:
    """What evaluations keep, from their files."""

    results: Results

    def outcomes(
        self, run: Run, metric: str, *, selection: str, split: str, **coordinates: float
    ) -> dict[int, np.ndarray] | None:
        return self.results.outcomes(run, metric, selection=selection, split=split, **coordinates)

    def example_counts(self, run: Run) -> tuple[int, int] | None:
        try:
            sizes = self.results.note(run, "examples")
        except KeyError:
            return None
        return sizes["train"], sizes["test"]


def judge(claims: Sequence[Claim], results: Results) -> list[Verdict]:
    """The verdict on every claim of a study, from its results."""
    return judge_measurements(claims, *_what_is_known(results))


def look_at(claims: Sequence[Claim], results: Results, number: int) -> Played:
    """The state after the first `number` looks: which runs the next one needs, with how many
    seeds."""
    _, _, judged = _prepare(claims, *_what_is_known(results))
    return play(judged, results.runs, number)


def _what_is_known(
    results: Results,
) -> tuple[pd.DataFrame, dict[str, Metric], list[Run], dict[str, Any], Kept]:
    """What the judge needs besides the claims."""
    kept = _FromResults(results)
    return results.measurements, results.metrics, results.runs, results.published, kept


def judge_measurements(
    claims: Sequence[Claim],
    measurements: pd.DataFrame,
    metrics: Mapping[str, Metric],
    runs: Sequence[Run] = (),
    published: Mapping[str, Any] | None = None,
    kept: Kept | None = None,
) -> list[Verdict]:
    """The verdict on every claim of one study.

    `measurements` are those of all its runs with their labels as columns (`Results.measurements`);
    `runs` give the data and the settings of its networks, `kept` the outcomes per test example. A
    claim about other settings is not run; comparisons on other data than a claim is about are
    evidence and decide nothing. Roles whose labels are equal are of the same networks and are
    paired by seed; without outcomes the verdicts are about this very test set.
    """
    lacks, materials, judged = _prepare(claims, measurements, metrics, runs, published or {}, kept)
    played = play(judged, runs)
    compared = [
        [replace(m.blank, values=np.empty(0)) for m in group] if lack else done
        for lack, group, done in zip(lacks, materials, played.comparisons, strict=True)
    ]
    return [
        _conclude(claim, tuple(group), lack)
        for claim, group, lack in zip(claims, compared, lacks, strict=True)
    ]


def _prepare(
    claims: Sequence[Claim],
    measurements: pd.DataFrame,
    metrics: Mapping[str, Metric],
    runs: Sequence[Run],
    published: Mapping[str, Any],
    kept: Kept | None,
) -> tuple[list[str | None], list[list[Material]], list[list[Material]]]:
    """Of every claim a setting that it lacks, its comparisons, and those that are judged."""
    lacks = [_lacks(claim, runs) for claim in claims]
    materials = [
        list(material_of(claim, measurements, metrics, runs, published, kept)) for claim in claims
    ]
    # A claim about other settings is not judged and not counted in the correction.
    judged = [[] if lack else group for lack, group in zip(lacks, materials, strict=True)]
    return lacks, materials, judged


def _lacks(claim: Claim, runs: Sequence[Run]) -> str | None:
    """A setting that a claim needs and these results do not have; None where they have all."""
    for run in runs:
        if not _concerns(claim, run):
            continue
        settings = run.evaluation | run.training
        for key, needed in claim.get("needs", {}).items():
            if settings.get(key) != needed:
                name = key.replace("_", " ")
                return f"needs the published {name}, {needed}; here it is {settings.get(key)}"
    return None


def _concerns(claim: Claim, run: Run) -> bool:
    """Whether a run has all the labels that a claim names in its defaults."""
    named = {k: v for k, v in claim.get("defaults", {}).items() if k in run.labels}
    return named.items() <= run.labels.items()


def _conclude(claim: Claim, comparisons: tuple[Comparison, ...], lack: str | None) -> Verdict:
    deciding = [c for c in comparisons if c.decides]
    others = [c for c in comparisons if not c.decides]
    if lack:
        verdict, reason = NOT_RUN, lack
    elif not deciding and any(len(c.values) for c in others):
        about = ", ".join(f"{kind} {name}" for name, kind in claim["about"].items())
        here = ", ".join(dict.fromkeys(c.data for c in others))
        verdict, reason = OTHER_DATA, f"it is about {about}; these results are of {here}"
    else:
        verdict, reason = decide(deciding or others)
    evidence = []
    # A published value is one of its own data: on others nothing follows from it.
    silent = lack or "built_in" in claim or claim["type"] == "figure"
    for data in dict.fromkeys(c.data for c in others):
        said, _ = decide([c for c in others if c.data == data])
        if said in EVIDENCE and not silent:
            evidence.append(f"{EVIDENCE[said]} {data}")
    return Verdict(claim, verdict, reason, tuple(evidence), comparisons)
