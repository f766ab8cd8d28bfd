"""A real Slurm of one node, on the loopback address: jobs through it, one of them cancelled."""

import os
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from conftest import ROOT, Project, small_params

PROGRAMS = ("slurmctld", "slurmd", "munged", "unshare")

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.skipif(
        os.name != "posix" or os.geteuid() != 0 or not all(map(shutil.which, PROGRAMS)),
        reason=f"needs root and {', '.join(PROGRAMS)} (Debian: slurm-wlm, munge)",
    ),
]

# Cancels the first training job that runs, and leaves its description in the file `cancelled`.
CANCEL = """
snakemake --profile profiles/slurm --config preset=quick studies='[citation,gradients]' &
for _ in $(seq 600); do
    training=$(squeue --noheader --states=RUNNING --format='%i %k' | grep -m1 ' rule_train' || true)
    [[ -n $training ]] && break
    sleep 0.2
done
sleep 5
scontrol show job "${training%% *}" >cancelled
scancel "${training%% *}"
wait $!
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project(tmp_path / "project")
    profile = project.folder / "profiles/slurm/config.yaml"
    # This Slurm has no accounting database. Jobs take seconds, so their status is asked sooner.
    more = "slurm-status-command: squeue\nslurm-init-seconds-before-status-checks: 2\n"
    profile.write_text(profile.read_text().replace("latency-wait: 60", "latency-wait: 5") + more)
    return project


def _with_slurm(project: Project, *command: str, **environment: str) -> str:
    folder = project.folder.parent / "slurm"
    return project.run("tests/cluster/with-slurm", str(folder), *command, **environment)


def test_a_cancelled_job_is_run_again_and_dvc_goes_through_slurm(project: Project) -> None:
    alone = Project(project.folder.parent / "alone")
    for each in (project, alone):
        shutil.copy(ROOT / "params.yaml", each.folder)
    text = _with_slurm(project, "bash", "-c", CANCEL)
    submitted = re.findall(r"has been submitted with SLURM jobid (\d+)", text)
    facts = (project.folder / "cancelled").read_text()
    assert "gres:gpu:1" in facts  # training jobs ask for a GPU
    cancelled = re.search(r"JobId=(\d+)", facts)
    assert cancelled
    assert cancelled[1] in submitted
    assert "Trying to restart job" in text
    # Each run is trained by a job of its own; evaluations, those of analytic runs too, share a few.
    trained = list((project.folder / "results/quick/runs/citation").iterdir())
    assert len(trained) == 6
    groups = set(re.findall(r"logs/slurm/(group_[a-z_]+)/", text))
    assert groups == {"group_judge_evaluate"}
    claims = pd.read_csv(project.folder / "results/quick/report/claims.csv")
    assert {"G11", "D1"} <= set(claims["id"])

    # The same runs on this machine without Slurm, bit by bit.
    alone.snakemake("runs", "--config", "preset=quick", "studies=[citation,gradients]")
    results = "results/quick/runs/**/*.csv"
    assert project.files(results) == alone.files(results)

    project.write_params(small_params() | {"studies": ["convolution"]})
    for command in (
        ["git", "init", "-q"],
        ["git", "add", "."],
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "start"],
    ):
        project.run(*command)
    text = _with_slurm(project, "dvc", "repro", SNAKEMAKE_PROFILE="profiles/slurm")
    assert "has been submitted with SLURM jobid" in text
    assert (project.folder / "results/full/report/index.html").is_file()
    assert "up to date" in project.run("dvc", "status")
