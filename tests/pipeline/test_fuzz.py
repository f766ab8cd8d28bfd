"""Any params.yaml is planned or refused in one line, in limited time and memory."""

import copy
import math
import os
import resource
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import ROOT
from inductive.core.errors import InputError
from inductive.core.layout import Layout
from inductive.core.parameters import flatten
from inductive.pipeline.parameters import load
from inductive.pipeline.plan import Plan

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))  # `make soak` uses 2,000
BASE: dict[str, Any] = yaml.safe_load((ROOT / "params.yaml").read_text())
SECONDS, GIBIBYTES = 2.0, 1.0

JUNK: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([10**6, 10**9, 10**30, -(10**30), 2**63]),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, 0.5, 1.0, -1.0, 1e-300, 1e300]),
    st.text(max_size=8),
    st.sampled_from(["", "..", "../../x", "/etc/passwd", "inf", "real", "own", "π", "a\nb", "\0"]),
    st.lists(st.one_of(st.integers(-1, 3), st.text(max_size=3), st.none()), max_size=4),
    st.dictionaries(st.text(max_size=4), st.integers(-1, 1), max_size=3),
)


def _paths(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every key and of every list entry."""
    items = node.items() if isinstance(node, dict) else enumerate(node)
    paths = []
    for key, value in items:
        paths.append((*path, key))
        if isinstance(value, (dict, list)):
            paths += _paths(value, (*path, key))
    return paths


PATHS = _paths(BASE)


def _peak() -> float:
    """GiB that this process has held at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


@pytest.fixture(autouse=True)
def _before() -> None:
    global BEFORE
    BEFORE = _peak()


BEFORE = 0.0


@st.composite
def mutations(draw: st.DrawFn) -> dict[str, Any]:
    """params.yaml with one to three entries changed, left out, renamed, added or repeated."""
    params = copy.deepcopy(BASE)
    for _ in range(draw(st.integers(1, 3))):
        *above, key = draw(st.sampled_from(PATHS))
        node: Any = params
        try:
            for step in above:
                node = node[step]
            _mutate(draw, node, key)
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change removed this path
    return params


def _mutate(draw: st.DrawFn, node: Any, key: Any) -> None:
    how = draw(st.sampled_from(["replace", "leave out", "add", "rename", "repeat"]))
    if how == "replace":
        node[key] = draw(JUNK)
    elif how == "leave out":
        del node[key]
    elif how == "add" and isinstance(node, dict):
        node[draw(st.one_of(st.text(max_size=6), st.integers(), st.sampled_from(list(BASE))))] = (
            draw(JUNK)
        )
    elif how == "rename" and isinstance(node, dict):
        node[f"{key}{draw(st.sampled_from(['s', 'x', ' ', '/', '..']))}"] = node.pop(key)
    elif isinstance(node, list):
        node.append(node[key])


def _outcome(folder: Path) -> str:
    """'planned', or the one line that refuses."""
    begun = time.process_time()
    try:
        plan = Plan(load(folder), Layout(folder))
        assert plan.runs
        outcome = "planned"
    except InputError as error:
        outcome = str(error)
    assert time.process_time() - begun < SECONDS, outcome
    assert outcome
    assert "\n" not in outcome, outcome
    assert len(outcome) < 2000, outcome
    return outcome


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "workflow").symlink_to(ROOT / "workflow")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(BASE))
    # Reads all code once, which is not part of the measured time.
    Plan(load(tmp_path), Layout(tmp_path))
    return tmp_path


@given(params=mutations())
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_mutated_parameters_are_planned_or_refused(project: Path, params: dict[str, Any]) -> None:
    (project / "params.yaml").write_text(yaml.safe_dump(params, allow_unicode=True), "utf-8")
    _outcome(project)
    # This process may have run other tests before, whose memory does not count.
    assert _peak() - BEFORE < GIBIBYTES


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
FILES = {
    "": "is missing|top level",
    "- a\n- b\n": "expected a mapping of keys, found list",
    "a: [": "not valid YAML",
    "a: &a [*a]\n": "an anchor refers to something that contains it",
    BOMB: "expands to .* values; at most 100,000 are allowed",
    "a: " + "[" * 5000 + "]" * 5000: "nested too deeply|not valid YAML",
    "? [1, 2]\n: 3\n": "not valid YAML|not a name",
    "a: 2024-99-99\n": "not valid YAML|unknown key",
    "a: !!python/object/apply:os.system [id]\n": "not valid YAML",
    "preset: full\npreset: quick\n": "the key 'preset' appears twice",
    "preset: ../../etc/passwd\n": "unknown preset",
    "1: 2\n": "is not a name",
}


@pytest.mark.parametrize("text", FILES, ids=range(len(FILES)))
def test_invalid_files_are_refused(project: Path, text: str) -> None:
    (project / "params.yaml").write_text(text)
    begun = time.process_time()
    with pytest.raises(InputError, match=FILES[text]):
        load(project)
    assert time.process_time() - begun < SECONDS


def test_files_that_are_not_utf_8_are_refused(project: Path) -> None:
    (project / "params.yaml").write_bytes(b"preset: full\n\xff\xfe\n")
    with pytest.raises(InputError, match=r"not UTF-8|not valid YAML"):
        load(project)


def test_huge_numbers_are_planned_or_refused(project: Path) -> None:
    """One at a time; planning does not expand any of them to a list."""
    # flatten() expands counts of seeds to lists; these could become too long.
    numeric = [k for k, v in flatten(BASE).items() if isinstance(v, (int, float)) and v is not True]
    seeds = [k for k in flatten(BASE) if k.endswith("seeds")]
    for key in seeds + numeric[:: max(1, len(numeric) // EXAMPLES)]:
        for value in (10**12, math.inf):
            params = copy.deepcopy(BASE)
            *above, last = key.split(".")
            node = params
            for step in above:
                node = node[step]
            node[last] = value
            (project / "params.yaml").write_text(yaml.safe_dump(params))
            _outcome(project)
