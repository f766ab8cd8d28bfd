"""Hours of bad luck in minutes: `make soak`. What ends well ends with the same bytes."""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

from conftest import Project

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.skipif(not os.environ.get("SOAK"), reason="`make soak` runs it"),
]

KILLS = 20
MADE = "results/full/runs/**/*.*"
ROOT_ONLY = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0 or not shutil.which("unshare"),
    reason="needs root, to mount",
)


def _small(folder: Path, *studies: str) -> Project:
    """Small studies whose training lasts for some seconds, and is saved every one."""
    project = Project(folder)
    params = project.read_params() | {"studies": list(studies)}
    params["training"]["checkpoint_seconds"] = 1
    params["citation"]["epochs"] = 400
    params["galaxy"]["epochs"] = 12
    params["language"]["clean"] |= {"steps": 300, "report_every": 10}
    params["language"] |= {"positions": ["learned", "rope"], "mlp_layers": [1]}
    del params["language"]["course"]
    project.write_params(params)
    return project


def _results(project: Project) -> dict[str, bytes]:
    """All that a run leaves behind but who made it when."""
    found = project.files(MADE)
    for name in [n for n in found if n.endswith("run.json")]:
        content = json.loads(found[name])
        found[name] = json.dumps([content["run"], content["sha256"]]).encode()
    return found


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("undisturbed") / "project"
    project = _small(folder, "citation", "galaxy", "language")
    project.snakemake()
    return project


@pytest.fixture
def done(undisturbed: Project, tmp_path: Path) -> Project:
    """A copy of the finished project."""
    copy = Project.__new__(Project)
    copy.folder = tmp_path / "copy"
    shutil.copytree(undisturbed.folder, copy.folder, symlinks=True)
    return copy


