"""The names of runs."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from inductive.core.run import Run, name_seeds


def test_seeds_are_not_part_of_a_runs_name(make_runs: Callable[..., list[Run]]) -> None:
    for run in make_runs("citation"):
        more = replace(run, seeds=(0, 1, 2, 9))
        assert (more.id, more.evaluation_id) == (run.id, run.evaluation_id)
        assert more.seed_set == "0-2_9"
        assert replace(run, code="another").id != run.id
        assert replace(run, evaluation_code="another").id == run.id
        assert replace(run, evaluation_code="another").evaluation_id != run.evaluation_id


def test_a_run_survives_json(make_runs: Callable[..., list[Run]]) -> None:
    for study in ("citation", "translation", "geometry"):
        for run in make_runs(study):
            again = Run.from_json(run.to_json())
            assert again == run
            assert (again.id, again.evaluation_id) == (run.id, run.evaluation_id)


def test_a_run_at_a_look_has_the_first_seeds(make_runs: Callable[..., list[Run]]) -> None:
    run = make_runs("citation", {"seeds": {"first": 3, "most": 8}})[0]
    assert run.counts == run.looks == (3, 6, 8)
    assert [run.at(n).seeds for n in run.counts] == [tuple(range(n)) for n in (3, 6, 8)]
    assert run.at(8) == run
    assert {run.at(n).id for n in run.counts} == {run.id}
    assert Run.from_json(run.to_json()) == run
    assert replace(run, looks=()).counts == (8,)
    for count in (0, 9):
        with pytest.raises(ValueError, match="has 8 seeds"):
            run.at(count)


@pytest.mark.parametrize(
    ("seeds", "name"),
    [
        ((0,), "0"),
        ((0, 1, 2), "0-2"),
        ((2, 0, 1), "0-2"),
        ((5, 7, 8, 9, 100), "5_7-9_100"),
        (tuple(range(10_000)), "0-9999"),
    ],
)
def test_names_of_seed_sets(seeds: tuple[int, ...], name: str) -> None:
    assert name_seeds(seeds) == name


def test_names_of_scattered_seeds_stay_short_and_differ() -> None:
    many = [tuple(range(start, 400, 2)) for start in (0, 1)]
    names = {name_seeds(seeds) for seeds in many}
    assert len(names) == 2
    assert all(len(name) <= 40 for name in names)
