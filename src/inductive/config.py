"""params.yaml and its overlays -> one checked dictionary. Imports no torch."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from inductive.errors import InputError, unknown

# The project's folder is the current one: Snakemake, DVC and the command line all run in it.
PARAMS = Path("params.yaml")
SCHEMA = Path("workflow/schemas/params.schema.yaml")
PRESETS = Path("workflow/presets")
Params = dict[str, Any]


LARGEST = 100_000
"""Values that a parameter file may hold, each counted as often as it is referred to."""


class _UniqueKeyLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
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
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8 text") from None
    except (yaml.YAMLError, ValueError, TypeError) as error:  # a date out of range, a list as a key
        raise InputError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise InputError(f"{path}: nested too deeply") from None
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise InputError(f"{path}: expected a mapping of keys, found {type(loaded).__name__}")
    _check_size(loaded, path)
    return loaded


def _check_size(loaded: Params, path: Path) -> None:
    """Anchors let a short file stand for a huge one, or hold itself; nobody means either."""
    sizes: dict[int, int] = {}
    open_: set[int] = set()

    def size(node: object) -> int:
        if not isinstance(node, (dict, list)):
            return 1
        if id(node) in open_:
            raise InputError(f"{path}: an anchor refers to something that contains it")
        if id(node) not in sizes:
            open_.add(id(node))
            parts = node.values() if isinstance(node, dict) else node
            sizes[id(node)] = 1 + sum(map(size, parts))
            open_.remove(id(node))
        return sizes[id(node)]

    try:
        total = size(loaded)
    except RecursionError:
        raise InputError(f"{path}: nested too deeply") from None
    if total > LARGEST:
        raise InputError(f"{path}: stands for {total:.3g} values; {LARGEST:,} are the most")


def merge(base: Params, overlay: Mapping[str, Any]) -> Params:
    """`base` with `overlay` on top: mappings are merged, everything else is replaced.

    Null in place of a mapping takes it away: an overlay can leave out a dataset or a variant.
    """
    merged = dict(base)
    for key, value in overlay.items():
        if value is None and isinstance(merged.get(key), Mapping):
            del merged[key]
            continue
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = merge(merged[key], value) if both else value
    return merged


def flatten(params: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """'a.b.c': value for every value in nested mappings; `seeds` as a list."""
    flat: dict[str, Any] = {}
    for key, value in params.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            count = key == "seeds" and isinstance(value, int)
            flat[f"{prefix}{key}"] = list(range(value)) if count else value
    return flat


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
        path = Path(preset)
        if path.parent != PRESETS and (PRESETS / f"{path.stem}.yaml").is_file():
            raise InputError(
                f"preset: {path} would share results/{path.stem} with a preset of ours"
            )
        return path
    path = PRESETS / f"{preset}.yaml"
    if not path.is_file():
        names = [p.stem for p in PRESETS.glob("*.yaml")]
        raise InputError(f"preset: {unknown('preset', preset, names)}, or the path of a .yaml file")
    return path


def resolve(params: Path = PARAMS, overrides: Mapping[str, Any] | None = None) -> Params:
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


def _is_integer(_: object, value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(_: object, value: object) -> bool:
    return _is_integer(_, value) or (isinstance(value, float) and math.isfinite(value))


# JSON Schema takes 3.0 for an integer and knows no infinity; a count of seeds must be neither.
_Validator = jsonschema.validators.extend(
    jsonschema.Draft202012Validator,
    type_checker=jsonschema.Draft202012Validator.TYPE_CHECKER.redefine_many(
        {"integer": _is_integer, "number": _is_number}
    ),
)


def check(params: Params, origin: str) -> None:
    """Raise InputError for the first parameter that the schema does not allow."""
    schema = read_yaml(SCHEMA)
    _check_names(params, origin)
    errors = _Validator(schema).iter_errors(params)
    for error in sorted(errors, key=lambda e: [str(part) for part in e.absolute_path]):
        raise InputError(f"{origin}: {_explain(error)}")


def _check_names(node: object, origin: str) -> None:
    """YAML lets a key be a number or a date; here every key is a name."""
    if isinstance(node, dict):
        for key, value in node.items():
            if not isinstance(key, str):
                raise InputError(f"{origin}: the key {key!r} is not a name; put it in quotes")
            _check_names(value, origin)


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
    if error.validator == "pattern":
        return f"{key}: '{found}' has other characters than letters, digits and underscores"
    return f"{key}: {error.message}"
