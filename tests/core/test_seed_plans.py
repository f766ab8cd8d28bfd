"""Seeds of a block: a count, a list, or on demand."""

import json
from itertools import pairwise
from typing import Any

import pytest

from inductive.analysis.verdicts import MIN_SEEDS
from inductive.core.settings import FEWEST_SEEDS, MOST_LOOKS, SeedPlan, Seeds, Settings


class Block(Settings):
    seeds: Seeds


@pytest.mark.parametrize(
    ("value", "seeds", "looks"),
    [
        (5, range(5), (5,)),
        ([7, 3], (7, 3), (2,)),
        ([0, 1], (0, 1), (2,)),
        ({"first": 3, "most": 12}, range(12), (3, 6, 12)),
        ({"first": 5, "most": 12}, range(12), (5, 10, 12)),
        ({"first": 4, "most": 4}, range(4), (4,)),
        ({"first": 3, "most": 96}, range(96), (3, 6, 12, 24, 48, 96)),
    ],
)
def test_a_plan_and_its_round_trip(value: Any, seeds: Any, looks: tuple[int, ...]) -> None:
    block = Block.model_validate({"seeds": value})
    assert block.seeds == SeedPlan(tuple(seeds), looks)
    assert (list(block.seeds), len(block.seeds)) == (list(seeds), looks[-1])
    dumped = json.loads(json.dumps(block.model_dump()))
    assert Block.model_validate(dumped) == block
    assert Block.model_validate({"seeds": block.seeds}) == block


def test_every_look_is_at_most_twice_the_one_before() -> None:
    for first in range(3, 12):
        for most in range(first, 32 * first + 1, 7):
            looks = Block.model_validate({"seeds": {"first": first, "most": most}}).seeds.looks
            assert (looks[0], looks[-1]) == (first, most)
            assert all(a < b <= 2 * a for a, b in pairwise(looks))
            assert len(looks) <= MOST_LOOKS


def test_the_fewest_seeds_are_those_that_decide_a_comparison() -> None:
    assert FEWEST_SEEDS == MIN_SEEDS
