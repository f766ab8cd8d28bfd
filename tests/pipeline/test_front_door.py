"""`inductive run`: its output in a checkout and in an empty folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT, Project
from inductive.pipeline.front_door import _events

pytestmark = pytest.mark.pipeline


def test_one_line_per_finished_run_and_the_page_at_the_end(project: Project) -> None:
    text = project.inductive("run", "--preset", "full", "--cores", "1", "translation", "gradients")
    lines = [line for line in text.splitlines() if not line.startswith(" ")]
    assert "trained translation course-Net1-valid, seeds 0-2" in lines
    assert "measured gradients chains, seeds 0-2" in lines
    assert "judged gradients" in lines
    assert lines[-1] == "The page: results/full/report/index.html"
    assert (project.folder / "results/full/report/index.html").is_file()
    log = (project.folder / "logs/full/snakemake.log").read_text()
    assert "steps (100%) done" in log
    assert "Job stats" not in text
    again = project.inductive("run", "--preset", "full", "translation", "gradients")
    assert "Nothing to be done" in again


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--preset", "quik"], "did you mean 'quick'?"),
        (["--preset", "quick", "gradient"], "did you mean 'gradients'?"),
    ],
)
def test_invalid_input_is_one_line(project: Project, arguments: list[str], message: str) -> None:
    (project.folder / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    text = project.inductive("run", *arguments, ok=False)
    assert len(text.strip().splitlines()) == 1
    assert message in text
    assert not (project.folder / "results").exists() or not project.files("results/*/**/*")


def test_a_failing_job_is_named(project: Project) -> None:
    report = project.folder / "src/inductive/studies/gradients/report.py"
    report.write_text(report.read_text() + "\nraise OSError('no ink')\n")
    text = project.inductive("run", "--preset", "full", "gradients", ok=False)
    assert "inductive: no ink" in text
    assert "failed: drawn gradients: inductive: no ink (logs/full/gradients/section.log)" in text
    assert "logs/full/snakemake.log" in text


def test_the_output_of_snakemake_is_parsed() -> None:
    lines = """
localrule train:
    jobid: 7
    wildcards: preset=quick, study=citation, run=GAT-public-12345678, seeds=0-2
rule report:
    jobid: 1
Finished jobid: 7 (Rule: train)
1 of 3 steps (33%) done
Finished jobid: 1 (Rule: report)
localcheckpoint look:
    jobid: 8
    wildcards: preset=quick, study=citation, look=1
Finished jobid: 8 (Rule: look)
Error in rule train:
    jobid: 7
    log: nowhere/train.log (check log file(s) for error details)
inductive: the disk is full
""".splitlines(keepends=True)
    assert list(_events(lines)) == [
        "trained citation GAT-public, seeds 0-2",
        (1, 3),
        "compared citation, look 1",
        "failed: trained citation GAT-public, seeds 0-2: no log (nowhere/train.log)",
        "inductive: the disk is full",
    ]


def test_a_wheel_runs_in_an_empty_folder(tmp_path: Path) -> None:
    """The wheel contains parameters, presets, rules and claims."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    source = Project(tmp_path / "source").folder
    (source / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    wheels, site, empty = (tmp_path / name for name in ("wheels", "site", "empty"))
    subprocess.run([*pip, "wheel", "--no-deps", "-w", wheels, source], check=True)
    (wheel,) = wheels.glob("inductive-*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--target", site, wheel], check=True)
    empty.mkdir()
    environment = os.environ | {"PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, "-m", "inductive", "run", "--preset", "quick", "gradients"],
        cwd=empty, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert (empty / "results/quick/report/index.html").is_file()
    assert {path.name for path in empty.iterdir()} <= {"results", "data", "logs", ".snakemake"}
