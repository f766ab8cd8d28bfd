"""Finding the runs on disk that no parameters ask for any more."""

import shutil
from pathlib import Path
from typing import Any

from inductive import store
from inductive.plan import Plan


def prune(all_params: list[dict[str, Any]], *, delete: bool) -> list[tuple[Path, float]]:
    """(folder, MiB) of every run and evaluation in the presets' results that is not asked for.

    Unfinished training (scratch) of runs that are not asked for is listed as well.
    """
    found = []
    for params in all_params:
        plan = Plan(params)
        for study, runs in plan.runs.items():
            wanted = {run.id: run.evaluation_file for run in runs}
            for parent in (
                store.RESULTS / plan.preset / "runs" / study,
                store.RESULTS / ".scratch" / plan.preset / study,
            ):
                found += [p for p in sorted(parent.glob("*")) if p.name not in wanted]
            for run_id, evaluation in wanted.items():
                folder = store.run_folder(plan.preset, study, run_id)
                kept = {evaluation, store.seal_of(Path(evaluation)).name}
                found += [p for p in folder.glob("evaluation-*") if p.name not in kept]
    sized = [(path, _mebibytes(path)) for path in found]
    if delete:
        for path in found:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return sized


def _mebibytes(path: Path) -> float:
    files = [p for p in path.rglob("*") if p.is_file()] if path.is_dir() else [path]
    return sum(p.stat().st_size for p in files) / 2**20
