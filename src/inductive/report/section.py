"""Writes the results of a study: its tables and figures."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from inductive.analysis.results import Results
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
        "networks_at_most": sum(run.counts[-1] for run in results.runs if run.dataset),
        "diverged": results.diverged,
        "tables": [table.to_json() for table in all_tables],
        "figures": [figure.to_json() for figure in all_figures],
        "made": _summarise_provenance(results.made),
    }
    write_json(folder / "section.json", section)


def to_csv(frame: pd.DataFrame) -> str:
    """A frame as CSV text, floats with six significant digits."""
    text: str = frame.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    return text


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
