"""A user's study that lacks something is refused in one line, before any job."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from conftest import ROOT
from inductive.core.errors import InputError
from inductive.core.run import Run
from inductive.studies import discover
from inductive.studies.checks import check_parts, check_runs

EXAMPLE = ROOT / "examples/my_study/label_noise"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(EXAMPLE, tmp_path / "label_noise")
    return tmp_path / "label_noise"


@pytest.mark.parametrize(
    ("part", "text", "message"),
    [
        ("__init__.py", "", "__init__.py: does not define TITLE"),
        ("plan.py", "def run(): ...", "plan.py: does not define runs"),
        ("settings.py", "class Setings: ...", "settings.py: does not define Settings"),
        ("metrics.py", "METRICS = {", "metrics.py:1: not valid Python"),
        ("report.py", "def tables(results): ...", "report.py: does not define figures"),
    ],
)
def test_a_part_without_its_name_is_refused(
    folder: Path, part: str, text: str, message: str
) -> None:
    check_parts(folder)
    (folder / part).write_text(text)
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        check_parts(folder)


def test_runs_must_be_of_their_study_and_find_what_they_call(
    folder: Path, make_runs: Callable[..., list[Run]]
) -> None:
    runs = [replace(run, study="label_noise") for run in make_runs("citation")]
    check_runs("label_noise", folder, runs)
    with pytest.raises(InputError, match="a run has study='citation', expected 'label_noise'"):
        check_runs("label_noise", folder, make_runs("citation"))
    with pytest.raises(InputError, match=r"evaluate.py: does not define measure"):
        check_runs("label_noise", folder, [replace(runs[0], dataset=None)])
    (folder / "task.py").unlink()
    with pytest.raises(InputError, match=r"trains networks, without task.py"):
        check_runs("label_noise", folder, runs)


@pytest.mark.parametrize("study", sorted(discover()))
def test_the_studies_of_the_package_pass(study: str, make_runs: Callable[..., list[Run]]) -> None:
    known = discover()[study]
    check_parts(known.folder)
    check_runs(study, known.folder, make_runs(study))
