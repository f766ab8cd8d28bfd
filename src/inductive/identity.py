"""Whether what lies in a run's folder is what was asked for, and whole."""

from pathlib import Path

from inductive import store
from inductive.errors import InputError
from inductive.run import Run


def check_identity(run: Run, folder: Path) -> None:
    """Raise InputError where a folder holds results of other parameters, or damaged ones."""
    facts = folder / "run.json"
    content = store.read_json(facts)
    if not isinstance(content, dict) or not {"run", "made", "sha256"} <= content.keys():
        raise InputError(f"{facts}: not what a run writes; delete {folder} to have it made again")
    for name, recorded in content["sha256"].items():
        store.check_sha256(folder / name, recorded)
    found = Run.from_json(content["run"])
    if found.identity != run.identity or found.id != folder.name:
        raise InputError(
            f"{folder}/run.json: made with other parameters ({found.id}) than asked for "
            f"({run.id}); delete the folder to have it made again"
        )
