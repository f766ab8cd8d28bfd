"""A comparison's result in words, as a row of the ledger shows it."""

import math
from typing import Any

import numpy as np

from inductive.analysis.comparisons import Claim
from inductive.analysis.power import Needed
from inductive.analysis.quantity import parse_quantity
from inductive.analysis.spending import LEVEL
from inductive.analysis.statistics import estimate
from inductive.analysis.verdicts import (
    CONTRADICTED,
    INCONCLUSIVE,
    MIN_SEEDS,
    REPRODUCED,
    Comparison,
)
from inductive.report.appraisal import TOST, Appraisal, interval_of
from inductive.report.numbers import (
    about,
    at_least,
    counted,
    is_difference,
    rounded,
    unit_of,
    with_unit,
)

_UNITS = {
    "seeds": "seed",
    "draws": "draw",
    "splits": "split",
    "timings": "repetition",
    "cases": "case",
}
"""What a claim's comparisons are replicated over, and one of these."""


def replication_of(claim: Claim) -> str:
    """What one value of a comparison is of: a seed, a draw, a split, a repetition or a case."""
    return _UNITS[claim.get("replicated", "seeds")]


def effect(claim: Claim, comparison: Comparison) -> str:
    """What was measured: of an identity its cases and largest error, else mean, interval and n."""
    if comparison.exact:
        return _cases(comparison)
    contrast, unit = comparison.contrast, unit_of(comparison)
    count = counted(comparison.n, replication_of(claim))
    if contrast is None:
        e = estimate(comparison.values)
        left_out = (
            f" ({counted(comparison.not_finite, 'value')} not finite)"
            if comparison.not_finite
            else ""
        )
        return f"{with_unit(rounded(e.mean, e.half_width), unit)}, {count}{left_out}"
    low, high = interval_of(contrast)
    error = (high - low) / 2
    sign = "+" if is_difference(comparison) and contrast.mean > 0 else ""
    text = sign + with_unit(rounded(contrast.mean, error), unit)
    if 0 < error < math.inf:
        text += f" [{rounded(low, error)}, {rounded(high, error)}]"
    return f"{text}, {count}"


def _cases(comparison: Comparison) -> str:
    finite = comparison.values[np.isfinite(comparison.values)]
    broken = int((finite != 0).sum())
    cases = f"{counted(len(finite), 'case')}, largest error {_short(comparison.largest_error)}"
    broken_by = f", {broken} of them above it" if broken else ""
    left_out = f" ({comparison.not_finite} more not finite)" if comparison.not_finite else ""
    return f"{cases} (allowed {_short(comparison.tolerance)}{broken_by}){left_out}"


def _short(value: float) -> str:
    """Two significant digits, as a power of ten below a hundredth."""
    if not math.isfinite(value):
        return "—"
    return f"{value:.2g}" if value == 0 or abs(value) >= 0.01 else f"{value:.0e}"


def replication(claim: Claim, comparison: Comparison) -> str:
    """What the interval is over: 'over 6 seeds and 2,000 test examples'."""
    if comparison.exact:
        return "checked exactly in every case"
    kind, contrast = claim.get("replicated", "seeds"), comparison.contrast
    over = f"over {counted(comparison.n, replication_of(claim))}"
    if contrast and contrast.examples:
        over += f" and {counted(len(contrast.examples.values), 'test example')}"
    if contrast and contrast.published:
        over += f", and over the {contrast.published.n:,} runs of the published value"
    if kind == "splits":
        return f"{over} (resampled: corrected after Nadeau and Bengio)"
    if kind == "draws":
        return f"{over} of the data"
    if kind == "timings":
        noise = comparison.noise
        spread = f" (they spread over {100 * noise:.0f} %)" if math.isfinite(noise) else ""
        return f"{over} of interleaved timings{spread}"
    if kind == "seeds" and contrast and not contrast.examples:
        return f"{over}, without the sampling of test examples"
    return over


