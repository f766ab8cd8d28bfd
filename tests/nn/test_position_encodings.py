"""Position encodings against loops and complex numbers."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from inductive.core.errors import InputError
from inductive.nn.gpt_config import POSITIONS
from inductive.nn.positions import (
    ENCODINGS,
    ALiBi,
    RelativeBias,
    RotaryPositions,
    make_encoding,
    sinusoid,
)
from inductive.studies.positions.encodings import standard


def _queries_and_keys(n: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    q, k = torch.randn(2, 2, 2, n, 8, generator=generator, dtype=torch.float64)
    return q, k


@given(shift=st.integers(0, 500), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_rope_scores_do_not_change_with_a_common_shift(shift: int, seed: int) -> None:
    q, k = _queries_and_keys(12, seed)
    encoding, positions = RotaryPositions(16, 2, 999), torch.arange(12)

    def scores(first: int) -> Tensor:
        rotation = encoding.rotation(positions + first)
        return encoding.rotate(q, rotation) @ encoding.rotate(k, rotation).mT

    # Angles are float32 and grow with the position.
    torch.testing.assert_close(scores(shift), scores(0), atol=1e-3, rtol=1e-3)
    rotated = encoding.rotate(q, encoding.rotation(positions))
    assert not torch.allclose(rotated @ k.mT, scores(0))


def test_rope_is_a_rotation_of_complex_numbers() -> None:
    q, _ = _queries_and_keys(9)
    encoding = RotaryPositions(16, 2, 9)
    rotated = encoding.rotate(q, encoding.rotation(torch.arange(9)))
    frequency = 10000.0 ** (-2 * torch.arange(4, dtype=torch.float64) / 8)
    phase = torch.polar(torch.ones(9, 4).double(), torch.arange(9)[:, None] * frequency)
    pairs = torch.view_as_complex(q.unflatten(-1, (4, 2)))
    expected = torch.view_as_real(pairs * phase).flatten(-2)
    torch.testing.assert_close(rotated, expected, atol=1e-5, rtol=1e-5)


def test_alibi_and_relative_bias_by_loop() -> None:
    positions = torch.arange(6)
    linear = ALiBi(16, 4, 6).bias(positions, positions)
    relative = RelativeBias(16, 4, 4)
    torch.nn.init.normal_(relative.table)
    with torch.no_grad():
        learned = relative.bias(positions, positions)
    for h in range(4):
        for i in range(6):
            for j in range(i + 1):
                assert float(linear[h, i, j]) == pytest.approx(-(2 ** (-2.0 * (h + 1))) * (i - j))
                assert float(learned[h, i, j]) == float(relative.table.detach()[h, min(i - j, 3)])


def test_sinusoid_is_that_of_the_positions_study() -> None:
    encoding = sinusoid(torch.arange(20), 16).double()
    expected = torch.from_numpy(standard(16, 20).T)
    torch.testing.assert_close(encoding, expected, atol=1e-5, rtol=1e-5)
    assert sinusoid(torch.arange(3), 5).shape == (3, 5)


def test_a_learned_table_ends() -> None:
    encoding = make_encoding("learned", 8, 2, 4, 6)
    assert encoding.embed(torch.zeros(1, 6, 8), torch.arange(6)).shape == (1, 6, 8)
    with pytest.raises(InputError, match="table of 6 positions has none for position 6"):
        encoding.embed(torch.zeros(1, 7, 8), torch.arange(7))


def test_every_encoding_has_a_class() -> None:
    assert tuple(ENCODINGS) == POSITIONS
