"""Rules of the code base: layers, no import cycles, short modules, no lists of studies."""

import ast
import re
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest
import yaml

from conftest import ROOT
from inductive.core import fingerprint as code

SOURCE = ROOT / "src/inductive"
MODULES = sorted(SOURCE.rglob("*.py"))
TRACKED = subprocess.run(
    ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT, capture_output=True, text=True, check=True,
).stdout.split()  # fmt: skip


def test_a_layer_imports_only_from_layers_below() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_there_are_no_import_cycles() -> None:
    names = {_name(path) for path in MODULES}
    graph = {name: code._read(name)[1] & names for name in names - {"inductive"}}
    list(TopologicalSorter(graph).static_order())  # raises CycleError, which names the cycle


def _name(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_studies_do_not_import_each_other() -> None:
    for path in MODULES:
        study = re.match(r"inductive\.studies\.(\w+)", _name(path))
        if study:
            others = {
                m.split(".")[2]
                for m in code._read(_name(path))[1]
                if m.startswith("inductive.studies.")
            }
            assert others <= {study[1], "shared"}, path


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(SOURCE)))
def test_modules_are_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300


LATE = {
    # file: measured time that imports inside functions save where they are not needed
    "api.py": "torch, 1.3 s: data frames need none",
    "cli.py": "everything: each command imports only its own step, --help nothing",
    "data/generated/boxes.py": "torch, 1.3 s: drawing them needs it, generating does not",
    "data/formats/galaxy10.py": "torch, 1.3 s: only resizing needs it",
    "data/images.py": "scikit-learn, 0.9 s: only stratified splits need it",
    "studies/graph_algebra/message_passing.py": "torch_geometric, 4 s: one comparison needs it",
}


def test_imports_are_at_the_top() -> None:
    """Except where one saves at least half a second, as measured; a comment gives the reason."""
    late = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                inner = [n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)]
                late += [f"{path.relative_to(SOURCE)}:{n.lineno}" for n in inner]
    assert {entry.split(":")[0] for entry in late} <= set(LATE), late


def test_study_names_are_listed_only_in_params() -> None:
    """No other file has five consecutive names of studies, as a list or a table would."""
    blocks = yaml.safe_load((ROOT / "params.yaml").read_text())
    names = [n for n in blocks if n not in ("preset", "studies", "data", "training")]
    name = rf"[\"']?\b(?:{'|'.join(names)})\b[\"']?"
    between = r"[\s,:|\[\]()-]+"
    listed = re.compile(between.join([name] * 5))
    for file in TRACKED:
        path = ROOT / file
        if (
            path.suffix in (".py", ".yaml", ".smk", ".toml", "")
            and path.is_file()
            and file != "params.yaml"
        ):
            assert not listed.search(path.read_text(errors="ignore")), file


IMPORT_ALL = """
import importlib, pkgutil, warnings
import matplotlib, torch, inductive
settings, filters = dict(matplotlib.rcParams), list(warnings.filters)
for module in pkgutil.walk_packages(inductive.__path__, "inductive."):
    if module.name != "inductive.__main__":
        importlib.import_module(module.name)
changed = [key for key in settings if settings[key] != matplotlib.rcParams[key]]
ours = [f for f in warnings.filters if f not in filters and "inductive" in str(f)]
print(changed, ours)
"""


def test_importing_changes_no_global_state() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[] []"
