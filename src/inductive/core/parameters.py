"""params.yaml and its overlays -> one dictionary: checked YAML, and the merging of overlays."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from inductive.core.errors import InputError, unknown

Params = dict[str, Any]
LARGEST = 100_000
"""Values that a parameter file may hold, each counted as often as it is referred to."""


class _UniqueKeyLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Refuses equal keys, of which YAML would keep the last without a message."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                line = key_node.start_mark.line + 1
                raise InputError(f"{node.start_mark.name}:{line}: the key '{key}' appears twice")
            seen.add(key)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


def read_yaml(path: Path) -> Params:
    """The mapping in a YAML file; an empty file is an empty mapping.

    Raises InputError for a file that is not YAML, has a key twice, or expands to too many values.
    """
    loaded = parse_yaml(path)
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise InputError(f"{path}: expected a mapping of keys, found {type(loaded).__name__}")
    return loaded


def parse_yaml(path: Path) -> Any:
    """Whatever a YAML file holds. Raises InputError like `read_yaml`."""
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
    _check_size(loaded, path)
    return loaded


def _check_size(loaded: object, path: Path) -> None:
    """Refuse anchors with which a file expands to too many values or contains itself."""
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
        raise InputError(f"{path}: expands to {total:.3g} values; at most {LARGEST:,} are allowed")


def merge(base: Params, overlay: Mapping[str, Any]) -> Params:
    """`base` with `overlay` on top: mappings are merged, everything else is replaced.

    Null in place of a mapping removes it: an overlay can leave out a data set or a variant.
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
    """'a.b.c': value for every value in nested mappings; a count of `seeds` as a list."""
    flat: dict[str, Any] = {}
    for key, value in params.items():
        if isinstance(value, Mapping) and key != "seeds":
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            count = key == "seeds" and isinstance(value, int)
            flat[f"{prefix}{key}"] = list(range(value)) if count else value
    return flat


def from_command_line(config: Any) -> Any:
    """The values of `snakemake --config`, with numbers converted from text.

    Snakemake types a value on the top level, but leaves everything inside a mapping as text.
    """
    if isinstance(config, Mapping):
        return {key: from_command_line(value) for key, value in config.items()}
    if isinstance(config, list):
        return [from_command_line(value) for value in config]
    return yaml.safe_load(config) if isinstance(config, str) else config


def project_folder(root: Path) -> Path:
    """The folder with params.yaml and workflow/: `root` where it has them, else the copy that an
    installed package carries, else the checkout that the package is run from."""
    package = Path(__file__).parents[1]
    for folder in (root, package / "project", package.parents[1]):
        if (folder / "params.yaml").is_file():
            return folder
    raise InputError(f"{root / 'params.yaml'}: no such file")


def preset_file(project: Path, preset: object) -> Path:
    """The overlay that a `preset` value names: one of the project's by name, or a file by path."""
    presets = project / "workflow/presets"
    if not isinstance(preset, str) or not preset:
        raise InputError(f"preset: expected a name or a path, found {preset!r}")
    if preset.endswith((".yaml", ".yml")):
        path = Path(preset).expanduser()
        same = presets / f"{path.stem}.yaml"
        if same.is_file() and path.resolve() != same.resolve():
            raise InputError(
                f"preset: {path} would share results/{path.stem} with a preset of the project"
            )
        return path
    path = presets / f"{preset}.yaml"
    if not path.is_file():
        names = [p.stem for p in presets.glob("*.yaml")]
        raise InputError(f"preset: {unknown('preset', preset, names)}, or the path of a .yaml file")
    return path


def resolve(project: Path, overrides: Mapping[str, Any] | None = None) -> tuple[Params, str]:
    """The parameters in force (file, then preset, then `overrides`) and their origin in words.

    `overrides` are the values of `snakemake --config`. In the result `preset` is the name of the
    folder of results. Nothing but the YAML is checked yet.
    """
    overrides = overrides or {}
    file = project / "params.yaml"
    base = read_yaml(file)
    overlay = preset_file(project, merge(base, overrides).get("preset", "full"))
    resolved = merge(merge(base, read_yaml(overlay)), overrides)
    resolved["preset"] = overlay.stem
    origin = f"{file.name} with {overlay}"
    _check_names(resolved, origin)
    return resolved, origin


def _check_names(node: object, origin: str) -> None:
    """YAML lets a key be a number or a date; here every key is a name."""
    if isinstance(node, dict):
        for key, value in node.items():
            if not isinstance(key, str):
                raise InputError(f"{origin}: the key {key!r} is not a name; put it in quotes")
            _check_names(value, origin)
