"""A verdict as a row of the ledger."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from inductive.analysis.verdicts import INCONCLUSIVE, NOT_RUN, Comparison, Verdict
from inductive.report import effect, sentences
from inductive.report.appraisal import Appraisal


def summarise(verdict: Verdict, appraisals: Sequence[Appraisal]) -> dict[str, Any]:
    """A verdict as the ledger shows it, with the comparison that `Verdict.deciding` names."""
    claim, source = verdict.claim, verdict.claim["source"]
    summary: dict[str, Any] = {
        "id": verdict.id,
        "type": claim["type"],
        "source": sentences.source_text(source),
        "link": source.get("link", "") if isinstance(source, dict) else "",
        "stated": sentences.one_line(claim["stated"]),
        "tested": sentences.one_line(claim.get("tested", "")),
        "about": ", ".join(f"{kind} {name}" for name, kind in claim.get("about", {}).items()),
        "built_in": sentences.one_line(claim.get("built_in", "")),
        "replicated": claim.get("replicated", "seeds"),
        "statistical": any(c.decides and c.looks for c in verdict.comparisons),
        "verdict": verdict.verdict,
        "reason": verdict.reason,
        "evidence": [_with_shortfall(line, verdict, appraisals) for line in verdict.evidence],
        **dict.fromkeys(("effect", "comparison", "measured_on"), ""),
        **dict.fromkeys(("replication", "pairing", "decision", "robustness"), ""),
        "missing": [],
    }
    if verdict.verdict == NOT_RUN or verdict.deciding is None:
        return summary
    shown = verdict.deciding
    appraisal = appraisals[_position(verdict, shown)]
    summary |= {
        "effect": effect.effect(claim, shown),
        "comparison": shown.description,
        "measured_on": shown.data,
        "replication": effect.replication(claim, shown),
        "pairing": effect.pairing(claim, shown),
    }
    if not shown.decides:  # the lines of evidence say the rest, in fewer words
        return summary
    return summary | {
        "decision": sentences.decision(verdict),
        "robustness": sentences.robustness(claim, shown, appraisal),
        "missing": sentences.missing(claim, shown, appraisal),
    }


def _position(verdict: Verdict, comparison: Comparison) -> int:
    return next(i for i, c in enumerate(verdict.comparisons) if c is comparison)


def _with_shortfall(line: str, verdict: Verdict, appraisals: Sequence[Appraisal]) -> str:
    """A line on other data and, where these leave it open, what they lack: that of the comparison
    which the row shows, or else of the one on these data that supports the claim least."""
    on_these = [c for c in verdict.comparisons if not c.decides and line == f"open on {c.data}"]
    still_open = [c for c in on_these if c.verdict == INCONCLUSIVE]
    if not still_open:
        return line
    shown = verdict.deciding
    named = ""
    if not any(c is shown for c in still_open):
        shown = replace(verdict, comparisons=tuple(still_open)).deciding
        several = len(on_these) > 1
        named = f"{shown.description}: " if shown and several else ""
    if shown is None:
        return line
    appraisal = appraisals[_position(verdict, shown)]
    lacks = sentences.shortfall(verdict.claim, shown, appraisal)
    return f"{line}: {named}{lacks}" if lacks else line
