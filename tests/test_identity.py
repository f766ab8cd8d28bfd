"""What a run is called, and what code it depends on."""

import copy
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inductive import code
from inductive.plan import Plan, evaluate_order, read_order, train_order
from inductive.run import Run
from inductive.store import atomic, settle, write_if_changed


def _ids(params: dict[str, Any]) -> set[str]:
    return {run.id for runs in Plan(params).runs.values() for run in runs}


def test_a_number_changes_only_the_runs_that_use_it(params: dict[str, Any]) -> None:
    before = _ids(params)
    changed = copy.deepcopy(params)
    changed["citation"]["models"]["GAT"]["dropout"] = 0.5
    assert {i.split("-")[0] for i in before ^ _ids(changed)} == {"GAT"}
    changed = copy.deepcopy(params)
    changed["translation"]["adadelta"]["rho"] = 0.8
    assert len(before & _ids(changed)) == 3  # the citation runs


def test_evaluation_and_machine_do_not_retrain(params: dict[str, Any]) -> None:
    changed = copy.deepcopy(params)
    changed["citation"]["evaluation"]["edge_noise"] = [0.0, 2.0]
    changed["training"] |= {"device": "cpu", "checkpoint_seconds": 1, "seeds_together": 7}
    assert _ids(changed) == _ids(params)
    files = [{r.evaluation_file for r in Plan(p).runs["citation"]} for p in (params, changed)]
    assert files[0].isdisjoint(files[1])


def test_run_survives_json(params: dict[str, Any]) -> None:
    for runs in Plan(params).runs.values():
        for run in runs:
            again = Run.from_json(run.to_json())
            assert (again.id, again.evaluation_file) == (run.id, run.evaluation_file)
            assert replace(run, seeds=(9,)).id != run.id


def test_parsing_imports_no_torch() -> None:
    script = (
        "import sys; from inductive.config import resolve; from inductive.plan import Plan; "
        "Plan(resolve()); print([m for m in ('torch', 'pandas', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


SOURCE = '''
"""A module."""
import math

def f(x):
    return math.sqrt(x) + 1
'''


@pytest.mark.parametrize(
    "same",
    [
        SOURCE.replace("+ 1", "+ 1  # one more"),
        SOURCE.replace('"""A module."""', '"""Another sentence."""'),
        SOURCE.replace("def f(x):", "def f(x: float) -> float:\n    '''Root.'''"),
        SOURCE.replace("math.sqrt(x) + 1", "(\n        math.sqrt(x)\n        + 1\n    )"),
    ],
)
def test_layout_and_words_do_not_count(same: str) -> None:
    assert code._hash(same) == code._hash(SOURCE)


@pytest.mark.parametrize("other", [SOURCE.replace("+ 1", "+ 2"), SOURCE.replace("+ 1", "- 1")])
def test_meaning_counts(other: str) -> None:
    assert code._hash(other) != code._hash(SOURCE)


def test_closure_follows_imports_inside_functions() -> None:
    reached = code.closure(["inductive.studies.citation"])
    assert "inductive.nn.graph_attention" in reached
    assert "inductive.nn.padding" not in reached
    assert not any(name.endswith("_views") for name in reached)


def test_training_code_is_in_every_fingerprint(params: dict[str, Any]) -> None:
    roots = ["inductive.studies.citation", "inductive.training.job", "inductive.data.planetoid"]
    reached = set(code.closure(roots))
    assert {"inductive.training.loop", "inductive.data.citation_twin"} <= reached
    assert Plan(params).runs["citation"][0].code == code.fingerprint(roots)


def test_an_unchanged_file_keeps_its_age(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    write_if_changed(path, {"a": 1})
    before = path.stat().st_mtime_ns
    write_if_changed(path, {"a": 1})
    assert path.stat().st_mtime_ns == before
    write_if_changed(path, {"a": 2})
    assert path.stat().st_mtime_ns != before


def test_an_interrupted_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def write_and_fail() -> None:
        with atomic(path) as temporary:
            temporary.write_text("half of the n")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_edited_generator_makes_its_data_again(
    params: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Plan(params)
    read = code._read
    monkeypatch.setattr(
        code, "_read", lambda m: (read(m)[0] + "!" * m.endswith("citation_twin"), read(m)[1])
    )
    after = Plan(params)
    for study, changes in [("citation", True), ("translation", False)]:
        pairs = list(zip(before.runs[study], after.runs[study], strict=True))
        assert all((a.id != b.id) == changes for a, b in pairs)
        assert all((a.dataset.folder != b.dataset.folder) == changes for a, b in pairs)


def test_orders_are_never_rewritten_for_other_parameters(
    params: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that waits in a queue reads what it was queued for, whatever is planned meanwhile."""
    plans = [Plan(params)]
    params["citation"]["models"]["GAT"]["dropout"] = 0.1
    plans.append(Plan(params))
    monkeypatch.chdir(tmp_path)
    for plan in plans:
        plan.write()
    for plan in plans:
        for runs in plan.runs.values():
            for run in runs:
                for order in (train_order(plan.preset, run), evaluate_order(plan.preset, run)):
                    assert read_order(order)[0].id == run.id


def test_what_is_from_the_future_is_dated_now(tmp_path: Path) -> None:
    now = time.time()
    late, early = tmp_path / "a" / "late", tmp_path / "a" / "early"
    late.parent.mkdir()
    for file, at in [(late, now + 86400), (early, now - 86400)]:
        file.write_text("")
        os.utime(file, (at, at))
    settle(tmp_path / "a", tmp_path / "missing")
    assert now - 2 < late.stat().st_mtime < now + 2
    assert early.stat().st_mtime == pytest.approx(now - 86400)
