"""What a row of the ledger says about how its comparison was judged."""

from typing import Any

import numpy as np

from inductive.analysis.verdicts import Verdict
from inductive.report.appraisal import appraise, interval_of
from inductive.report.summary import summarise
from made_up import LOOKS, MadeUp, accuracies, answers, claim, greater, within

NETS = {
    "good": answers(0.85, 1),
    "bad": answers(0.6, 2),
    "similar": answers(0.845, 3),
    "a": accuracies(0.8, 0.02, 4),
    "b": accuracies(0.803, 0.02, 5),
    "failing": np.where(np.arange(12) % 3 == 0, 0.4, 0.9),
}


def _summary(verdict: Verdict) -> dict[str, Any]:
    return summarise(verdict, [appraise(c) for c in verdict.comparisons])


def _row(*comparisons: dict[str, Any], made_up: MadeUp | None = None, **facts: Any) -> Any:
    (verdict,) = (made_up or MadeUp(NETS)).judge(claim("Q", *comparisons, **facts))
    return _summary(verdict)


def test_a_decided_row_names_seeds_examples_look_and_fragility() -> None:
    row = _row(greater("good", "bad"))
    assert row["verdict"] == "reproduced"
    assert row["replication"] == "over 3 seeds and 400 test examples"
    assert row["pairing"] == "independent samples"
    assert row["decision"] == "decided at look 1, after 3 seeds"
    assert row["robustness"] == "rests on 3 seeds, the fewest that decide anything"
    assert row["missing"] == []
    assert row["effect"].startswith("+")
    assert row["effect"].endswith("], 3 seeds")
    assert " points [" in row["effect"]


def test_without_looks_no_look_is_named() -> None:
    row = _row(greater("good", "bad"), made_up=MadeUp(NETS, looks=()))
    assert row["decision"] == ""
    assert row["replication"] == "over 12 seeds and 400 test examples"
    assert row["robustness"] == "no removal of up to 3 seeds undoes it"


def test_an_undecided_row_says_what_is_missing() -> None:
    row = _row(greater("b", "a"), paired="the same noise", practical="30 points")
    assert row["verdict"] == "inconclusive"
    assert row["pairing"] == "paired: the same noise"
    assert row["replication"] == "over 12 seeds, without the sampling of test examples"
    assert row["decision"] == f"still open at look {len(LOOKS)}, after 12 seeds"
    assert row["robustness"] == ""
    detectable, needed, equivalence = row["missing"]
    assert detectable.startswith("With 80 % probability a true difference of ")
    assert needed.startswith("If the effect is what it looks like, ")
    assert "no practical difference, which begins at 30 points" in equivalence
    (_, _, excluded) = _row(greater("b", "a"), practical="0.1 points")["missing"]
    assert "begins at 0.1 points, and is not excluded" in excluded


def test_too_few_test_examples_are_named() -> None:
    row = _row(greater("good", "similar"))
    assert row["verdict"] == "inconclusive"
    assert any("More seeds do not help" in line for line in row["missing"])
    assert any("test examples would decide it" in line for line in row["missing"])


def test_a_published_value_s_own_error_is_named() -> None:
    row = _row(within("a", "80 %", "6 points", target_sd="1 point", target_n=10))
    assert "over the 10 runs of the published value" in row["replication"]
    assert row["pairing"] == ""
    assert " % [" in row["effect"]
    assert not row["effect"].startswith("+")


def test_splits_draws_timings_and_cases_are_called_so() -> None:
    rows = {kind: _row(greater("b", "a"), replicated=kind) for kind in ("splits", "draws")}
    assert rows["splits"]["replication"] == (
        "over 12 splits (resampled: corrected after Nadeau and Bengio)"
    )
    assert rows["splits"]["pairing"] == "paired: the same split"
    assert rows["draws"]["replication"] == "over 12 draws of the data"
    assert "12 draws" in rows["draws"]["effect"]
    timings = _row(greater("b", "a"), replicated="timings")
    assert timings["replication"] == "over 12 repetitions of interleaved timings"
    exact = {"equal": {"of": {"net": "a"}, "minus": {"net": "a"}}}
    row = _row(exact, type="identity", replicated="cases")
    assert row["effect"] == "12 cases, largest error 0 (allowed 0)"
    assert row["replication"] == "checked exactly in every case"
    assert not row["statistical"]


def test_open_evidence_says_what_it_lacks_in_one_line() -> None:
    row = _row(greater("b", "a"), about={"boxes": "own"})
    assert row["verdict"] == "other data"
    assert row["missing"] == []
    (line,) = row["evidence"]
    assert line.startswith("open on real boxes: a true difference of ")
    (line,) = _row(greater("good", "bad"), about={"boxes": "own"})["evidence"]
    assert line == "holds on real boxes"


def test_a_value_that_is_not_finite_is_counted() -> None:
    broken = NETS | {"a": np.where(np.arange(12) == 1, np.nan, NETS["a"])}
    row = _row(greater("b", "a"), made_up=MadeUp(broken))
    assert row["effect"].endswith("3 seeds (1 value not finite)")
    assert (row["missing"], row["robustness"]) == ([], "")


def test_where_seeds_split_the_interval_is_that_of_the_bets() -> None:
    """It excludes exactly the values that the bets reject, and lies within the bounds."""
    (verdict,) = MadeUp(NETS, looks=()).judge(claim("Q", within("failing", "70 %", "30 points")))
    contrast = verdict.comparisons[0].contrast
    assert contrast is not None
    assert contrast.splits
    low, high = interval_of(contrast)
    assert 0 <= low < contrast.mean < high <= 100
    for outside, inside in ((low - 0.01, low + 0.01), (high + 0.01, high - 0.01)):
        assert min(contrast.p_above(outside), contrast.p_below(outside)) < 0.025
        assert min(contrast.p_above(inside), contrast.p_below(inside)) > 0.025


def test_the_row_of_an_open_claim_shows_an_open_comparison() -> None:
    row = _row(greater("good", "bad"), greater("b", "a"))
    assert row["verdict"] == "inconclusive"
    assert row["comparison"] == "b > a"
    row = _row(greater("b", "a"), greater("bad", "good"))
    assert (row["verdict"], row["comparison"]) == ("contradicted", "bad > good")


def test_equal_values_are_decided_by_as_many_as_the_sign_test_needs() -> None:
    constant = {"one": np.full(12, 0.75), "two": np.full(12, 0.5)}

    def row(count: int) -> Any:
        nets = {name: values[:count] for name, values in constant.items()}
        return _row(greater("one", "two"), made_up=MadeUp(nets, looks=()))

    assert row(5)["missing"] == ["If the effect is what it looks like, 6 seeds would decide it."]
    assert (row(5)["verdict"], row(6)["verdict"]) == ("inconclusive", "reproduced")


def test_no_effect_is_larger_than_the_bounds_allow() -> None:
    wild = {"one": np.array([0.0, 1.0, 0.5]), "two": np.array([1.0, 0.1, 0.6])}
    row = _row(greater("one", "two"), made_up=MadeUp(wild, looks=()))
    assert row["missing"][0] == (
        "With 80 % probability not even the largest possible effect would have been decided."
    )
