"""Tensors on disk: nested dictionaries in one safetensors file, written atomically."""

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from inductive.core.errors import InputError
from inductive.core.files import write_bytes


def flatten(tree: dict[str, Any], prefix: str = "") -> dict[str, Tensor]:
    """Nested dictionaries of tensors -> 'a/b/c': tensor."""
    flat: dict[str, Tensor] = {}
    for key, value in tree.items():
        name = f"{prefix}{key}"
        flat |= flatten(value, f"{name}/") if isinstance(value, dict) else {name: value}
    return flat


def branch(flat: dict[str, Tensor], name: str) -> dict[str, Tensor]:
    """The tensors below 'name/', without that prefix."""
    return {k.removeprefix(f"{name}/"): v for k, v in flat.items() if k.startswith(f"{name}/")}


def write(path: Path, tensors: dict[str, Any], facts: dict[str, Any]) -> None:
    """Write nested tensors, and facts as JSON metadata; equal content gives equal bytes."""
    flat = {name: t.detach().cpu().contiguous() for name, t in flatten(tensors).items()}
    write_bytes(path, save(flat, metadata={"facts": json.dumps(facts, sort_keys=True)}))


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The flat tensors, on the CPU, and the facts that `write` wrote.

    Raises InputError where the file is missing or not readable.
    """
    try:
        with safe_open(path, framework="pt") as file:
            facts = json.loads((file.metadata() or {}).get("facts", "{}"))
            return {name: file.get_tensor(name) for name in file.keys()}, facts  # noqa: SIM118
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except SafetensorError as error:
        raise InputError(f"{path}: not a readable checkpoint: {error}") from None
