"""Which measurements a comparison takes: draws, known test examples, noisy timings."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from inductive.analysis.judge import judge_measurements
from inductive.analysis.verdicts import Comparison
from made_up import METRICS, MadeUp, claim, within

RNG = np.random.default_rng(0)


def _judge(frame: pd.DataFrame, body: dict[str, Any]) -> Comparison:
    return judge_measurements([body], frame, METRICS)[0].comparisons[0]


def test_seeds_are_averaged_inside_a_draw() -> None:
    """Two networks on five draws of the data, each with four seeds."""
    rows = [
        {"net": net, "draw": draw, "seed": seed, "selection": "", "split": ""}
        | {"metric": "accuracy", "value": 0.7 + 0.02 * draw + 0.1 * (net == "b") + noise}
        for net in "ab"
        for draw in range(5)
        for seed, noise in enumerate(RNG.normal(0, 0.01, 4))
    ]
    frame = pd.DataFrame(rows)
    body = claim("X", {"greater": {"more": {"net": "b"}, "less": {"net": "a"}}})
    assert _judge(frame, body).ambiguous  # five values per seed
    compared = _judge(frame, body | {"replicated": "draws", "over": "draw"})
    means = frame.groupby(["net", "draw"])["value"].mean().unstack("draw")
    assert compared.contrast is not None
    assert len(compared.contrast.groups) == 1  # paired by the draw
    assert compared.contrast.groups[0].values == pytest.approx(
        100 * (means.loc["b"] - means.loc["a"]).to_numpy()
    )
    assert compared.verdict == "reproduced"


def test_a_figure_of_the_very_same_test_examples_has_no_error_by_their_sample() -> None:
    outcomes = (RNG.random((12, 400)) < 0.8).astype(float)
    study = MadeUp({"a": outcomes}, looks=())
    body = claim("X", within("a", "80 %", "3 points"), type="figure")
    sampled = study.judge(body)[0].comparisons[0].contrast
    known = study.judge(body | {"same_examples": True})[0].comparisons[0].contrast
    assert sampled is not None
    assert known is not None
    assert sampled.examples is not None
    assert known.examples is None
    assert known.error < sampled.error


def test_without_any_spread_the_examples_stand_in_even_where_they_are_known() -> None:
    study = MadeUp({"a": np.ones((12, 400))}, looks=())
    body = claim("X", within("a", "100 %", "3 points"), type="figure", same_examples=True)
    contrast = study.judge(body)[0].comparisons[0].contrast
    assert contrast is not None
    assert 0 < contrast.error < 1


def test_noise_concerns_only_what_varies() -> None:
    """Bytes are the same in every repetition, however noisy the machine is."""

    def compared(spread: float, values: list[float]) -> Comparison:
        rows = [
            {"seed": seed, "selection": "", "split": "", "metric": metric, "value": value}
            for metric, each in (("error", values), ("timing spread", [spread] * 4))
            for seed, value in enumerate(each)
        ]
        body = claim("X", {"within": {"of": {"metric": "error"}, "target": 2, "margin": 0.5}})
        return _judge(pd.DataFrame(rows), body | {"replicated": "timings", "defaults": {}})

    times = [2.0, 2.01, 1.99, 2.0]
    assert compared(0.1, times).verdict == "reproduced"
    assert compared(0.9, times).verdict == "inconclusive"
    assert compared(0.9, [2.0] * 4).verdict == "reproduced"
