"""All studies in the DAG: complete runs, partial reruns, and equal results in two folders."""

import ast
import json
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml

from conftest import ROOT, Project
from inductive.studies import discover

pytestmark = pytest.mark.pipeline

STUDIES = sorted(discover())


def _project(folder: Path, *studies: str) -> Project:
    project = Project(folder)
    project.write_params(project.read_params() | {"studies": list(studies) or "all"})
    return project


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = _project(tmp_path_factory.mktemp("studies") / "project")
    project.snakemake()
    return project


def test_a_second_run_has_no_jobs(done: Project) -> None:
    assert done.planned() == []


@pytest.mark.parametrize("study", STUDIES)
def test_every_study_has_tables_figures_and_all_its_verdicts(done: Project, study: str) -> None:
    folder = done.folder / "results/full/studies" / study
    section = json.loads((folder / "section.json").read_text())
    verdicts = json.loads((folder / "verdicts.json").read_text())
    claims = yaml.safe_load((ROOT / f"src/inductive/studies/{study}/claims.yaml").read_text())
    assert [v["id"] for v in verdicts] == [claim["id"] for claim in claims]
    for table in section["tables"]:
        assert len(pd.read_csv(folder / "tables" / f"{table['id']}.csv"))
        assert all(len(row) == len(table["columns"]) for row in table["rows"])
    for figure in section["figures"]:
        assert figure["alt"]
        assert figure["caption"]
        assert "<svg" in (folder / "figures" / f"{figure['id']}.svg").read_text()


def test_exact_claims_hold_on_any_data(done: Project) -> None:
    """These claims do not depend on training; the source is wrong about nodes 2, 3 and 5 (G3)."""
    claims = pd.read_csv(done.folder / "results/full/report/claims.csv").set_index("id")["verdict"]
    exact = ["R4", "C4", "G1", "G2", "G4", "G6", "G9", "AG1", "AG3", "AG4", "AG5", "AG6"]
    exact += ["D1", "D2", "D3", "K1", "K2", "P3"]
    assert claims[exact].eq("reproduced").all(), claims[exact]
    assert claims["G3"] == "contradicted"


def test_a_changed_setting_remakes_only_its_runs(done: Project) -> None:
    before = (done.folder / "params.yaml").read_text()
    params = done.read_params()
    params["rotation"]["variants"]["p4"]["disc"] = True
    params["galaxy"]["variants"]["dropout"] = {"dropout": 0.4}
    params["oversmoothing"]["remedies"]["gcnii"]["strength"] = 0.4
    params["aggregation"]["limits"]["nodes"] = 14
    done.write_params(params)
    rules = ("train", "evaluate limits")
    planned = [job.rsplit("-", 1)[0] for job in done.planned() if job.startswith(rules)]
    trained = ["cifar10-p4", "clean-dropout", "cora-gcnii-3"]
    assert planned == ["evaluate limits", *(f"train {run}" for run in trained)]
    (done.folder / "params.yaml").write_text(before)
    assert done.planned() == []


def test_two_folders_give_the_same_results(done: Project, tmp_path: Path) -> None:
    other = _project(tmp_path / "other", "segmentation", "oversmoothing", "graph_algebra")
    other.snakemake("runs", "--cores", "1")
    theirs, ours = (_without_times(p.files("results/full/runs/**/*.csv")) for p in (other, done))
    assert len(theirs) == 2 * (3 + 5) + 2
    assert theirs.items() <= ours.items()
    weights = "results/full/runs/**/*.safetensors"
    assert other.files(weights).items() <= done.files(weights).items()


def _without_times(files: dict[str, bytes]) -> dict[str, list[bytes]]:
    """Rows except those of measured times."""
    clock = (b"milliseconds", b'"exponent', b"timing spread")
    return {
        name: [line for line in content.splitlines() if not any(word in line for word in clock)]
        for name, content in files.items()
    }


def _edit(done: Project, study: str, part: str, change: Callable[[str], str]) -> Callable[[], None]:
    """Change one line of a study's file; returns the function that undoes the change."""
    path = done.folder / f"src/inductive/studies/{study}/{part}"
    if not path.is_file():
        return lambda: None
    before = path.read_text()
    path.write_text(change(before))
    return lambda: path.write_text(before) and None


def _line(text: str) -> Callable[[str], str]:
    return lambda before: f"{before}\n{text}\n"


def _error_text(before: str) -> str:
    """The source with another text of the first error that is raised, if there is one."""
    for node in ast.walk(ast.parse(before)):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            words = ast.get_source_segment(before, node.exc)
            assert words
            return before.replace(words, f'{ast.unparse(node.exc.func)}("another wording")', 1)
    return before


def _statement(before: str) -> str:
    return re.sub(r"(stated: (?:>-\n +)?)", r"\1Perhaps ", before, count=1)


def _annotation(before: str) -> str:
    return re.sub(r"-> [^:\n]+:", "-> object:", before, count=1)


CODE = ("plan.py", "task.py", "evaluate.py", "settings.py")
EDITS = {
    # kind of line: (files, change, rules of each study whose jobs run again)
    "prose": (["__init__.py"], _line("QUESTION += '!'"), ["section"]),
    "error": (list(CODE), _error_text, []),
    "plan": (["plan.py"], _line("_UNUSED = 1"), []),
    "task": (["task.py"], _line("_EDITED = 1"), ["evaluate", "section", "train", "verdicts"]),
    "evaluate": (["evaluate.py"], _line("_EDITED = 1"), ["evaluate", "section", "verdicts"]),
    "report": (["report.py"], _line("_EDITED = 1"), ["section"]),
    "claim": (["claims.yaml"], _statement, ["verdicts"]),
    "comment": ([*CODE, "report.py", "metrics.py"], _line("# a comment"), []),
    "type": ([*CODE, "report.py"], _annotation, []),
}


@pytest.mark.parametrize("kind", EDITS)
def test_an_edited_line_remakes_only_dependent_results(done: Project, kind: str) -> None:
    """The same kind of line is edited in every study at once; then in one study alone."""
    files, change, rules = EDITS[kind]
    expected = {(rule, study) for rule in rules for study in STUDIES}
    analytic = {
        study
        for study in STUDIES
        if not (done.folder / f"src/inductive/studies/{study}/task.py").is_file()
    }
    if kind == "task":
        expected = {(rule, study) for rule, study in expected if study not in analytic}
    for studies in (STUDIES, ["citation"]):
        undo = [_edit(done, study, part, change) for study in studies for part in files]
        try:
            planned = _by_study(done)
        finally:
            for each in undo:
                each()
        report = {("report", "")} if rules else set()
        assert planned == {e for e in expected if e[1] in studies} | report


def _by_study(done: Project) -> set[tuple[str, str]]:
    """(rule, study) of every job that a dry run lists."""
    jobs, rule = set(), ""
    for line in done.snakemake("-n").splitlines():
        if started := re.match(r"(?:local)?(?:rule|checkpoint) (\w+):", line):
            rule = started[1]
            if rule == "report":
                jobs.add((rule, ""))
        elif line.strip().startswith("wildcards:"):
            named = dict(part.split("=") for part in line.split(":")[1].strip().split(", "))
            jobs.add((rule, named["study"]))
    return jobs
