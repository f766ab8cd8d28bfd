"""Checks that a folder of results belongs to a run and is undamaged."""

from pathlib import Path
from typing import Any

from inductive.core.errors import InputError
from inductive.core.files import read_json, verify_checksums
from inductive.core.run import Run

TRAINED = ("checkpoint.safetensors", "history.csv")
EVALUATED = ("measurements.csv", "artefacts.safetensors")
PROVENANCE = {"seeds", "device", "commit", "versions", "wall_seconds", "peak_memory_mib"}
"""The facts about each part of a result that are read again."""


def check_trained(run: Run, folder: Path) -> dict[str, Any]:
    """The content of a trained folder's run.json.

    Raises InputError where its results are damaged or of other parameters or code.
    """
    facts = _facts(folder / "run.json", {"run", "seeds", "made", "sha256"}, TRAINED)
    try:
        recorded = Run.from_json(facts["run"])
    except (KeyError, TypeError):  # a key that is damaged
        raise _incomplete(folder / "run.json") from None
    if recorded.identity != run.identity:
        raise InputError(
            f"{folder}/run.json: made with other parameters ({recorded.id}, expected {run.id}); "
            "delete the folder to have it made again"
        )
    return facts


def check_evaluation(run: Run, folder: Path) -> dict[str, Any]:
    """The content of an evaluation's evaluation.json. Raises InputError like `check_trained`."""
    facts = _facts(folder / "evaluation.json", {"run", "evaluation", "made", "sha256"}, EVALUATED)
    if (facts["run"], facts["evaluation"]) != (run.id, run.evaluation_id):
        raise InputError(
            f"{folder}/evaluation.json: made for {facts['run']}, {facts['evaluation']}, not for "
            f"{run.id}, {run.evaluation_id}; delete the folder to have it made again"
        )
    return facts


def _facts(file: Path, keys: set[str], names: tuple[str, ...]) -> dict[str, Any]:
    content = read_json(file)
    if not isinstance(content, dict) or not keys <= content.keys():
        raise _incomplete(file)
    sums, made = content["sha256"], content["made"]
    if not isinstance(sums, dict) or not set(names) <= sums.keys():
        raise _incomplete(file)
    if not all(part.keys() >= PROVENANCE for part in made):
        raise _incomplete(file)
    verify_checksums(file.parent, sums)
    return content


def _incomplete(file: Path) -> InputError:
    return InputError(f"{file}: incomplete; delete {file.parent} to have it made again")
