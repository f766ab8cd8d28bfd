"""Writes the results of a study: its tables, figures and verdicts."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from inductive.analysis.results import Results
from inductive.analysis.statistics import cohens_d, estimate
from inductive.analysis.verdicts import Comparison, Verdict
from inductive.core.files import digest, write_json, write_text
from inductive.report.elements import Figure, Table
from inductive.report.figures import style, to_svg


def write_section(
    folder: Path,
    prose: Mapping[str, str],
    results: Results,
    tables: Callable[[Results], list[Table]],
    figures: Callable[[Results], list[Figure]],
) -> None:
    """Write tables/*.csv, figures/*.svg and section.json into a study's folder.

    `prose` holds title, question and protocol. `tables` and `figures` are the functions of the
    study's report; figures are drawn in this project's style.
    """
    all_tables = tables(results)
    with style():
        all_figures = figures(results)
    csvs = {f"{table.id}.csv": to_csv(table.data) for table in all_tables}
    svgs = {f"{f.id}.svg": to_svg(f.drawing, f"{results.study}-{f.id}") + "\n" for f in all_figures}
    for name, text in csvs.items():
        write_text(folder / "tables" / name, text)
    for name, text in svgs.items():
        write_text(folder / "figures" / name, text)
    datasets = {run.dataset.id: run.dataset for run in results.runs if run.dataset}
    section = dict(prose) | {
        "study": results.study,
        # The page depends on this file alone, so it must change when a drawing or a table does.
        "drawn": digest([svgs, csvs], length=16),
        "datasets": [{"name": spec.name, "kind": spec.kind} for spec in datasets.values()],
        "seeds": sorted({len(run.seeds) for run in results.runs}),
        "runs": len(results.runs),
        "networks": results.networks,
        "diverged": results.diverged,
        "tables": [table.to_json() for table in all_tables],
        "figures": [figure.to_json() for figure in all_figures],
        "made": _summarise_provenance(results.made),
    }
    write_json(folder / "section.json", section)


def write_verdicts(folder: Path, verdicts: Sequence[Verdict]) -> None:
    """Write verdicts.csv, one row per comparison, and verdicts.json, one entry per claim."""
    write_text(folder / "verdicts.csv", to_csv(_comparison_rows(verdicts)))
    write_json(folder / "verdicts.json", [_summarise(verdict) for verdict in verdicts])


def to_csv(frame: pd.DataFrame) -> str:
    """A frame as CSV text, floats with six significant digits."""
    text: str = frame.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    return text


def _comparison_rows(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    """One row per comparison: its description, the effect, and the verdict on it alone."""
    rows = []
    for verdict in verdicts:
        for c in verdict.comparisons:
            run = len(c.values) > 0
            e = estimate(c.values) if run else None
            several = e is not None and not c.exact and e.n > 1
            rows.append(
                {
                    "claim": verdict.id,
                    "comparison": c.description,
                    "data": c.data,
                    "decides": c.decides,
                    "verdict": c.verdict,
                    "effect": e.mean if e else None,
                    "low": e.low if e and several else None,
                    "high": e.high if e and several else None,
                    "d": cohens_d(c.values) if several and c.paired and not c.not_finite else None,
                    "p": min(1.0, 2 * min(c.p_for, c.p_against)) if run and not c.exact else None,
                    "p_holm": c.p_adjusted if run and not c.exact else None,
                    "n": e.n if e and not c.exact else 0,
                    "cases": e.n if e and c.exact else 0,
                    "largest_error": c.largest_error if c.exact else None,
                    "tolerance": c.tolerance if c.exact else None,
                    "not_finite": c.not_finite,
                }
            )
    return pd.DataFrame(rows)


def _summarise(verdict: Verdict) -> dict[str, Any]:
    """A verdict as the ledger shows it, with the comparison that has the smallest p_against."""
    claim = verdict.claim
    summary: dict[str, Any] = {
        "id": verdict.id,
        "type": claim["type"],
        "source": source_text(claim["source"]),
        "link": claim["source"].get("link", "") if isinstance(claim["source"], dict) else "",
        "stated": _one_line(claim["stated"]),
        "tested": _one_line(claim.get("tested", "")),
        "about": ", ".join(f"{kind} {name}" for name, kind in claim.get("about", {}).items()),
        "built_in": _one_line(claim.get("built_in", "")),
        "replicated": claim.get("replicated", "seeds"),
        "verdict": verdict.verdict,
        "reason": verdict.reason,
        "evidence": list(verdict.evidence),
        "effect": "",
        "comparison": "",
        "measured_on": "",
    }
    deciding = verdict.deciding
    if deciding is None or verdict.verdict == "not run":
        return summary
    measured = {"effect": _effect(deciding), "measured_on": deciding.data}
    return summary | measured | {"comparison": deciding.description}


def _effect(comparison: Comparison) -> str:
    """What was measured: of an identity its cases and largest error, else mean, interval and n."""
    e = estimate(comparison.values)
    left_out = f" ({e.not_finite} more not finite)" if e.not_finite else ""
    if comparison.exact:
        broken = int((comparison.values[np.isfinite(comparison.values)] != 0).sum())
        error = f"largest error {_short(comparison.largest_error)}"
        cases = f"{e.n} {'case' if e.n == 1 else 'cases'}, {error}"
        broken_by = f", {broken} of them above it" if broken else ""
        return f"{cases} (allowed {_short(comparison.tolerance)}{broken_by}){left_out}"
    of_shares = comparison.paired and comparison.unit == "%"
    unit = " points" if of_shares else f" {comparison.unit}" if comparison.unit else ""
    sign = "+" if of_shares and e.mean > 0 else ""
    effect = f"{sign}{_short(e.mean)}{unit}"
    if math.isfinite(e.half_width):
        effect += f" [{_short(e.low)}, {_short(e.high)}]"
    return f"{effect}, n = {e.n}{left_out}"


def source_text(source: Any) -> str:
    """A source as readers see it: title, date and section."""
    if isinstance(source, str):
        return source
    parts = [source[key] for key in ("title", "date", "section") if source.get(key)]
    return ", ".join(str(part) for part in parts)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _short(value: float) -> str:
    """Two decimals, or a power of ten where two decimals would show 0.00."""
    if not math.isfinite(value):
        return "—"
    if value == 0:
        return "0"
    return f"{value:.2f}" if abs(value) >= 0.005 else f"{value:.0e}"


def _summarise_provenance(made: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """All devices, commits and versions of torch, the total time and the peak memory."""

    def values(key: str) -> list[str]:
        return sorted({str(part[key]) for part in made})

    return {
        "device": values("device"),
        "commit": values("commit"),
        "torch": sorted({str(part["versions"].get("torch", "unknown")) for part in made}),
        "wall_minutes": round(sum(part["wall_seconds"] for part in made) / 60, 1),
        "peak_memory_mib": max((part["peak_memory_mib"] for part in made), default=0),
    }
