"""The printed terms of a convolution's first pixel against scipy."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from inductive.core.run import Run
from inductive.studies.convolution import evaluate, terms


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(3, 9), st.sampled_from(sorted(terms.SCIPY)))
def test_the_printed_terms_equal_the_first_pixel_of_scipy(seed: int, size: int, mode: str) -> None:
    rng = np.random.default_rng(seed)
    image, kernel = rng.normal(size=(size, size)), rng.normal(size=(3, 3))
    total = sum(
        kernel[a + 1, b + 1] * evaluate.padded_pixel(image, i, j, mode)
        for (a, b), (i, j) in terms.PRINTED.items()
    )
    by_scipy = ndimage.convolve(image, kernel, mode=terms.SCIPY[mode], cval=0.0)[0, 0]
    assert total == pytest.approx(by_scipy, abs=1e-12)


def test_five_terms_are_outside_the_image() -> None:
    pixels = {terms.PRINTED[entry] for entry in terms.outside()}
    assert pixels == {(2, 0), (1, 0), (0, 2), (0, 1), (0, 0)}


def test_a_wrong_term_is_detected(
    make_runs: Callable[..., list[Run]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate, "PRINTED", terms.PRINTED | {(0, 1): (1, 2)})
    run = make_runs("convolution")[0]
    rows = evaluate.measure(run, torch.device("cpu")).rows
    differences = [row[-1] for row in rows if row[3].startswith("as printed - scipy")]
    assert max(differences) > 1e-3
