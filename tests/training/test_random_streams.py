"""Random streams: numbers depend on seed and role, not on the other seeds."""

import torch

from inductive.core.seeding import seed_for
from inductive.training.ensemble import Ensemble
from inductive.training.random_streams import RandomStreams

CPU = torch.device("cpu")


def test_seeds_of_roles_are_all_different() -> None:
    assert len({seed_for(role, s) for role in ("init", "order") for s in range(50)}) == 100


def test_random_numbers_depend_only_on_seed_and_role() -> None:
    together, alone = RandomStreams([3, 9], CPU), RandomStreams([9], CPU)
    assert torch.equal(together.permutations(20)[1], alone.permutations(20)[0])
    masks = together.dropout_masks({"a": (4, 500), "b": (3,)}, 0.4)
    assert torch.equal(masks["a"][1], alone.dropout_masks({"a": (4, 500), "b": (3,)}, 0.4)["a"][0])
    torch.testing.assert_close(masks["a"].unique(), torch.tensor([0, 1 / 0.6]))
    assert abs(masks["a"].mean() - 1) < 0.1
    assert torch.equal(together.uniform(5)[1], alone.uniform(5)[0])
    assert torch.equal(together.integers(9, 5)[1], alone.integers(9, 5)[0])


def test_a_selected_seed_advances_the_same_generators() -> None:
    whole, parts = RandomStreams([3, 9], CPU), RandomStreams([3, 9], CPU)
    for _ in range(2):
        expected = whole.permutations(20)
        assert torch.equal(
            torch.cat([parts.select(i).permutations(20) for i in (1, 0)]), expected.flip(0)
        )


def test_a_restored_state_continues_exactly() -> None:
    streams, other = RandomStreams([3, 9], CPU), RandomStreams([4, 5], CPU)
    streams.permutations(7)
    other.restore(streams.state())
    assert torch.equal(other.permutations(7), streams.permutations(7))
    assert torch.equal(other.uniform(7), streams.uniform(7))


def test_initialisation_does_not_change_the_global_generator() -> None:
    before = torch.random.get_rng_state()
    Ensemble.initialise(lambda: torch.nn.Linear(2, 2), [0], CPU)
    assert torch.equal(torch.random.get_rng_state(), before)
