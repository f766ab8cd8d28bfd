"""The last steps: looks at a study, its tables and figures, its verdicts, the page. No torch."""

from pathlib import Path
from typing import Any

from inductive.analysis.judge import judge, look_at
from inductive.analysis.results import Results
from inductive.core.errors import InputError
from inductive.core.files import read_json
from inductive.core.layout import Layout
from inductive.core.run import Run
from inductive.pipeline.looks import Look, number_of_looks, reader, state
from inductive.pipeline.parameters import extend_by
from inductive.report import page
from inductive.report.section import write_section
from inductive.report.verdict_files import write_verdicts
from inductive.studies import load


def look(plan: Path, number: int, root: Path = Path()) -> Look:
    """Look at a study for the `number`-th time: which runs need more seeds, and for which claims.

    Writes looks/<number>.json beside its verdicts-plan.json. Raises InputError where a result is
    missing, damaged or of other parameters, and where there is no such look.
    """
    content, results = _read(plan, root, number)
    claims = content["claims"]
    played = look_at(claims, results, number)
    now = {run.id: len(run.seeds) for run in results.runs}
    needed = now | played.counts
    undecided = [claims[i]["id"] for i in played.undecided]
    taken = Look(number, needed, undecided, done=needed == now)
    taken.write(results.paths.look(results.study, number))
    return taken


def section(plan: Path, root: Path = Path()) -> None:
    """Write tables/*.csv, figures/*.svg and section.json beside a study's section-plan.json.

    Raises InputError where a result is missing, damaged or of other parameters.
    """
    content, results = _read(plan, root)
    report = load(results.study).module("report")
    write_section(plan.parent, content["prose"], results, report.tables, report.figures)


def verdicts(plan: Path, root: Path = Path()) -> None:
    """Judge a study's claims: verdicts.json, verdicts.csv, looks.csv and per_seed.csv beside its
    verdicts-plan.json. Locks the claims that have results."""
    content, results = _read(plan, root)
    judged = judge(content["claims"], results)
    lock = results.paths.lock(results.study)
    looks = {", ".join(map(str, run.counts)) for run in results.runs}
    write_verdicts(plan.parent, judged, results.published, lock, "; ".join(sorted(looks)))


def _read(plan: Path, root: Path, number: int | None = None) -> tuple[dict[str, Any], Results]:
    """A plan file, and the results that it is about: at a look, or with their final seeds."""
    content = read_json(plan)
    extend_by(content["studies_path"], str(plan))
    study, paths = content["study"], Layout(root).preset(content["preset"])
    runs = [Run.from_json(entry) for entry in content["runs"]]
    looks = number_of_looks(runs) - 1
    if number is not None and not 1 <= number <= looks:
        raise InputError(f"{plan}: no look {number}; it has {looks} before the last one")
    results = Results(
        study,
        state(runs, reader(paths, study), number),
        paths,
        load(study).metrics,
        content["published"],
    )
    results.verify()
    return content, results


def report(plan: Path, root: Path = Path()) -> None:
    """Write the page, metrics.json and the tables of all claims beside the report's plan.json."""
    content = read_json(plan)
    page.render(Layout(root).preset(content["preset"]), content["studies"], content["differences"])
