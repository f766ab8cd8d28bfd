"""Reuse of the evaluation that a training job has already made, without importing torch."""

from pathlib import Path

from inductive.core.integrity import EVALUATED
from inductive.core.layout import Layout
from inductive.pipeline.plan import JobSpec

FILES = (*EVALUATED, "evaluation.json")
"""The last one is written last: where it exists, the others are complete."""


def take_cached(spec: JobSpec, root: Path = Path()) -> bool:
    """Move a cached evaluation to its place. False where there is none."""
    paths = Layout(root).preset(spec.preset)
    cached, folder = paths.cached_evaluation(spec.run), paths.evaluation(spec.run)
    if not all((cached / name).is_file() for name in FILES):
        return False
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        (cached / name).replace(folder / name)
    cached.rmdir()
    return True
