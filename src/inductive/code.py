"""Which lines of code a result depends on, as one hash.

A run's identity covers the code that made it, so that an edited study is a missing file, in a
fresh clone as well as here, and undoing the edit finds the old results again. What only readers and
type checkers see (layout, comments, docstrings, annotations) does not count.
"""

import ast
import hashlib
import importlib.util
import inspect
import json
import textwrap
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from inductive import store

PACKAGE = Path(__file__).parent
RULES = Path(__file__).read_bytes()
"""How code is read: what was found under other rules is not known."""

# Modules that name, place, fetch or print things. They cannot change a number: what they decide
# (a dataset's content, a run's parameters) is in a run's identity already.
_HARMLESS = frozenset(
    f"inductive{name}"
    for name in (
        "",
        ".code",
        ".data.fetch",
        ".data.registry",
        ".data.sources",
        ".data.spec",
        ".errors",
        ".plan",
        ".run",
        ".store",
        ".studies",
        ".training.machine",  # like the device and its threads: recorded, not part of an identity
        ".training.progress",
        ".training.provenance",
    )
)


# Parts of the syntax that say how code is read or typed, not what it does.
_SILENT = frozenset({"ctx", "type_comment", "type_ignores", "annotation", "returns", "kind"})


def _meaning(node: object) -> object:
    """Code as nested lists: the same for every layout, comment, docstring and type annotation.

    Empty fields are left out, so that Python versions that differ in them agree.
    """
    if isinstance(node, list):
        return [_meaning(item) for item in node if not _is_for_readers(item)]
    if not isinstance(node, ast.AST):
        return repr(node)
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
    """All nodes but those that only a type checker sees."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not _is_for_readers(child):
            yield from _walk(child)


def _path(module: str) -> Path | None:
    stem = PACKAGE.joinpath(*module.split(".")[1:])
    for path in (stem.with_suffix(".py"), stem / "__init__.py"):
        if path.is_file():
            return path
    return None


CACHE = Path("results/.scratch/code.json")
"""What `_read` found out, by module and content: parsing all code takes over a second."""


@cache
def _known() -> dict[str, Any]:
    try:
        found = json.loads(CACHE.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def remember() -> None:
    """Keep what is known about the code for the next time."""
    if _fresh:
        store.write_json(CACHE, _known() | _fresh)
        _known().update(_fresh)
        _fresh.clear()


_fresh: dict[str, Any] = {}


@cache
def _read(module: str) -> tuple[str, frozenset[str]]:
    """A module's hash and the modules of this package that it imports, anywhere in its text."""
    path = _path(module)
    assert path is not None, module
    content = path.read_bytes()
    key = f"{module} {hashlib.sha256(content + RULES).hexdigest()}"
    if key not in _known():
        code, imported = _parse(module, path.name, content.decode())
        _fresh[key] = [code, sorted(imported)]
    code, names = _fresh.get(key) or _known()[key]
    return code, frozenset(name for name in names if _path(name))


def _parse(module: str, file: str, source: str) -> tuple[str, set[str]]:
    """The hash of a source and what it imports of this package, modules or not."""
    imported = set()
    for node in _walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = module if file == "__init__.py" else module.rpartition(".")[0]
            origin = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            imported |= {origin} | {f"{origin}.{alias.name}" for alias in node.names}
    return _hash(source), {name for name in imported if name.startswith("inductive")}


def closure(roots: Iterable[str], without: Iterable[str] = ()) -> list[str]:
    """The modules of this package that `roots` reach by imports, sorted, but for `without`."""
    skipped = _HARMLESS | set(without)
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        module = waiting.pop()
        if module not in found and module not in skipped:
            found.add(module)
            waiting += _read(module)[1]
    return sorted(found)


def fingerprint(
    roots: Iterable[str],
    without: Iterable[str] = (),
    functions: Iterable[Callable[..., object]] = (),
    files: Iterable[Path] = (),
) -> str:
    """One hash over the code of `roots` and all they import, of `functions` and of `files`.

    `without` names modules of which a result uses single functions only (a registry that users add
    to); those functions are given in `functions`, so that a new neighbour changes nothing.
    """
    digest = hashlib.sha256()
    for module in closure(roots, without):
        digest.update(f"{module} {_read(module)[0]}\n".encode())
    for function in functions:
        digest.update(_hash(textwrap.dedent(inspect.getsource(function))).encode())
    for file in sorted(files):
        digest.update(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]
