"""The page: the ledger of all claims, then a section a study, in one self-contained file."""

from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from inductive import store
from inductive.report.study import write_frame

VERDICTS = ("reproduced", "contradicted", "inconclusive", "not run")


def render(plan: Path) -> None:
    """Write index.html, claims.csv and metrics.json beside the report's plan."""
    content = store.read_json(plan)
    preset, folder = content["preset"], plan.parent
    sections = [_section(preset, study) for study in content["studies"]]
    claims = [verdict | {"study": s["study"]} for s in sections for verdict in s["verdicts"]]
    counts = {v: sum(claim["verdict"] == v for claim in claims) for v in VERDICTS}
    environment = Environment(
        loader=PackageLoader("inductive.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("index.html.j2").render(
        preset=preset,
        differences=content["differences"],
        sections=sections,
        claims=claims,
        counts=counts,
        kinds=sorted({d["kind"] for s in sections for d in s["datasets"]}),
        devices=sorted({d for s in sections for d in s["made"]["device"]}),
        commits=sorted({c for s in sections for c in s["made"]["commit"]}),
        torch=sorted({t for s in sections for t in s["made"]["torch"]}),
    )
    columns = ["id", "study", "verdict", "effect", "comparison", "statement", "source", "reason"]
    write_frame(folder / "claims.csv", pd.DataFrame(claims, columns=columns))
    metrics = {verdict.replace(" ", "_"): count for verdict, count in counts.items()}
    store.write_json(folder / "metrics.json", {"claims": metrics} | _accuracies(preset, sections))
    store.write_text(folder / "index.html", page)


def _section(preset: str, study: str) -> dict[str, Any]:
    folder = store.study_folder(preset, study)
    section: dict[str, Any] = store.read_json(folder / "section.json")
    for figure in section["figures"]:
        svg = (folder / "figures" / f"{figure['id']}.svg").read_text(encoding="utf-8")
        figure["svg"] = svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    return section


def _accuracies(preset: str, sections: list[dict[str, Any]]) -> dict[str, Any]:
    """Study -> table -> variant -> mean, for `dvc metrics diff`."""
    found: dict[str, Any] = {}
    for section in sections:
        folder = store.study_folder(preset, section["study"]) / "tables"
        for table in section["tables"]:
            frame = pd.read_csv(folder / f"{table['id']}.csv")
            if "mean" not in frame:
                continue
            names = list(frame.columns[: list(frame.columns).index("mean")])
            cells = {
                " ".join(str(row[c]) for c in names): round(float(row["mean"]), 3)
                for _, row in frame.iterrows()
            }
            found.setdefault(section["study"], {})[table["id"]] = cells
    return found
