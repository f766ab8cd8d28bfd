"""Unfinished training on disk: one file a group of seeds, replaced atomically."""

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from inductive import store
from inductive.errors import InputError


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
    """Nested tensors and small facts, in one safetensors file, atomically."""
    flat = {name: t.detach().cpu().contiguous() for name, t in flatten(tensors).items()}
    store.write_bytes(path, save(flat, metadata={"facts": json.dumps(facts, sort_keys=True)}))


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The inverse of `write`, tensors flat and on the CPU."""
    try:
        with safe_open(path, framework="pt") as file:
            facts = json.loads((file.metadata() or {}).get("facts", "{}"))
            return {name: file.get_tensor(name) for name in file.keys()}, facts  # noqa: SIM118
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except SafetensorError as error:
        raise InputError(f"{path}: not a readable checkpoint: {error}") from None
