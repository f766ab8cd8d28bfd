"""Single comparisons: selected rows, units, and values that are not finite."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from inductive.analysis.judge import judge_measurements
from inductive.analysis.verdicts import Comparison, Verdict
from inductive.core.metric import Metric, number, share

METRICS = {"accuracy": share("shift", "noise"), "size": number("layer"), "limit": number("layer")}


CLAIM = {"id": "X", "type": "effect", "source": "s", "stated": "t"}


def _frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows for seeds 0, 1, ... where `value` is a list; absent coordinates are NaN."""
    written = [
        {"selection": "", "split": ""} | row | {"seed": seed, "value": value}
        for row in rows
        for seed, value in enumerate(row["value"])
    ]
    return pd.DataFrame(written)


def _judge(
    frame: pd.DataFrame, *comparisons: dict[str, Any], metrics: dict[str, Metric] = METRICS
) -> Verdict:
    claim = CLAIM | {"comparisons": list(comparisons)}
    return judge_measurements([claim], frame, metrics)[0]


def _compare(frame: pd.DataFrame, comparison: dict[str, Any]) -> Comparison:
    return _judge(frame, comparison).comparisons[0]


def test_a_bound_must_hold_in_every_row() -> None:
    frame = _frame(
        [{"metric": "size", "value": [1.0, 1.0, 1.5]}, {"metric": "limit", "value": [1.2] * 3}]
    )
    body: dict[str, Any] = {"of": {"metric": "size"}, "bound": {"metric": "limit"}}

    def compared(tolerance: float) -> Comparison:
        return _compare(frame, {"never_above": body | {"tolerance": tolerance}})

    body["bound"] = 1.2  # a number is allowed as well
    assert (compared(0.1).p_for, compared(0.4).p_for) == (1.0, 0.0)
    body["bound"] = {"metric": "limit"}
    assert (compared(0.1).p_for, compared(0.1).p_against) == (1.0, 0.0)
    assert (compared(0.1).values != 0).sum() == 1
    assert (compared(0.4).p_for, compared(0.4).p_against) == (0.0, 1.0)


def _within(target: float, margin: float, **where: Any) -> dict[str, Any]:
    of = {"metric": "accuracy"} | where
    return {"within": {"of": of, "target": target, "margin": margin}}


def test_values_have_the_unit_and_scale_of_their_metric() -> None:
    frame = _frame([{"metric": "accuracy", "value": [0.80, 0.81, 0.82]}])
    compared = _compare(frame, _within(81, 5))
    assert compared.values == pytest.approx([80, 81, 82])
    assert (compared.unit, compared.verdict) == ("%", "reproduced")


def _swept() -> pd.DataFrame:
    rows = [{"metric": "accuracy", "value": [0.9] * 3}]
    rows += [{"metric": "accuracy", "value": [v] * 3, "shift": s} for s, v in [(0, 0.8), (8, 0.4)]]
    rows += [{"metric": "accuracy", "value": [0.3] * 3, "shift": 16, "model": "other"}]
    rows += [{"metric": "accuracy", "value": [0.2] * 3, "shift": 8, "noise": 0.5}]
    return _frame(rows)


@pytest.mark.parametrize(
    ("where", "percent"),
    [
        ({}, 90),
        ({"shift": 0}, 80),
        ({"shift": 8}, 40),
        ({"shift": "smallest"}, 80),
        ({"shift": "largest"}, 30),
        ({"shift": "largest", "noise": "any"}, 20),
        ({"noise": "largest", "shift": "any"}, 20),
    ],
)
def test_coordinates_that_are_not_named_must_be_absent(where: Any, percent: float) -> None:
    assert _compare(_swept(), _within(0, 1, **where)).values == pytest.approx([percent] * 3)


def test_the_largest_is_of_the_rows_that_earlier_keys_select() -> None:
    """With the label first there is a largest shift of this model; with it last, of all models."""
    swept = _swept().fillna({"model": "plain"})
    first = {"model": "plain", "shift": "largest"}
    assert _compare(swept, _within(0, 1, **first)).values == pytest.approx([40.0] * 3)
    last = {"shift": "largest", "model": "plain"}
    assert _compare(swept, _within(0, 1, **last)).verdict == "not run"


def test_any_selects_every_coordinate() -> None:
    frame = _frame(
        [
            {"metric": metric, "value": [layer] * 2, "layer": layer}
            for metric in ("size", "limit")
            for layer in (1.0, 2.0)
        ]
    )
    of = {"metric": "size", "layer": "any"}
    compared = _compare(frame, {"equal": {"of": of, "minus": of | {"metric": "limit"}}})
    assert (len(compared.values), compared.verdict) == (4, "reproduced")


