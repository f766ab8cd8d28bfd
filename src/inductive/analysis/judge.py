"""Judging claims: from a study's claims and measurements to verdicts, by rules alone.

Every comparison yields two one-sided p-values: of the hypothesis that the claim does not hold
(`p_for`), and of the hypothesis that it does (`p_against`). Twice the smaller one is its two-sided
p, and Holm's adjustment runs over all comparisons of a study. A comparison is decided where that
is below 0.05. A claim is reproduced where all its comparisons are decided for it, contradicted
where one is decided against it, and inconclusive otherwise. Comparisons on other data than the
claim is about decide nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from inductive.analysis import statistics
from inductive.analysis.compare import compare_all
from inductive.analysis.comparisons import Claim
from inductive.analysis.results import Results
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


def judge(claims: Sequence[Claim], results: Results) -> list[Verdict]:
    """The verdict on every claim of a study, from its results."""
    return judge_measurements(
        claims, results.measurements, results.metrics, results.runs, results.published
    )


def judge_measurements(
    claims: Sequence[Claim],
    measurements: pd.DataFrame,
    metrics: Mapping[str, Metric],
    runs: Sequence[Run] = (),
    published: Mapping[str, Any] | None = None,
) -> list[Verdict]:
    """The verdict on every claim of one study.

    `measurements` are those of all its runs with their labels as columns (`Results.measurements`);
    `runs` give the data and the settings of its networks. A claim about other settings is not run;
    comparisons on other data than a claim is about are evidence and decide nothing.
    """
    lacks = [_lacks(claim, runs) for claim in claims]
    compared = [
        list(compare_all(claim, measurements, metrics, runs, published or {})) for claim in claims
    ]
    # A claim about other settings is not judged and not counted in the correction.
    compared = [
        [replace(c, values=np.empty(0)) for c in group] if lack else group
        for group, lack in zip(compared, lacks, strict=True)
    ]
    adjusted_p: dict[int, float] = {}
    tested = [c for group in compared for c in group if len(c.values) and not c.exact]
    for decides in (True, False):  # evidence does not cost the verdicts any power
        family = [c for c in tested if c.decides == decides]
        adjusted = statistics.holm([_two_sided(c) for c in family])
        adjusted_p |= {id(c): p for c, p in zip(family, adjusted, strict=True)}
    return [
        _conclude(
            claim,
            tuple(replace(c, p_adjusted=adjusted_p.get(id(c), _two_sided(c))) for c in group),
            lack,
        )
        for claim, group, lack in zip(claims, compared, lacks, strict=True)
    ]


def _two_sided(comparison: Comparison) -> float:
    return min(1.0, 2 * min(comparison.p_for, comparison.p_against))


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
    elif others and not deciding:
        about = ", ".join(f"{kind} {name}" for name, kind in claim["about"].items())
        here = ", ".join(dict.fromkeys(c.data for c in others))
        verdict, reason = OTHER_DATA, f"it is about {about}; these results are of {here}"
    else:
        verdict, reason = decide(deciding)
    evidence = []
    for data in dict.fromkeys(c.data for c in others):
        said, _ = decide([c for c in others if c.data == data])
        if said in EVIDENCE and not lack and "built_in" not in claim:
            evidence.append(f"{EVIDENCE[said]} {data}")
    return Verdict(claim, verdict, reason, tuple(evidence), comparisons)
