"""Writes the results of a study: its tables, figures and verdicts."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from inductive.analysis.judge import Verdict
from inductive.analysis.results import Results
from inductive.analysis.statistics import cohens_d, estimate
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
                    "verdict": c.verdict,
                    "effect": e.mean if e else None,
                    "low": e.low if e and several else None,
                    "high": e.high if e and several else None,
                    "d": cohens_d(c.values) if several and c.paired and not c.not_finite else None,
                    "p": min(1.0, 2 * min(c.p_for, c.p_against)) if run else None,
                    "p_holm": c.p_adjusted if run else None,
                    "n": e.n if e else 0,
                    "not_finite": c.not_finite,
                }
            )
    return pd.DataFrame(rows)


def _summarise(verdict: Verdict) -> dict[str, Any]:
    """A verdict as the ledger shows it, with the comparison that has the smallest p_against."""
    summary: dict[str, Any] = {
        "id": verdict.id,
        "source": verdict.source,
        "statement": verdict.statement,
        "verdict": verdict.verdict,
        "reason": verdict.reason,
        "effect": "",
        "comparison": "",
    }
    deciding = verdict.deciding
    if deciding is None or verdict.verdict == "not run":
        return summary
    summary["comparison"] = deciding.description
    e = estimate(deciding.values)
    left_out = f" ({e.not_finite} more not finite)" if e.not_finite else ""
    if deciding.exact:
        broken = int((deciding.values[np.isfinite(deciding.values)] != 0).sum())
        return summary | {"effect": f"{broken} of {e.n} rows break it{left_out}"}
    unit = f" {deciding.unit}" if deciding.unit else ""
    effect = f"{_short(e.mean)}{unit}"
    if math.isfinite(e.half_width):
        effect += f" [{_short(e.low)}, {_short(e.high)}]"
    return summary | {"effect": f"{effect}, n = {e.n}{left_out}"}


def _short(value: float) -> str:
    """Two decimals, or a power of ten where two decimals would show 0.00."""
    if not math.isfinite(value):
        return "—"
    return f"{value:.2f}" if abs(value) >= 0.005 or value == 0 else f"{value:.0e}"


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