def test_several_values_per_seed_are_not_compared() -> None:
    verdict = _judge(_swept(), _within(40, 5, shift="any"))
    assert verdict.verdict == "not run"
    assert verdict.reason.startswith("these parameters run several variants of accuracy, shift any")


def _two(more: list[float], less: list[float]) -> pd.DataFrame:
    rows = [{"metric": "accuracy", "model": m, "value": v} for m, v in (("a", more), ("b", less))]
    return _frame(rows)


GREATER = {
    "greater": {
        "more": {"metric": "accuracy", "model": "a"},
        "less": {"metric": "accuracy", "model": "b"},
    }
}


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_value_that_is_not_finite_leaves_a_comparison_undecided(bad: float) -> None:
    frame = _two([0.9, 0.91, 0.92, bad, 0.9], [0.1, 0.11, 0.1, 0.12, 0.1])
    clear = _within(90, 5, model="a")
    verdict = _judge(frame[np.isfinite(frame["value"])], GREATER)
    assert verdict.verdict == "reproduced"
    for comparison in (GREATER, clear):
        verdict = _judge(frame, comparison, _within(10, 5, model="b"))
        assert verdict.verdict == "inconclusive"
        assert verdict.reason == (
            "1 of 2 comparisons undecided with 5 seeds; the value of 1 of 5 seeds is not finite"
        )
        assert verdict.comparisons[0].not_finite == 1
        assert verdict.deciding is verdict.comparisons[0]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_bound_is_undecided_for_values_that_are_not_finite(bad: float) -> None:
    frame = _frame([{"metric": "size", "value": [0.0, bad, 0.0]}])
    comparison = {"never_above": {"of": {"metric": "size"}, "bound": 1, "tolerance": 0}}
    verdict = _judge(frame, comparison)
    assert verdict.verdict == "inconclusive"
    assert verdict.reason.endswith("the value of 1 of 3 rows is not finite")


def test_seeds_of_one_side_only_are_left_out() -> None:
    frame = _two([0.9, 0.91, 0.92], [0.1, 0.1, 0.1])
    one_less = frame[~(frame["model"].eq("b") & frame["seed"].eq(1))]
    compared = _compare(one_less, GREATER)
    assert compared.values == pytest.approx([80, 82])
    assert compared.not_finite == 0


def test_descriptions_name_columns_of_numbers_and_leave_out_defaults() -> None:
    frame = _swept().assign(depth=2)
    claim = CLAIM | {
        "defaults": {"metric": "accuracy"},
        "comparisons": [
            {
                "greater": {
                    "more": {"model": "a", "split": "test", "shift": "largest"},
                    "less": {"depth": 2, "shift": 0.5},
                    "by": 2,
                }
            }
        ],
    }
    compared = judge_measurements([claim], frame, METRICS)[0].comparisons[0]
    assert compared.description == "a, split test, shift largest > depth 2, shift 0.5 + 2"


def test_an_identity_is_checked_in_every_row_and_has_no_probability() -> None:
    frame = _frame([{"metric": "size", "value": [1.0, 1.0 + 1e-9, 1.0]}])
    of = {"of": {"metric": "size"}, "target": 1}

    def judged(margin: float) -> Verdict:
        claim = CLAIM | {"type": "identity", "comparisons": [{"within": of | {"margin": margin}}]}
        return judge_measurements([claim], frame, METRICS)[0]

    kept = judged(1e-8)
    assert kept.verdict == "reproduced"
    (comparison,) = kept.comparisons
    assert comparison.exact
    assert comparison.largest_error == pytest.approx(1e-9)
    assert comparison.tolerance == 1e-8
    broken = judged(1e-10)
    assert broken.verdict == "contradicted"
    assert (broken.comparisons[0].values != 0).tolist() == [False, True, False]
    # As an effect, three equal values and one that differs decide nothing so clearly.
    effect = _compare(frame, {"within": of | {"margin": 1e-8}})
    assert not effect.exact


def test_a_claim_is_judged_the_same_with_and_without_units() -> None:
    frame = _two([0.9, 0.91, 0.92], [0.85, 0.86, 0.86])
    body = GREATER["greater"]
    plain = _compare(frame, {"greater": body | {"by": 3}})
    named = _compare(frame, {"greater": body | {"by": "3 points"}})
    assert (plain.region, plain.p_for) == (named.region, named.p_for)
    assert named.region == (3.0, np.inf)