def pairing(claim: Claim, comparison: Comparison) -> str:
    """What the compared networks have in common by seed; empty for a single network."""
    if comparison.exact:
        return ""
    if not comparison.paired:
        groups = len(comparison.contrast.groups) if comparison.contrast else 1
        return "independent samples" if groups > 1 else ""
    if claim.get("replicated", "seeds") != "seeds":
        return f"paired: the same {replication_of(claim)}"
    return f"paired: {claim.get('paired', 'measured on the same networks')}"


def decision(claim: Claim, comparison: Comparison) -> str:
    """After how many seeds it was decided; empty without seeds on demand."""
    if comparison.exact or not comparison.looks or comparison.level >= LEVEL:
        return ""
    seeds = counted(comparison.n, replication_of(claim))
    look = comparison.looks[-1].number
    if comparison.verdict in (REPRODUCED, CONTRADICTED):
        return f"decided at look {look}, after {seeds}"
    if comparison.given_up:
        return f"given up at look {look}, after {seeds}: {comparison.given_up}"
    return f"still open at look {look}, after {seeds}"


def missing(claim: Claim, comparison: Comparison, appraisal: Appraisal) -> list[str]:
    """What an undecided comparison lacks, in sentences; empty where it is decided."""
    if comparison.verdict != INCONCLUSIVE or comparison.exact:
        return []
    one = replication_of(claim)
    sentences = []
    if not math.isnan(appraisal.detectable):
        seen = _seen(comparison, appraisal.detectable)
        sentences.append(f"With 80 % probability {seen} would have been decided.")
    if appraisal.needed:
        sentences.append(_needed(one, appraisal.needed))
    return sentences + _equivalence(claim, comparison, appraisal)


def _margin_unit(unit: str) -> str:
    """The unit of a distance between levels."""
    return "points" if unit == "%" else unit


def _seen(comparison: Comparison, detectable: float) -> str:
    low, high = comparison.region
    bounds = comparison.contrast.bounds if comparison.contrast else None
    lowest, highest = bounds or (-math.inf, math.inf)
    largest = (highest - lowest) / 2 if math.isfinite(high) else highest - low
    if detectable >= largest:
        return "not even the largest possible effect"
    size = with_unit(at_least(detectable), _margin_unit(unit_of(comparison)))
    if math.isfinite(high):
        return f"a true value in the middle of a margin of ±{size}"
    if low == 0:
        return f"a true difference of {size}"
    bound = with_unit(f"{low:.6g}", unit_of(comparison))
    return f"a true value {size} away from the bound of {bound}"


def _needed(one: str, needed: Needed) -> str:
    if needed.seeds is not None:
        return f"If the effect is what it looks like, {about(needed.seeds, one)} would decide it."
    if needed.examples is not None:
        return (
            f"More {one}s do not help: if the effect is what it looks like, "
            f"{about(needed.examples, 'test example')} would decide it."
        )
    return f"If the effect is what it looks like, no reasonable number of {one}s would decide it."


def _equivalence(claim: Claim, comparison: Comparison, appraisal: Appraisal) -> list[str]:
    bounds = comparison.contrast.bounds if comparison.contrast else None
    if not appraisal.equivalence < (bounds[1] if bounds else math.inf):
        return []
    unit, margin = unit_of(comparison), at_least(appraisal.equivalence)
    text = (
        f"The difference is smaller than {with_unit(margin, unit)} in either direction (two "
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
    needed = appraisal.needed
    if needed and needed.seeds is not None:
        words.append(f"{about(needed.seeds, replication_of(claim))} needed")
    elif needed and needed.examples is not None:
        words.append(f"{about(needed.examples, 'test example')} needed")
    return "; ".join(words)


def source_text(source: Any) -> str:
    """A source as readers see it: title, date and section."""
    if isinstance(source, str):
        return source
    parts = [source[key] for key in ("title", "date", "section") if source.get(key)]
    return ", ".join(str(part) for part in parts)


def one_line(text: str) -> str:
    """A text of several lines, on one."""
    return " ".join(text.split())