def test_twenty_kills_at_random_moments(undisturbed: Project, tmp_path: Path) -> None:
    """Snakemake alone, one of its jobs, or all at once; then what is left is finished."""
    project = _small(tmp_path / "project", "citation", "galaxy", "language")
    chance, kills = random.Random(0), 0
    while kills < KILLS:
        command = [sys.executable, "-m", "snakemake", "--cores", "2"]
        environment = os.environ | {"PYTHONPATH": str(project.folder / "src")}
        running = subprocess.Popen(
            command,
            cwd=project.folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(chance.uniform(4, 14))
        whom = chance.choice(["snakemake", "a job", "all"])
        jobs = _descendants(running.pid)
        victims = {"snakemake": [running.pid], "all": [running.pid, *jobs]}.get(whom)
        for victim in victims or jobs[-1:]:
            _kill(victim)
        kills += 1
        if whom == "a job":
            time.sleep(chance.uniform(0, 3))
            for victim in [running.pid, *_descendants(running.pid)]:
                _kill(victim)
        running.wait()
        project.snakemake("--unlock")
        if (project.folder / "results/full/report/index.html").is_file():
            # Everything was finished between two kills: take a few runs away again.
            for folder in sorted((project.folder / "results/full/runs").glob("*/*"))[::3]:
                shutil.rmtree(folder)
    _wait_for_orphans(project)
    project.snakemake()
    assert _results(project) == _results(undisturbed)
    assert not list((project.folder / "results").rglob("*.part"))
    assert project.planned() == []


def _descendants(pid: int) -> list[int]:
    """Processes below one, the oldest first."""
    listed = subprocess.run(
        ["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout
    parents = {int(p): int(pp) for p, pp in (line.split() for line in listed.splitlines())}
    found, level = [], [pid]
    while level:
        level = [p for p, parent in sorted(parents.items()) if parent in level]
        found += level
    return found


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it was faster
        os.kill(pid, signal.SIGKILL)


def _wait_for_orphans(project: Project) -> None:
    """Jobs of a killed Snakemake go on; two of one kind at once do no harm, but take time."""
    for _ in range(300):
        listed = subprocess.run(["ps", "-eo", "args="], capture_output=True, text=True).stdout
        if "-m inductive train" not in listed:
            return
        time.sleep(1)


Damage = Callable[[Path], None]


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def _remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("damage", [_truncate, _empty, _flip])
@pytest.mark.parametrize(
    "file", ["checkpoint.safetensors", "history.csv", "run.json", "evaluation-*.csv"]
)
def test_a_damaged_result_is_named_and_never_used(
    done: Project, undisturbed: Project, file: str, damage: Damage
) -> None:
    (path,) = next(iter((done.folder / "results/full/runs/citation").iterdir())).glob(file)
    if damage is _flip and file == "run.json":
        pytest.skip("a flipped bit of a date is still a date")
    damage(path)
    text = done.snakemake("-R", "study", ok=False)
    lines = [line for line in text.splitlines() if line.strip().startswith("inductive:")]
    assert any(path.parent.name in line for line in lines), text[-2000:]
    assert "Traceback" not in text
    shutil.rmtree(path.parent)
    done.snakemake()
    assert _results(done) == _results(undisturbed)


def test_a_damaged_checkpoint_is_not_judged(done: Project) -> None:
    folder = next(iter((done.folder / "results/full/runs/citation").iterdir()))
    _truncate(folder / "checkpoint.safetensors")
    for path in folder.glob("evaluation-*"):
        path.unlink()
    text = done.snakemake(ok=False)
    assert "checkpoint.safetensors: damaged" in text


@pytest.mark.parametrize("damage", [_remove, _empty, _truncate])
@pytest.mark.parametrize("file", ["section.json", "plan.json"])
def test_a_damaged_step_is_made_again_or_named(
    done: Project, undisturbed: Project, file: str, damage: Damage
) -> None:
    damage(done.folder / "results/full/studies/citation" / file)
    text = done.run(
        "snakemake", "--cores", "2", "-R", "report", ok=file == "plan.json" or damage is _remove
    )
    if "Error" in text:
        assert file in text
        (done.folder / "results/full/studies/citation" / file).unlink()
        done.snakemake()
    page = (done.folder / "results/full/report/claims.csv").read_text()
    assert page == (undisturbed.folder / "results/full/report/claims.csv").read_text()


def test_two_snakemakes_in_one_folder(tmp_path: Path, undisturbed: Project) -> None:
    project = _small(tmp_path / "project", "citation", "galaxy", "language")
    environment = os.environ | {"PYTHONPATH": str(project.folder / "src")}
    command = [sys.executable, "-m", "snakemake", "--cores", "2"]
    first = subprocess.Popen(
        command,
        cwd=project.folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(8)
    assert "lock" in project.snakemake(ok=False).lower()
    assert first.wait() == 0
    assert _results(project) == _results(undisturbed)


def test_a_clock_that_was_set_back(done: Project) -> None:
    """All that is there comes from tomorrow; a changed number still changes the report."""
    tomorrow = time.time() + 86400
    for path in done.folder.rglob("*"):
        os.utime(path, (tomorrow, tomorrow), follow_symlinks=False)
    before = _accuracy(done)
    params = done.read_params()
    params["citation"]["models"]["GCN"]["hidden"] = 2
    done.write_params(params)
    done.snakemake()
    assert _accuracy(done) != before
    assert done.planned() == []


def _accuracy(project: Project) -> float:
    table = pd.read_csv(project.folder / "results/full/studies/citation/tables/accuracy.csv")
    return float(table[table["model"] == "GCN"]["mean"].iloc[0])


@ROOT_ONLY
def test_results_that_cannot_be_written(done: Project) -> None:
    params = done.read_params()
    params["citation"]["models"]["GCN"]["hidden"] = 2
    done.write_params(params)
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
    undisturbed: Project, tmp_path: Path, tiny_disk: Path
) -> None:
    project = _small(tmp_path / "project", "citation", "galaxy", "language")
    (project.folder / "results").mkdir(exist_ok=True)
    shutil.rmtree(project.folder / "results")
    (project.folder / "results").symlink_to(tiny_disk)
    text = project.snakemake(ok=False)
    assert "the disk is full" in text or "No space left on device" in text
    kept = set(project.files("results/full/runs/**/checkpoint.safetensors"))
    subprocess.run(["mount", "-o", "remount,size=500m", tiny_disk], check=True)
    project.run("snakemake", "--unlock", ok=True)
    project.snakemake()
    assert kept <= set(project.files("results/full/runs/**/checkpoint.safetensors"))
    assert _results(project) == _results(undisturbed)
