"""What was measured, in words: the effect, what it is replicated over, and how it is paired."""

import math

import numpy as np

from inductive.analysis.comparisons import Claim
from inductive.analysis.contrast import Contrast
from inductive.analysis.statistics import estimate
from inductive.analysis.verdicts import INCONCLUSIVE, Comparison
from inductive.report.appraisal import interval_of
from inductive.report.numbers import (
    counted,
    exact_number,
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
    """What was measured: the mean with its 95 % interval and n; of an identity its cases and their
    largest error; of what is not random its value.

    Where that interval alone would decide an undecided comparison, the corrected one as well.
    """
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
        return f"{with_unit(rounded(e.mean, e.half_width, unit), unit)}, {count}{left_out}"
    sign = "+" if is_difference(comparison) and contrast.mean > 0 else ""
    if contrast.fixed:
        same = f"the same in all {count}" if comparison.n > 1 else count
        return f"{sign}{with_unit(exact_number(contrast.mean), unit)}, {same}"
    low, high = interval_of(contrast)
    error = (high - low) / 2
    text = sign + with_unit(rounded(contrast.mean, error, unit), unit)
    if 0 < error < math.inf:
        text += f" {_interval(contrast, 0.95, error, unit)}"
        if comparison.verdict == INCONCLUSIVE and _clear_of(comparison.region, low, high):
            corrected = _interval(contrast, 1 - comparison.threshold, error, unit)
            text += f", corrected {corrected}"
    return f"{text}, {count}"


def _interval(contrast: Contrast, level: float, error: float, unit: str) -> str:
    ends = (rounded(end, error, unit) for end in interval_of(contrast, level))
    return f"[{', '.join(ends)}]"


def _clear_of(region: tuple[float, float], low: float, high: float) -> bool:
    """Whether an interval contains none of the region's bounds."""
    return not any(low <= bound <= high for bound in region if math.isfinite(bound))


def _cases(comparison: Comparison) -> str:
    finite = comparison.values[np.isfinite(comparison.values)]
    broken = int((finite != 0).sum())
    cases = counted(len(finite), "case")
    if comparison.distinct < len(comparison.values):
        different = f"with {comparison.distinct:,} different values"
        cases += f" {different if comparison.distinct > 1 else 'with the same value'}"
    largest = _short(comparison.largest_error)
    broken_by = f", {broken} of them above it" if broken else ""
    left_out = f" ({comparison.not_finite} more not finite)" if comparison.not_finite else ""
    allowed = _short(comparison.tolerance)
    return f"{cases}, largest error {largest} (allowed {allowed}{broken_by}){left_out}"


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
    if contrast and contrast.fixed:
        return "nothing in it is random"
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
    if comparison.exact or (comparison.contrast and comparison.contrast.fixed):
        return ""
    if not comparison.paired:
        groups = len(comparison.contrast.groups) if comparison.contrast else 1
        return "independent samples" if groups > 1 else ""
    if claim.get("replicated", "seeds") != "seeds":
        return f"paired: the same {replication_of(claim)}"
    return f"paired: {claim.get('paired', 'measured on the same networks')}"
