"""The page: the ledger of all claims, then one section per study, in one self-contained file."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from inductive.analysis.verdicts import VERDICTS
from inductive.core.files import read_json, write_json, write_text
from inductive.core.layout import PresetLayout
from inductive.report.section import to_csv

_CLAIM_COLUMNS = (
    "id",
    "study",
    "type",
    "verdict",
    "evidence",
    "effect",
    "comparison",
    "stated",
    "tested",
    "source",
    "about",
    "measured_on",
    "built_in",
    "replicated",
    "reason",
)

_STATISTICS = ("mean", "low", "high", "sd", "n", "published_mean")
"""Columns of tables that are no labels."""


def render(
    paths: PresetLayout, studies: Sequence[str], differences: Mapping[str, Sequence[str]]
) -> None:
    """Write index.html, claims.csv and metrics.json of a preset, from its studies' folders.

    `differences` are the parameters that differ from the full protocol: key -> its value
    there and here. Raises InputError where a study has no section.json or verdicts.json.
    """
    sections = [_section(paths, study) for study in studies]
    claims = [verdict | {"study": s["study"]} for s in sections for verdict in s["verdicts"]]
    rows = [claim | {"evidence": "; ".join(claim["evidence"])} for claim in claims]
    counts = {v: sum(claim["verdict"] == v for claim in claims) for v in VERDICTS}
    environment = Environment(
        loader=PackageLoader("inductive.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("index.html.j2").render(
        preset=paths.name,
        differences=differences,
        sections=sections,
        claims=claims,
        counts=counts,
        kinds=sorted({d["kind"] for s in sections for d in s["datasets"]}),
        devices=sorted({d for s in sections for d in s["made"]["device"]}),
        commits=sorted({c for s in sections for c in s["made"]["commit"]}),
        torch=sorted({t for s in sections for t in s["made"]["torch"]}),
    )
    write_text(
        paths.report / "claims.csv", to_csv(pd.DataFrame(rows, columns=list(_CLAIM_COLUMNS)))
    )
    metrics = {verdict.replace(" ", "_"): count for verdict, count in counts.items()}
    write_json(paths.report / "metrics.json", {"claims": metrics} | _means(paths, sections))
    write_text(paths.report / "index.html", page)


def _section(paths: PresetLayout, study: str) -> dict[str, Any]:
    """A study's section.json with its verdicts and the text of its figures."""
    folder = paths.study(study)
    section: dict[str, Any] = read_json(folder / "section.json")
    section["verdicts"] = read_json(folder / "verdicts.json")
    for figure in section["figures"]:
        svg = (folder / "figures" / f"{figure['id']}.svg").read_text(encoding="utf-8")
        figure["svg"] = svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
    return section


def _means(paths: PresetLayout, sections: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Study -> table -> row -> mean, for `dvc metrics diff`; null where it is not finite."""
    means: dict[str, Any] = {}
    for section in sections:
        folder = paths.study(section["study"]) / "tables"
        for table in section["tables"]:
            frame = pd.read_csv(folder / f"{table['id']}.csv")
            if "mean" not in frame:
                continue
            names = [str(name) for name in frame.columns if name not in _STATISTICS]
            keys = [" ".join(str(row[name]) for name in names) for _, row in frame.iterrows()]
            if len(set(keys)) < len(keys):
                raise ValueError(f"{folder / table['id']}.csv: two rows have the same labels")
            values = [_rounded(mean) for mean in frame["mean"]]
            means.setdefault(section["study"], {})[table["id"]] = dict(
                zip(keys, values, strict=True)
            )
    return means


def _rounded(value: float) -> float | None:
    return round(float(value), 3) if np.isfinite(value) else None
