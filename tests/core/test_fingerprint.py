"""Fingerprints of the code on which a result depends."""

import subprocess
import sys

import pytest

from inductive.core import fingerprint as code
from inductive.studies import discover

SOURCE = '''
"""A module."""
import math

def f(x):
    if x < 0:
        raise ValueError(f"{x} is negative")
    return math.sqrt(x) + 1
'''


@pytest.mark.parametrize(
    "same",
    [
        SOURCE.replace("+ 1", "+ 1  # one more"),
        SOURCE.replace('"""A module."""', '"""Another sentence."""'),
        SOURCE.replace("def f(x):", "def f(x: float) -> float:\n    '''Root.'''"),
        SOURCE.replace("math.sqrt(x) + 1", "(\n        math.sqrt(x)\n        + 1\n    )"),
        SOURCE.replace('f"{x} is negative"', 'f"a root of {x} is not real"'),
    ],
)
def test_layout_docstrings_and_error_texts_do_not_count(same: str) -> None:
    assert code._hash(same) == code._hash(SOURCE)


@pytest.mark.parametrize(
    "other",
    [
        SOURCE.replace("+ 1", "+ 2"),
        SOURCE.replace("+ 1", "- 1"),
        SOURCE.replace("ValueError", "KeyError"),
        SOURCE.replace("x < 0", "x < 1"),
    ],
)
def test_changed_behaviour_counts(other: str) -> None:
    assert code._hash(other) != code._hash(SOURCE)


def test_closure_follows_imports() -> None:
    reached = code.closure(["inductive.studies.citation.task"])
    assert "inductive.nn.graph_attention" in reached
    assert "inductive.training.optimizers" in reached
    assert "inductive.nn.padding" not in reached


@pytest.mark.parametrize("study", sorted(discover()))
def test_training_and_measuring_do_not_depend_on_prose_plans_or_reports(study: str) -> None:
    package = f"inductive.studies.{study}"
    roots = [
        f"{package}.{part}" for part in ("task", "evaluate") if code._path(f"{package}.{part}")
    ]
    reached = set(code.closure(roots))
    independent = ("settings", "plan", "metrics", "report", "tables", "figures")
    assert not reached & {package, *(f"{package}.{part}" for part in independent)}
    layers = ("inductive.report", "inductive.analysis", "inductive.pipeline", "inductive.studies.")
    others = {m for m in reached if m.startswith(layers) and not m.startswith(f"{package}.")}
    assert all(m.startswith("inductive.studies.shared.") for m in others), others


def test_citation_does_not_depend_on_tissues() -> None:
    reached = code.closure(
        ["inductive.studies.citation.task", "inductive.studies.citation.evaluate"]
    )
    assert not [m for m in reached if "tissue" in m or "celltype" in m]


def test_only_the_named_entries_of_a_registry_count() -> None:
    """Of a registry that users extend, only the named entries are in the hash."""
    module = "inductive.nn.padding_modes"
    roots = ["inductive.nn.padding"]
    hashes = [code.fingerprint(roots, [f"{module}:{mode}"]) for mode in ("zeros", "circular")]
    assert hashes[0] != hashes[1]
    assert module in code.closure(roots)
    assert module not in code.closure(roots, {module})
    with pytest.raises(ValueError, match="no function 'absent'"):
        code.fingerprint(roots, [f"{module}:absent"])


def test_importing_a_submodule_does_not_depend_on_its_package() -> None:
    assert code._module_of("inductive.nn.padding:PaddedConv2d") == "inductive.nn.padding"
    assert code._module_of("inductive.nn:padding") == "inductive.nn.padding"
    assert code._module_of("inductive.nn:GPT") == "inductive.nn"


def test_planning_imports_no_heavy_library() -> None:
    script = (
        "import sys; from pathlib import Path; from inductive.pipeline.parameters import load; "
        "from inductive.pipeline.plan import Plan; from inductive.core.layout import Layout; "
        "Plan(load(Path()), Layout()); heavy = ('torch', 'pandas', 'matplotlib'); "
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
