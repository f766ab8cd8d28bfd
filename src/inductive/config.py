"""params.yaml and its overlays -> one checked dictionary. Imports no torch."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from inductive.errors import InputError, unknown

ROOT = Path.cwd()
"""The project's folder: Snakemake, DVC and the command line all run in it."""

SCHEMA = Path("workflow/schemas/params.schema.yaml")
PRESETS = Path("workflow/presets")
Params = dict[str, Any]


class _UniqueKeyLoader(yaml.SafeLoader):
    """YAML keeps the last of two equal keys in silence; a parameter file must not."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                line = key_node.start_mark.line + 1
                raise InputError(f"{node.start_mark.name}:{line}: the key '{key}' appears twice")
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> Params:
    """The mapping in a YAML file; an empty file is an empty mapping."""
    try:
        with open(path, encoding="utf-8") as stream:
            loaded = yaml.load(stream, _UniqueKeyLoader)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except yaml.YAMLError as error:
        raise InputError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise InputError(f"{path}: expected a mapping of keys, found {type(loaded).__name__}")
    return loaded


def merge(base: Params, overlay: Mapping[str, Any]) -> Params:
    """`base` with `overlay` on top: mappings are merged, everything else is replaced."""
    merged = dict(base)
    for key, value in overlay.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = merge(merged[key], value) if both else value
    return merged


def from_command_line(config: Any) -> Any:
    """What `snakemake --config` brought, with numbers as numbers.

    Snakemake types a value on the top level, but leaves everything inside a mapping as text.
    """
    if isinstance(config, Mapping):
        return {key: from_command_line(value) for key, value in config.items()}
    if isinstance(config, list):
        return [from_command_line(value) for value in config]
    return yaml.safe_load(config) if isinstance(config, str) else config


def preset_file(preset: object) -> Path:
    """The overlay that a `preset` value names: one of ours by name, or a file by path."""
    if not isinstance(preset, str) or not preset:
        raise InputError(f"preset: expected a name or a path, found {preset!r}")
    if preset.endswith((".yaml", ".yml")):
        return Path(preset)
    path = PRESETS / f"{preset}.yaml"
    if not path.is_file():
        names = [p.stem for p in PRESETS.glob("*.yaml")]
        raise InputError(f"preset: {unknown('preset', preset, names)}, or the path of a .yaml file")
    return path


def resolve(
    params: Path = Path("params.yaml"), overrides: Mapping[str, Any] | None = None
) -> Params:
    """The parameters that are in force: file, then preset, then `overrides`; checked.

    `overrides` are what `snakemake --config` brought. In the result every `seeds` is a list, and
    `preset` is the name of the folder of results.
    Raises InputError with one line for anything that the schema does not allow.
    """
    overrides = overrides or {}
    base = read_yaml(params)
    preset = merge(base, overrides).get("preset", "full")
    overlay = preset_file(preset)
    resolved = merge(merge(base, read_yaml(overlay)), overrides)
    resolved["preset"] = overlay.stem
    check(resolved, f"{params} with {overlay}")
    for block in resolved.values():
        if isinstance(block, dict) and isinstance(block.get("seeds"), int):
            block["seeds"] = list(range(block["seeds"]))
    return resolved


def check(params: Params, origin: str) -> None:
    """Raise InputError for the first parameter that the schema does not allow."""
    schema = read_yaml(SCHEMA)
    errors = jsonschema.Draft202012Validator(schema).iter_errors(params)
    for error in sorted(errors, key=lambda e: [str(part) for part in e.absolute_path]):
        raise InputError(f"{origin}: {_explain(error)}")


def _explain(error: jsonschema.ValidationError) -> str:
    key = ".".join(str(part) for part in error.absolute_path) or "top level"
    found: Any = error.instance
    schema: Any = error.schema
    expected: Any = error.validator_value
    if error.validator == "additionalProperties" and isinstance(found, dict):
        allowed = schema.get("properties", {})
        extra = next(name for name in found if name not in allowed)
        return f"{key}: {unknown('key', extra, allowed)}"
    if error.validator == "enum":
        return f"{key}: {unknown('value', found, map(str, expected))}"
    if error.validator == "oneOf" or error.validator == "anyOf":
        return f"{key}: expected {schema.get('description')}, found {json.dumps(found)}"
    if error.validator == "uniqueItems":
        return f"{key}: an entry appears twice in {json.dumps(found)}"
    if error.validator in ("minItems", "minProperties"):
        return f"{key}: is empty; at least one entry is needed"
    if error.validator == "required" and isinstance(found, dict):
        missing = [name for name in expected if name not in found]
        return f"{key}: the key '{missing[0]}' is missing"
    if error.validator == "type":
        return f"{key}: expected {expected}, found {json.dumps(found)}"
    return f"{key}: {error.message}"
