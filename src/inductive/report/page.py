"""The page: the ledger of all claims, then one section per study, in one self-contained file."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from inductive.analysis import fragility
from inductive.analysis.power import POWER
from inductive.analysis.spending import LEVEL
from inductive.analysis.verdicts import MIN_SEEDS, VERDICTS
from inductive.core.errors import InputError
from inductive.core.files import read_json, write_json, write_text
from inductive.core.layout import PresetLayout
from inductive.report.section import to_csv

_CLAIM_COLUMNS = (
    "id", "study", "hash", "edited", "type", "verdict", "evidence", "effect", "comparison",
    "stated", "tested", "source", "about", "measured_on", "built_in", "replicated",
    "replication", "pairing", "decision", "robustness", "missing", "reason",
)  # fmt: skip
_SEPARATORS = {"evidence": "; ", "edited": "; ", "missing": " "}
"""Of the columns that are lists."""
_TABLES = {"verdicts": "comparisons", "looks": "looks", "per_seed": "per_seed"}
"""A study's table -> that of all studies."""
_STATISTICS = ("mean", "low", "high", "sd", "n", "published_mean")
"""Columns of tables that are no labels."""


def render(
    paths: PresetLayout, studies: Sequence[str], differences: Mapping[str, Sequence[str]]
) -> None:
    """Write the page of a preset, its tables of all studies and metrics.json, from the studies'
    folders.

    `differences` are the parameters that differ from the full protocol: key -> its value
    there and here. Raises InputError where a study lacks section.json, verdicts.json or one of
    its tables of verdicts.
    """
    sections = [_section(paths, study) for study in studies]
    claims = [verdict | {"study": s["study"]} for s in sections for verdict in s["verdicts"]]
    rows = [claim | {key: s.join(claim[key]) for key, s in _SEPARATORS.items()} for claim in claims]
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
        counts={
            "Claims about networks and measurements": _counts(c for c in claims if not _exact(c)),
            "Identities": _counts(c for c in claims if _exact(c)),
        },
        judged=[s for s in sections if any(v["statistical"] for v in s["verdicts"])],
        level=LEVEL,
        power=POWER,
        fewest=MIN_SEEDS,
        removed=fragility.MOST,
        networks=sum(s["networks"] for s in sections),
        networks_at_most=sum(s["networks_at_most"] for s in sections),
        calibration=_calibration(),
        kinds=sorted({d["kind"] for s in sections for d in s["datasets"]}),
        devices=sorted({d for s in sections for d in s["made"]["device"]}),
        commits=sorted({c for s in sections for c in s["made"]["commit"]}),
        torch=sorted({t for s in sections for t in s["made"]["torch"]}),
    )
    write_text(
        paths.report / "claims.csv", to_csv(pd.DataFrame(rows, columns=list(_CLAIM_COLUMNS)))
    )
    for name, joined in _TABLES.items():
        write_text(paths.report / f"{joined}.csv", to_csv(_joined(paths, studies, name)))
    metrics = {verdict.replace(" ", "_"): n for verdict, n in _counts(claims).items()}
    write_json(paths.report / "metrics.json", {"claims": metrics} | _means(paths, sections))
    write_text(paths.report / "index.html", page)


def _exact(claim: Mapping[str, Any]) -> bool:
    return bool(claim["type"] == "identity")


def _counts(claims: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many claims have each verdict."""
    counted = Counter(claim["verdict"] for claim in claims)
    return {verdict: counted[verdict] for verdict in VERDICTS}


def _joined(paths: PresetLayout, studies: Sequence[str], name: str) -> pd.DataFrame:
    """A table of every study, each value as it is written there, with the column `study`."""
    frames = []
    for study in studies:
        file = paths.study(study) / f"{name}.csv"
        try:
            frame = pd.read_csv(file, dtype=str, keep_default_na=False)
        except FileNotFoundError:
            raise InputError(f"{file}: no such file") from None
        except (ValueError, pd.errors.ParserError):
            raise InputError(f"{file}: damaged; delete it to have it made again") from None
        frame.insert(0, "study", study)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def _calibration() -> dict[str, Any] | None:
    """The measured error rates of the judge (see benchmarks/); None where they are not there."""
    file = Path(__file__).parent / "calibration.json"
    return read_json(file) if file.is_file() else None


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
