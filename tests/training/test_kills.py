"""Training jobs that are killed at random moments."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inductive.core.layout import Layout
from inductive.core.run import Run
from inductive.pipeline.plan import JobSpec
from inductive.training import checkpoint

FILES = ("checkpoint.safetensors", "history.csv")


def _start(spec: Path, root: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "inductive", "train", str(spec)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        command, cwd=root, env=environment, start_new_session=True, stderr=subprocess.DEVNULL
    )


@pytest.mark.pipeline
def test_results_after_ten_kills_are_bit_identical(
    make_runs: Callable[..., list[Run]], make_data: Callable[[Run], Any], layout: Layout
) -> None:
    """SIGKILL at ten random moments, then a complete run: the same bytes as without kills."""
    runs = make_runs("citation", {"epochs": 400, "seeds": [0, 1]})
    run = next(r for r in runs if r.variant == "GAT-public")
    make_data(run)
    training = {"device": "cpu", "seeds_together": "auto", "checkpoint_seconds": 0}
    paths = layout.preset("kills")
    spec = paths.train_spec(run)
    JobSpec(run, "kills", training, []).write(spec)
    folder, scratch = paths.trained(run), paths.unfinished(run)

    def start() -> subprocess.Popen[bytes]:
        return _start(spec.relative_to(layout.root), layout.root)

    def saved() -> list[tuple[str, int]]:
        return sorted((p.name, p.stat().st_mtime_ns) for p in scratch.glob("*.safetensors"))

    assert start().wait() == 0
    expected = [(folder / name).read_bytes() for name in FILES]
    for name in (*FILES, "run.json"):
        (folder / name).unlink()
    moments, epochs = random.Random(0), []
    for _ in range(10):
        before, process = saved(), start()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None and saved() == before:
            time.sleep(0.005)
        time.sleep(moments.random() * 0.15)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL, "it ended before it was killed"
        for file in scratch.glob("*.safetensors"):
            flat, _ = checkpoint.read(file)  # complete at any moment
            epochs.append(len(flat["history/train/loss"]))
    assert len(set(epochs)) > 5
    assert not (folder / FILES[0]).exists()
    assert start().wait() == 0
    assert [(folder / name).read_bytes() for name in FILES] == expected
    assert not scratch.exists()
