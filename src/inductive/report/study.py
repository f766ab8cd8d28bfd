"""The third step of a study: its tables, figures and verdicts, from its results."""

import math
from pathlib import Path
from typing import Any

import pandas as pd

from inductive import store
from inductive.claims.statistics import cohens_d, estimate
from inductive.claims.verdicts import Verdict, judge
from inductive.report.plotting import to_svg
from inductive.report.results import Results
from inductive.studies import load, load_views


def render(plan: Path) -> None:
    """Write tables/*.csv, figures/*.svg, verdicts.csv and section.json beside a study's plan.

    Raises InputError where a result is missing or was made with other parameters.
    """
    results = Results.read(plan)
    name = results.runs[0].study
    study, views = load(name), load_views(name)
    folder = plan.parent
    tables, figures = views.tables(results), views.figures(results)
    for table in tables:
        write_frame(folder / "tables" / f"{table.id}.csv", table.data)
    for figure in figures:
        svg = to_svg(figure.drawing, f"{name}-{figure.id}")
        store.write_text(folder / "figures" / f"{figure.id}.svg", svg + "\n")
    datasets = {str(run.dataset.folder): run.dataset for run in results.runs if run.dataset}
    kinds = {spec.kind for spec in datasets.values()}
    verdicts = judge(name, results.tidy, kinds, results.runs)
    write_frame(folder / "verdicts.csv", _comparisons(verdicts))
    seeds = sorted({len(run.seeds) for run in results.runs})
    drawn = store.digest([to_text(folder / "figures"), to_text(folder / "tables")], length=16)
    section = {
        "study": name,
        "drawn": drawn,
        "title": study.TITLE,
        "question": study.QUESTION,
        "protocol": study.PROTOCOL,
        "datasets": [{"name": s.name, "kind": s.kind} for s in datasets.values()],
        "seeds": seeds,
        "runs": len(results.runs),
        "tables": [table.to_json() for table in tables],
        "figures": [figure.to_json() for figure in figures],
        "verdicts": [_summary(verdict) for verdict in verdicts],
        "made": _made(results.made),
    }
    store.write_json(folder / "section.json", section)


def to_text(folder: Path) -> dict[str, str]:
    """File -> content. In the section, so that the page knows when a picture is another one."""
    return {p.name: p.read_text(encoding="utf-8") for p in sorted(folder.iterdir())}


def write_frame(path: Path, frame: pd.DataFrame) -> None:
    """A frame as CSV, six significant digits, atomically."""
    store.write_text(path, frame.to_csv(index=False, float_format="%.6g", lineterminator="\n"))


def _comparisons(verdicts: list[Verdict]) -> pd.DataFrame:
    """One row a comparison: what was compared, the effect, and what it says."""
    rows = []
    for verdict in verdicts:
        for c in verdict.comparisons:
            run = len(c.values) > 0
            e = estimate(c.values) if run else None
            many = run and not c.exact and len(c.values) > 1
            rows.append(
                {
                    "claim": verdict.id,
                    "comparison": c.what,
                    "verdict": c.verdict,
                    "effect": e.mean if e else None,
                    "low": e.low if e and many else None,
                    "high": e.high if e and many else None,
                    "d": cohens_d(c.values) if many and c.paired else None,
                    "p": min(1.0, 2 * min(c.p_for, c.p_against)) if run else None,
                    "p_holm": c.p_adjusted if run else None,
                    "n": len(c.values),
                }
            )
    return pd.DataFrame(rows)


def _summary(verdict: Verdict) -> dict[str, Any]:
    """A verdict as the ledger shows it, with the comparison that speaks loudest against it."""
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
    if deciding is not None and verdict.verdict != "not run":
        e = estimate(deciding.values)
        unit = " %" if verdict.unit == "percent" else ""
        summary["comparison"] = deciding.what
        if deciding.exact:
            broken = int((deciding.values != 0).sum())
            summary["effect"] = f"{broken} of {len(deciding.values)} rows break it"
        elif math.isfinite(e.half_width):
            interval = f"[{_short(e.low)}, {_short(e.high)}]"
            summary["effect"] = f"{_short(e.mean)}{unit} {interval}, n = {e.n}"
        else:
            summary["effect"] = f"{_short(e.mean)}{unit}, n = {e.n}"
    return summary


def _short(value: float) -> str:
    """Two decimals, or a power of ten where they would show nothing."""
    return f"{value:.2f}" if abs(value) >= 0.005 or value == 0 else f"{value:.0e}"


def _made(facts: list[dict[str, Any]]) -> dict[str, Any]:
    """Where the runs of a study were made: every value that occurs, and the sums."""

    def all_of(key: str) -> list[str]:
        return sorted({str(fact[key]) for fact in facts})

    return {
        "device": all_of("device"),
        "commit": all_of("commit"),
        "torch": sorted({str(fact["versions"].get("torch", "unknown")) for fact in facts}),
        "wall_minutes": round(sum(fact["wall_seconds"] for fact in facts) / 60, 1),
        "peak_memory_mib": max(fact["peak_memory_mib"] for fact in facts),
    }
