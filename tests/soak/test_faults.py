"""Kills, full disks, wrong clocks: `make soak`. Results are the same bytes as without the fault."""

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from soak_project import SoakProject

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.skipif(not os.environ.get("SOAK"), reason="`make soak` runs it"),
]

KILLS = 20
ROOT_ONLY = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0 or not shutil.which("unshare"),
    reason="needs root, to mount",
)


def _start_snakemake(project: SoakProject, *, new_session: bool = False) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "snakemake", "--cores", "2"],
        cwd=project.folder,
        env=os.environ | {"PYTHONPATH": str(project.folder / "src")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=new_session,
    )


def test_twenty_kills_at_random_moments(undisturbed: SoakProject, begun: SoakProject) -> None:
    """Snakemake alone, one of its jobs, or all at once; then what is left is finished."""
    rng = random.Random(0)
    for _ in range(KILLS):
        running = _start_snakemake(begun, new_session=True)
        time.sleep(rng.uniform(4, 14))
        kind = rng.choice(["snakemake", "a job", "all"])
        jobs = _descendants(running.pid)
        victims = {"snakemake": [running.pid], "all": [running.pid, *jobs], "a job": jobs[-1:]}
        for victim in victims[kind]:
            _kill(victim)
        if kind == "a job":
            time.sleep(rng.uniform(0, 3))
            for victim in [running.pid, *_descendants(running.pid)]:
                _kill(victim)
        running.wait()
        begun.snakemake("--unlock")
        if (begun.folder / "results/full/report/index.html").is_file():
            # Everything was finished between two kills: take a few runs away again.
            for folder in sorted((begun.folder / "results/full/runs").glob("*/*"))[::3]:
                shutil.rmtree(folder)
    _wait_for_orphans()
    begun.snakemake()
    assert begun.results() == undisturbed.results()
    assert not list((begun.folder / "results").rglob("*.part"))
    assert begun.planned() == []


def _descendants(pid: int) -> list[int]:
    """The processes below one, the oldest first."""
    listed = subprocess.run(
        ["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    parents = {int(p): int(pp) for p, pp in (line.split() for line in listed.splitlines())}
    descendants, level = list[int](), [pid]
    while level:
        level = [p for p, parent in sorted(parents.items()) if parent in level]
        descendants += level
    return descendants


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it has ended by itself
        os.kill(pid, signal.SIGKILL)


def _wait_for_orphans() -> None:
    """Jobs of a killed Snakemake go on; two of one kind at once do no harm, but take time."""
    for _ in range(300):
        listed = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True).stdout
        if "-m inductive train" not in listed:
            return
        time.sleep(1)


def test_two_snakemakes_in_one_folder(undisturbed: SoakProject, begun: SoakProject) -> None:
    first = _start_snakemake(begun)
    time.sleep(8)
    assert "lock" in begun.snakemake(ok=False).lower()
    assert first.wait() == 0
    assert begun.results() == undisturbed.results()


def test_a_clock_that_was_set_back(done: SoakProject) -> None:
    """All files come from tomorrow; a changed number still changes the report."""
    tomorrow = time.time() + 86400
    for path in done.folder.rglob("*"):
        os.utime(path, (tomorrow, tomorrow), follow_symlinks=False)
    before = _accuracy(done)
    done.change_hidden_size()
    done.snakemake()
    assert _accuracy(done) != before
    assert done.planned() == []


def _accuracy(project: SoakProject) -> float:
    table = pd.read_csv(project.folder / "results/full/studies/citation/tables/accuracy.csv")
    return float(table[table["model"] == "GCN"]["mean"].iloc[0])


@ROOT_ONLY
def test_results_that_cannot_be_written(done: SoakProject) -> None:
    done.change_hidden_size()
    script = (
        "mount --bind results results && mount -o remount,ro,bind results && snakemake --cores 1"
    )
    text = done.run("unshare", "--mount", "bash", "-c", script, ok=False)
    assert "Read-only file system" in text
    assert "Traceback" not in text


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """Two MiB that are mounted."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@ROOT_ONLY
def test_a_disk_that_fills_up_and_grows(
    undisturbed: SoakProject, begun: SoakProject, tiny_disk: Path
) -> None:
    (begun.folder / "results").mkdir(exist_ok=True)
    shutil.rmtree(begun.folder / "results")
    (begun.folder / "results").symlink_to(tiny_disk)
    text = begun.snakemake(ok=False)
    assert "the disk is full" in text or "No space left on device" in text
    kept = set(begun.files("results/full/runs/**/checkpoint.safetensors"))
    subprocess.run(["mount", "-o", "remount,size=500m", tiny_disk], check=True)
    begun.snakemake("--unlock")
    begun.snakemake()
    assert kept <= set(begun.files("results/full/runs/**/checkpoint.safetensors"))
    assert begun.results() == undisturbed.results()
