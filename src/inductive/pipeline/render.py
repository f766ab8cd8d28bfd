"""The last steps: a study's tables and figures, its verdicts, and the page. Needs no torch."""

from pathlib import Path
from typing import Any

from inductive.analysis.judge import judge
from inductive.analysis.results import Results
from inductive.core.files import read_json
from inductive.core.layout import Layout
from inductive.core.run import Run
from inductive.pipeline.parameters import extend_by
from inductive.report import page
from inductive.report.section import write_section, write_verdicts
from inductive.studies import load


def section(plan: Path, root: Path = Path()) -> None:
    """Write tables/*.csv, figures/*.svg and section.json beside a study's section-plan.json.

    Raises InputError where a result is missing, damaged or of other parameters.
    """
    content, results = _read(plan, root)
    report = load(results.study).module("report")
    write_section(plan.parent, content["prose"], results, report.tables, report.figures)


def verdicts(plan: Path, root: Path = Path()) -> None:
    """Judge a study's claims: verdicts.csv and verdicts.json beside its verdicts-plan.json."""
    content, results = _read(plan, root)
    judged = judge(content["claims"], results)
    write_verdicts(plan.parent, judged)


def _read(plan: Path, root: Path) -> tuple[dict[str, Any], Results]:
    content = read_json(plan)
    extend_by(content["studies_path"], str(plan))
    study = content["study"]
    results = Results(
        study,
        [Run.from_json(entry) for entry in content["runs"]],
        Layout(root).preset(content["preset"]),
        load(study).metrics,
        content["published"],
    )
    results.verify()
    return content, results


def report(plan: Path, root: Path = Path()) -> None:
    """Write index.html, claims.csv and metrics.json beside the report's plan.json."""
    content = read_json(plan)
    page.render(Layout(root).preset(content["preset"]), content["studies"], content["differences"])
