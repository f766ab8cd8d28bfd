"""Finds the results on disk that the parameters do not use."""

import shutil
from pathlib import Path

from inductive.core.layout import Layout
from inductive.core.run import Run
from inductive.pipeline.looks import states_on_disk
from inductive.pipeline.parameters import Parameters
from inductive.pipeline.plan import Plan


def prune(presets: list[Parameters], layout: Layout, *, delete: bool) -> list[tuple[Path, float]]:
    """(folder, MiB) of every run, set of seeds and evaluation in the presets' results that their
    parameters do not use, and of unfinished training of such runs."""
    unused: list[Path] = []
    for params in presets:
        plan = Plan(params, layout)
        for study, runs in plan.runs.items():
            unused += _unused(plan, study, runs)
        unused += [path for path in [plan.paths.earlier] if path.is_dir()]
    sized = [(path, _mebibytes(path)) for path in unused]
    if delete:
        for path in unused:
            shutil.rmtree(path)
    return sized


def _unused(plan: Plan, study: str, runs: list[Run]) -> list[Path]:
    paths, planned = plan.paths, {run.id for run in runs}
    parents = {paths.run(run).parent for run in runs} | {
        paths.unfinished(run).parent for run in runs
    }
    unused = [
        p for parent in sorted(parents) for p in sorted(parent.glob("*")) if p.name not in planned
    ]
    # The seeds of every look that was reached: a look's file depends on them.
    states = list(states_on_disk(paths, study, runs))
    for each in zip(*states, strict=True):
        unused += _others(paths.run(each[0]), "seeds-*", {paths.trained(run) for run in each})
        for folder in sorted({paths.trained(run) for run in each}):
            unused += _others(folder, "evaluation-*", {folder / each[0].evaluation_id})
    return unused


def _others(parent: Path, pattern: str, kept: set[Path]) -> list[Path]:
    return [path for path in sorted(parent.glob(pattern)) if path not in kept]


def _mebibytes(path: Path) -> float:
    return sum(p.stat().st_size for p in path.rglob("*") if p.is_file()) / 2**20
