"""The exports of `inductive.nn`, and its modules that import no torch."""

import ast
import inspect
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import inductive.nn


def test_every_exported_name_is_that_of_its_module() -> None:
    for name in inductive.nn.__all__:
        module = import_module(f"inductive.nn.{inductive.nn._MODULE_OF[name]}")
        assert getattr(inductive.nn, name) is getattr(module, name)


def test_the_three_lists_of_names_agree() -> None:
    typed = {
        (alias.name, node.module.rpartition(".")[2])
        for node in ast.walk(ast.parse(inspect.getsource(inductive.nn)))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("inductive")
        for alias in node.names
    }
    assert typed == set(inductive.nn._MODULE_OF.items())
    assert sorted(inductive.nn.__all__) == sorted(inductive.nn._MODULE_OF)


def test_no_exported_name_is_that_of_a_submodule() -> None:
    """Importing the submodule would replace the export."""
    modules = {path.stem for path in Path(inductive.nn.__file__).parent.glob("*.py")}
    assert not modules & set(inductive.nn.__all__)


def test_modules_for_planning_import_no_torch() -> None:
    code = (
        "import inductive.nn, inductive.nn.gpt_config, inductive.nn.padding_modes, sys\n"
        "assert not {'torch', 'pandas', 'matplotlib'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
