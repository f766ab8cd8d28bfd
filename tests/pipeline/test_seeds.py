"""More seeds: existing ones are reused, and the results equal those of training all at once."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inductive.core.layout import Layout
from inductive.core.run import Run
from inductive.data import registry
from inductive.pipeline.jobs import RunJob
from inductive.pipeline.plan import JobSpec

TRAINING = {"device": "cpu", "seeds_together": "auto", "checkpoint_seconds": 60}


def _execute(run: Run, root: Path, **training: Any) -> Path:
    """Train and measure a run; returns the folder of its seeds."""
    job = RunJob(JobSpec(run, "full", TRAINING | training, []), 1, root)
    if run.dataset:
        if not job.layout.card(run.dataset).is_file():
            registry.make(run.dataset, job.layout)
        job.train()
    job.evaluate()
    return job.paths.trained(run)


def _bytes(folder: Path) -> dict[str, bytes]:
    """All results of a folder except the JSON files, which contain the provenance."""
    files = (p for p in folder.rglob("*") if p.is_file() and p.suffix != ".json")
    return {str(p.relative_to(folder)): p.read_bytes() for p in files}


@pytest.mark.parametrize("study", ["translation", "citation", "language", "geometry"])
def test_ten_more_seeds_train_only_ten(
    study: str, make_runs: Callable[..., list[Run]], tmp_path: Path
) -> None:
    run = replace(make_runs(study, {"seeds": 10})[0], seeds=tuple(range(10)))
    more = replace(run, seeds=tuple(range(20)))
    _execute(run, tmp_path / "grown")
    grown = _execute(more, tmp_path / "grown")
    at_once = _execute(more, tmp_path / "at once")
    assert _bytes(grown) == _bytes(at_once)
    name = "run.json" if run.dataset else f"{run.evaluation_id}/evaluation.json"
    made = [part["seeds"] for part in json.loads((grown / name).read_text())["made"]]
    assert made == [list(range(10)), list(range(10, 20))]
    # Fewer seeds in another order: nothing is trained, all are reused.
    fewer = _execute(replace(run, seeds=(3, 12, 1)), tmp_path / "grown")
    made = [part["seeds"] for part in json.loads((fewer / name).read_text())["made"]]
    assert sorted(seed for part in made for seed in part) == [1, 3, 12]
    assert _bytes(fewer) == _bytes(_execute(replace(run, seeds=(3, 12, 1)), tmp_path / "fresh"))


def test_a_damaged_set_of_seeds_is_not_used(
    make_runs: Callable[..., list[Run]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = make_runs("citation")[0]
    folder = _execute(run, tmp_path / "a")
    content = bytearray((folder / "checkpoint.safetensors").read_bytes())
    content[-1] ^= 1
    (folder / "checkpoint.safetensors").write_bytes(bytes(content))
    more = replace(run, seeds=(*run.seeds, 7))
    grown = _execute(more, tmp_path / "a")
    assert "damaged" in capsys.readouterr().err
    assert _bytes(grown) == _bytes(_execute(more, tmp_path / "b"))


def test_an_early_evaluation_equals_that_of_its_own_job(
    make_runs: Callable[..., list[Run]], layout: Layout
) -> None:
    run = make_runs("citation")[0]
    job = RunJob(JobSpec(run, "full", TRAINING, []), 1, layout.root)
    registry.make(run.data, layout)
    job.train()
    job.evaluate_early()
    job.evaluate()
    cached, folder = job.paths.cached_evaluation(run), job.paths.evaluation(run)
    for name in ("measurements.csv", "artefacts.safetensors"):
        assert (cached / name).read_bytes() == (folder / name).read_bytes()
