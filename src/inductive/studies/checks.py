"""Whether a user's study has what the pipeline calls, found before any job and without torch."""

import ast
from pathlib import Path

from inductive.core.errors import InputError
from inductive.core.run import Run

NAMES = {
    "__init__.py": ("TITLE", "QUESTION", "PROTOCOL"),
    "settings.py": ("Settings",),
    "plan.py": ("runs",),
    "metrics.py": ("METRICS",),
    "evaluate.py": (),
    "report.py": ("tables", "figures"),
}
"""Part of a study -> the names that it must define."""


def check_parts(folder: Path) -> None:
    """Raise InputError for the first part of a study that is missing, or lacks a name."""
    for part, names in NAMES.items():
        if not (folder / part).is_file():
            raise InputError(f"{folder}: a study without {part}")
        _check_names(folder / part, names)


def check_runs(name: str, folder: Path, runs: list[Run]) -> None:
    """Raise InputError where runs are of another study or need a function that it does not have."""
    for run in runs:
        if run.study != name:
            raise InputError(f"{name}/plan.py: a run has study='{run.study}', expected '{name}'")
    if any(run.dataset is None for run in runs):
        _check_names(folder / "evaluate.py", ("measure",))
    if any(run.dataset for run in runs):
        if not (folder / "task.py").is_file():
            raise InputError(f"{folder}: a study that trains networks, without task.py")
        _check_names(folder / "task.py", ("task",))
        _check_names(folder / "evaluate.py", ("evaluate",))


def _check_names(file: Path, names: tuple[str, ...]) -> None:
    try:
        body = ast.parse(file.read_bytes(), str(file)).body
    except SyntaxError as error:
        raise InputError(f"{file}:{error.lineno}: not valid Python: {error.msg}") from None
    defined: set[str] = set()
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            defined.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            defined |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            defined |= {target.id for target in targets if isinstance(target, ast.Name)}
    for name in names:
        if name not in defined:
            raise InputError(f"{file}: does not define {name}")
