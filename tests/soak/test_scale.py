"""Grids far larger than ours: planning ten thousand runs, draining two thousand jobs."""

import os
import resource
import time
from pathlib import Path

import pytest
import yaml

from conftest import ROOT, Project

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.skipif(not os.environ.get("SOAK"), reason="`make soak` runs it"),
]

# Stands for the `inductive` command: makes the files that a job must make, and nothing else.
STUB = """
import re
import sys
from pathlib import Path

command, spec, _, seeds = sys.argv[1], Path(sys.argv[2]), *sys.argv[3:5]
results, study = spec.parents[2], spec.parent.name
run, evaluation = re.fullmatch(
    "(.+?-[0-9a-f]{8})(?:-(evaluation-[0-9a-f]{8}))?", spec.stem
).groups()
folder = results / "runs" / study / run / f"seeds-{seeds}"
names = ["checkpoint.safetensors", "history.csv", "run.json"]
if command == "evaluate":
    folder = folder / evaluation
    names = ["measurements.csv", "artefacts.safetensors", "evaluation.json"]
for name in names:
    (folder / name).write_text("")
"""


def _many(folder: Path, runs: int) -> Project:
    project = Project(folder)
    (project.folder / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    temperatures = [round(0.05 + i * 1e-4, 6) for i in range(runs)]
    overlay = {"studies": ["contrastive"], "contrastive": {"temperatures": temperatures}}
    overlay["data"] = {"galaxy10": {"kind": "generated", "generated": {"images": 100, "size": 24}}}
    (project.folder / "many.yaml").write_text(yaml.safe_dump(overlay))
    return project


def _processor_seconds() -> float:
    """Of all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def test_ten_thousand_runs_are_planned(tmp_path: Path) -> None:
    project = _many(tmp_path / "project", 10_000)
    begun = _processor_seconds()
    text = project.snakemake("-n", "--config", "preset=many.yaml")
    seconds = _processor_seconds() - begun  # other programs can lengthen the time by the clock
    gibibytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    jobs = next(line.split()[1] for line in text.splitlines() if line.startswith("total "))
    print(f"\n{jobs} jobs planned in {seconds:.0f} s and {gibibytes:.2f} GiB")
    assert int(jobs) > 20_000
    assert seconds < 60
    assert gibibytes < 2


def test_two_thousand_jobs_are_drained(tmp_path: Path) -> None:
    project = _many(tmp_path / "project", 995)
    project.snakemake("data", "--config", "preset=many.yaml")
    (project.folder / "src/inductive/__main__.py").write_text(STUB)
    begun = time.monotonic()
    text = project.snakemake("runs", "--config", "preset=many.yaml", "--quiet", "rules")
    seconds = time.monotonic() - begun
    made = len(list((project.folder / "results/many/runs").rglob("evaluation.json")))
    assert made >= 997
    print(f"\n{2 * made} jobs drained in {seconds:.0f} s, {500 * seconds / made:.0f} ms per job")
    assert "Error" not in text
