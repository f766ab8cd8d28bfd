"""How a claim was decided, or what an undecided one lacks, as a row of the ledger says it."""

import math
from typing import Any

from inductive.analysis.comparisons import Claim
from inductive.analysis.power import POWER
from inductive.analysis.quantity import parse_quantity
from inductive.analysis.spending import LEVEL
from inductive.analysis.verdicts import (
    CONTRADICTED,
    INCONCLUSIVE,
    MIN_SEEDS,
    REPRODUCED,
    Comparison,
    Verdict,
)
from inductive.report.appraisal import TOST, Appraisal
from inductive.report.effect import replication_of
from inductive.report.numbers import about, at_least, counted, unit_of, with_unit

_PROBABLY = f"{100 * POWER:g} % probability"
_AS_IT_LOOKS = "if the effect is what it looks like"


def decision(verdict: Verdict) -> str:
    """At which look and after how many seeds a claim was decided; empty without seeds on demand.

    A reproduced claim is decided with its last comparison, a contradicted one with the first that
    contradicts it. Of an undecided one, what the comparison that it shows has seen.
    """
    looked = [c for c in verdict.comparisons if c.decides and c.looks and c.level < LEVEL]
    if verdict.verdict == CONTRADICTED:
        looked = [c for c in looked if c.verdict == CONTRADICTED]
    if not looked:
        return ""
    if verdict.verdict not in (REPRODUCED, CONTRADICTED):
        shown = next((c for c in looked if c is verdict.deciding), None)
        return _still_open(verdict.claim, shown) if shown else ""
    last = [c.looks[-1].number for c in looked]
    number = max(last) if verdict.verdict == REPRODUCED else min(last)
    count = max(c.n for c in looked if c.looks[-1].number == number)
    return f"decided at look {number}, after {counted(count, replication_of(verdict.claim))}"


def _still_open(claim: Claim, comparison: Comparison) -> str:
    number, counts = comparison.looks[-1].number, [look.contrast for look in comparison.looks[-2:]]
    text = f"still open at look {number}, after {counted(comparison.n, replication_of(claim))}"
    seeds = [contrast.n for contrast in counts if contrast]
    if not comparison.given_up or len(set(seeds)) > 1:  # others asked for more of its seeds
        return text
    return f"{text}; it asked for no more: {comparison.given_up}"


def missing(claim: Claim, comparison: Comparison, appraisal: Appraisal) -> list[str]:
    """What an undecided comparison lacks, in sentences; empty where it is decided."""
    if comparison.verdict != INCONCLUSIVE or comparison.exact:
        return []
    sentences = []
    if not math.isnan(appraisal.detectable):
        seen = _seen(comparison, appraisal.detectable)
        sentences.append(f"With {_PROBABLY} {seen} would have been decided.")
    if appraisal.needed:
        sentences.append(_needed(replication_of(claim), appraisal))
    return sentences + _equivalence(claim, comparison, appraisal)


def _seen(comparison: Comparison, detectable: float) -> str:
    low, high = comparison.region
    bounds = comparison.contrast.bounds if comparison.contrast else None
    lowest, highest = bounds or (-math.inf, math.inf)
    largest = (highest - lowest) / 2 if math.isfinite(high) else highest - low
    if detectable >= largest:
        return "not even the largest possible effect"
    unit = unit_of(comparison)
    distance = "points" if unit == "%" else unit  # between levels
    size = with_unit(at_least(detectable, distance), distance)
    if math.isfinite(high):
        return f"a true value in the middle of a margin of ±{size}"
    if low == 0:
        return f"a true difference of {size}"
    return f"a true value {size} away from the bound of {with_unit(f'{low:.6g}', unit)}"


def _needed(one: str, appraisal: Appraisal) -> str:
    amount = _amount(one, appraisal)
    if appraisal.needed and appraisal.needed.examples is not None:
        return (
            f"More {one}s alone do not help: {_AS_IT_LOOKS}, {amount} would decide it with "
            f"{_PROBABLY}."
        )
    if amount:
        sure = math.isnan(appraisal.detectable)  # equal values: a sign test
        probably = "" if sure else f" with {_PROBABLY}"
        return f"{_AS_IT_LOOKS.capitalize()}, {amount} would decide it{probably}."
    if appraisal.hopeless:
        return (
            f"{_AS_IT_LOOKS.capitalize()}, this design cannot decide it, whatever the number of "
            f"{one}s."
        )
    return f"{_AS_IT_LOOKS.capitalize()}, no reasonable number of {one}s would decide it."


def _amount(one: str, appraisal: Appraisal) -> str:
    """Seeds and test examples that would decide a comparison; empty where none are known to."""
    needed, parts = appraisal.needed, []
    if needed and needed.examples is not None:
        parts.append(about(needed.examples, "test example"))
    if needed and needed.seeds is not None:
        parts.append(about(needed.seeds, one))
    return " and ".join(parts)


def _equivalence(claim: Claim, comparison: Comparison, appraisal: Appraisal) -> list[str]:
    bounds = comparison.contrast.bounds if comparison.contrast else None
    if not appraisal.equivalence < (bounds[1] if bounds else math.inf):
        return []
    unit = unit_of(comparison)
    margin = with_unit(at_least(appraisal.equivalence, unit), unit)
    text = (
        f"The difference is smaller than {margin} in either direction (two "
        f"one-sided tests, each at {100 * TOST:g} %)"
    )
    practical = parse_quantity(claim.get("practical"))
    if practical is None:
        return [f"{text}."]
    if appraisal.equivalence < practical.value:
        return [f"{text}: no practical difference, which begins at {practical}."]
    return [f"{text}; a practical difference begins at {practical}, and is not excluded."]


def robustness(claim: Claim, comparison: Comparison, appraisal: Appraisal) -> str:
    """How few seeds a decision depends on; empty where it is undecided or nothing was tried."""
    if not appraisal.removals:
        return ""
    one = replication_of(claim)
    if comparison.n == MIN_SEEDS:
        return f"rests on {MIN_SEEDS} {one}s, the fewest that decide anything"
    if appraisal.fragility is None:
        return f"no removal of up to {counted(appraisal.removals, one)} undoes it"
    return f"the removal of {counted(appraisal.fragility, one)} would undo it"


def shortfall(claim: Claim, comparison: Comparison, appraisal: Appraisal) -> str:
    """What undecided evidence lacks, in few words."""
    words = []
    if not math.isnan(appraisal.detectable):
        words.append(f"{_seen(comparison, appraisal.detectable)} would have been seen")
    one = replication_of(claim)
    if amount := _amount(one, appraisal):
        words.append(f"{amount} would decide it")
    elif appraisal.hopeless:
        return "; ".join([*words, f"no number of {one}s would decide it"])
    return f"{'; '.join(words)} (with {_PROBABLY})" if words else ""


def source_text(source: Any) -> str:
    """A source as readers see it: title, date and section."""
    if isinstance(source, str):
        return source
    parts = [source[key] for key in ("title", "date", "section") if source.get(key)]
    return ", ".join(str(part) for part in parts)


def one_line(text: str) -> str:
    """A text of several lines, on one."""
    return " ".join(text.split())
