"""Which code a result depends on, as one hash.

A run's identity covers the code that made it, so that an edited study needs new results, in a fresh
clone as well as here, and after the edit is undone the old results are used again. Code on which no
result depends does not count: layout, comments, docstrings, annotations, and the wording of errors.
"""

import ast
import hashlib
import importlib.util
import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from inductive.core.files import write_json

PACKAGE = Path(__file__).parents[1]
RULES = Path(__file__).read_bytes()
"""The source of this module: cache entries of another version of it are not used."""

# Modules that name, locate, fetch or print. They cannot change a result: what they determine (the
# content of a data set, the settings of a run) is part of a run's identity already.
_NEUTRAL = frozenset(
    f"inductive.{name}"
    for name in (
        "core.errors",
        "core.files",
        "core.fingerprint",
        "core.integrity",
        "core.layout",
        "core.metric",
        "core.run",
        "data.fetch",
        "data.registry",
        "data.settings",
        "data.sources",
        "training.machine",  # like the device and its threads: recorded, not part of an identity
        "training.progress",
        "training.provenance",
    )
)

# Fields of the syntax tree that hold types or reading context and do not change what code does.
_SILENT = frozenset({"ctx", "type_comment", "type_ignores", "annotation", "returns", "kind"})
_EXTENSIONS: list[Path] = []


def extend(folder: Path) -> None:
    """Also look for modules of `inductive.studies` in a user's folder."""
    if folder not in _EXTENSIONS:
        _EXTENSIONS.append(folder)
        _path.cache_clear()
        _read.cache_clear()


def _meaning(node: object) -> object:
    """Code as nested lists: equal for every layout, comment, docstring, annotation and error text.

    Empty fields are left out, so that Python versions that differ in them agree.
    """
    if isinstance(node, list):
        return [_meaning(item) for item in node if not _is_for_readers(item)]
    if not isinstance(node, ast.AST):
        return repr(node)
    if isinstance(node, ast.Raise):  # the program ends with any error text
        error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return ["Raise", _meaning(error)]
    fields = [
        (name, _meaning(value))
        for name, value in ast.iter_fields(node)
        if name not in _SILENT and value is not None and value != []
    ]
    return [type(node).__name__, fields]


def _is_for_readers(node: object) -> bool:
    """A string on its own (a docstring), or imports that only a type checker makes."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _hash(source: str) -> str:
    return hashlib.sha256(repr(_meaning(ast.parse(source))).encode()).hexdigest()


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes except those that only a type checker uses."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not _is_for_readers(child):
            yield from _walk(child)


@cache
def _path(module: str) -> Path | None:
    """The file of a module of this package, or of a user's study."""
    parts = module.split(".")[1:]
    roots = [PACKAGE.joinpath(*parts)]
    if parts[:1] == ["studies"]:
        roots += [folder.joinpath(*parts[1:]) for folder in _EXTENSIONS]
    for stem in roots:
        for path in (stem.with_suffix(".py"), stem / "__init__.py"):
            if path.is_file():
                return path
    return None


class CodeCache:
    """The parsed form of each module, by its content: parsing all code takes over a second."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}
        self.fresh: dict[str, Any] = {}

    def load(self, file: Path) -> None:
        """Load the entries of an earlier process; a damaged file is ignored."""
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return
        if isinstance(content, dict):
            self.known |= content

    def save(self, file: Path) -> None:
        """Write all entries for the next process, if any are new."""
        if self.fresh:
            self.known |= self.fresh
            write_json(file, self.known)
            self.fresh = {}


CACHE = CodeCache()


@cache
def _read(module: str) -> tuple[str, frozenset[str]]:
    """A module's hash and the modules of this package that it imports, anywhere in its text."""
    path = _path(module)
    assert path is not None, module
    content = path.read_bytes()
    key = f"{module} {hashlib.sha256(content + RULES).hexdigest()}"
    entry = CACHE.known.get(key) or CACHE.fresh.get(key)
    if entry is None:
        code, imported = _parse(module, path.name, content.decode())
        entry = CACHE.fresh[key] = [code, sorted(imported)]
    code, imports = entry
    return code, frozenset(filter(None, map(_module_of, imports)))


def _parse(module: str, file: str, source: str) -> tuple[str, set[str]]:
    """The hash of a source and what it imports of this package, as 'module' or 'module:name'."""
    imported = set()
    for node in _walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = module if file == "__init__.py" else module.rpartition(".")[0]
            origin = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            imported |= {f"{origin}:{alias.name}" for alias in node.names}
    return _hash(source), {name for name in imported if name.startswith("inductive")}


def _module_of(imported: str) -> str | None:
    """The module that 'module:name' depends on: the submodule of that name, or the module."""
    module, _, name = imported.partition(":")
    for candidate in (f"{module}.{name}", module):
        if candidate != "inductive" and _path(candidate):
            return candidate
    return None


def closure(roots: Iterable[str], without: Iterable[str] = ()) -> list[str]:
    """The modules of this package that `roots` reach by imports, sorted, except `without`.

    A package's own `__init__` counts where a name is imported from it, not where it is only passed
    through: `from inductive.nn.padding import x` does not depend on `inductive/nn/__init__.py`.
    """
    skipped = _NEUTRAL | set(without)
    reached: set[str] = set()
    waiting = list(roots)
    while waiting:
        module = waiting.pop()
        if module not in reached and module not in skipped:
            reached.add(module)
            waiting += _read(module)[1]
    return sorted(reached)


def fingerprint(
    roots: Iterable[str], registered: Iterable[str] = (), files: Iterable[Path] = ()
) -> str:
    """One hash over the code of `roots` and all they import, of single functions and of files.

    `registered` are entries of open registries as `module:function`. Of those modules only these
    functions count, so that a new entry changes nothing for the others.
    """
    return _fingerprint(tuple(roots), tuple(registered), tuple(files))


@cache
def _fingerprint(
    roots: tuple[str, ...], registered: tuple[str, ...], files: tuple[Path, ...]
) -> str:
    digest = hashlib.sha256()
    for module in closure(roots, {entry.partition(":")[0] for entry in registered}):
        digest.update(f"{module} {_read(module)[0]}\n".encode())
    for entry in registered:
        digest.update(_function_hash(*entry.split(":")).encode())
    for file in sorted(files):
        digest.update(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]


def _function_hash(module: str, function: str) -> str:
    path = _path(module)
    assert path is not None, module
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, ast.FunctionDef) and node.name == function:
            return _hash(ast.unparse(node))
    raise ValueError(f"{path}: no function '{function}' at the top level")
