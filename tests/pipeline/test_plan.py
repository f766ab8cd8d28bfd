"""Plans, and the effects of changed settings on them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import ROOT
from inductive.core import fingerprint as code
from inductive.core.errors import InputError
from inductive.core.layout import Layout
from inductive.pipeline.parameters import load
from inductive.pipeline.plan import JobSpec, Plan, _check_looks


@pytest.fixture
def plan(tmp_path: Path) -> Any:
    """Plan parameters in a temporary folder."""
    (tmp_path / "workflow").symlink_to(ROOT / "workflow")

    def make(params: dict[str, Any]) -> Plan:
        (tmp_path / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
        code._fingerprint.cache_clear()
        return Plan(load(tmp_path), Layout(tmp_path))

    return make


def _ids(plan: Plan) -> set[str]:
    return {run.id for runs in plan.runs.values() for run in runs}


def test_a_setting_changes_only_the_runs_that_use_it(plan: Any, params: dict[str, Any]) -> None:
    before = _ids(plan(params))
    params["citation"]["models"]["GAT"]["dropout"] = 0.5
    changed = _ids(plan(params))
    assert {i.split("-")[0] for i in before ^ changed} == {"GAT"}
    params["citation"]["models"]["GAT"]["dropout"] = 0.6
    params["translation"]["adadelta"]["rho"] = 0.8
    assert len(before & _ids(plan(params))) == 3  # the citation runs


def test_evaluation_machine_and_seeds_do_not_retrain(plan: Any, params: dict[str, Any]) -> None:
    before = plan(params)
    params["citation"]["evaluation"]["edge_noise"] = [0.0, 2.0]
    params["citation"]["seeds"] = 7
    params["training"] |= {"device": "cpu", "checkpoint_seconds": 1, "seeds_together": 7}
    after = plan(params)
    assert _ids(after) == _ids(before)
    ids = [{run.evaluation_id for run in p.runs["citation"]} for p in (before, after)]
    assert ids[0].isdisjoint(ids[1])


def test_an_edited_generator_makes_its_data_again(
    plan: Any, params: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = plan(params)
    read = code._read
    generator = "data.generated.citation"
    monkeypatch.setattr(
        code, "_read", lambda m: (read(m)[0] + "!" * m.endswith(generator), read(m)[1])
    )
    after = plan(params)
    for study, changes in [("citation", True), ("translation", False)]:
        pairs = list(zip(before.runs[study], after.runs[study], strict=True))
        assert all((a.id != b.id) == changes for a, b in pairs)
        assert all((a.data.id != b.data.id) == changes for a, b in pairs)


def test_the_specification_of_a_queued_job_does_not_change(
    plan: Any, params: dict[str, Any]
) -> None:
    """A queued job keeps its specification if other parameters are planned meanwhile."""
    plans = [plan(params)]
    plans[0].write()
    params["citation"]["models"]["GAT"]["dropout"] = 0.1
    params["citation"]["evaluation"]["edge_noise"] = [0.0]
    plans.append(plan(params))
    plans[1].write()
    for each in plans:
        for runs in each.runs.values():
            for run in runs:
                assert JobSpec.read(each.paths.train_spec(run)).run.id == run.id
                assert JobSpec.read(each.paths.evaluate_spec(run)).run == run


def test_a_specification_keeps_the_sets_of_seeds_of_earlier_plans(
    plan: Any, params: dict[str, Any]
) -> None:
    """A job names its set; one that is waiting in a queue still finds it after another plan."""
    names = []
    for seeds in (3, {"first": 4, "most": 8}, [9, 2]):
        params["citation"]["seeds"] = seeds
        planned = plan(params)
        planned.write()
        names += [run.at(n).seed_set for run in planned.runs["citation"][:1] for n in run.counts]
    assert names == ["0-2", "0-3", "0-7", "2_9"]
    run = planned.runs["citation"][0]
    for spec in (planned.paths.train_spec(run), planned.paths.evaluate_spec(run)):
        seeds = [JobSpec.read(spec, name).run.seeds for name in names]
        assert seeds == [(0, 1, 2), (0, 1, 2, 3), tuple(range(8)), (9, 2)]
        with pytest.raises(InputError, match="unknown set of seeds '0-9'; did you mean '0-"):
            JobSpec.read(spec, "0-9")
        spec.write_text('{"seed_sets": {"0-2": [5]}')
    planned.write()
    assert JobSpec.read(spec, "2_9").run.seeds == (9, 2)
    with pytest.raises(InputError, match="unknown set of seeds '0-2'"):
        JobSpec.read(spec, "0-2")


@pytest.mark.parametrize("looks", [(3, 3, 8), (6, 3, 8), (3, 6), (3, 9), (0, 8)])
def test_looks_that_do_not_ascend_to_all_seeds_are_refused(
    make_runs: Any, looks: tuple[int, ...]
) -> None:
    """A study's own plan.py may set them."""
    run = replace(make_runs("citation", {"seeds": 8})[0], looks=looks)
    with pytest.raises(InputError, match="do not ascend to the number of seeds, 8"):
        _check_looks("citation", [run])


def test_all_files_of_a_plan_are_in_its_folders(plan: Any, params: dict[str, Any]) -> None:
    params["studies"] = "all"
    planned = plan(params)
    for runs in planned.runs.values():
        for run in runs:
            folder = planned.paths.evaluation(run).resolve()
            assert folder.is_relative_to(planned.layout.results.resolve())
            assert "+" not in run.id
            assert run.id.isprintable()
    for folder in planned.datasets:
        assert Path(folder).resolve().is_relative_to(planned.layout.data.resolve())


def test_the_order_of_studies_is_that_of_the_parameters(plan: Any, params: dict[str, Any]) -> None:
    params["studies"] = "all"
    blocks = [name for name in params if name not in ("preset", "studies", "data", "training")]
    assert list(plan(params).runs) == blocks
