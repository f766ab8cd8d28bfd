"""What a row of the ledger says about how its comparison was judged."""

import re
from dataclasses import replace
from typing import Any

import numpy as np

from inductive.analysis.verdicts import Verdict
from inductive.report.appraisal import appraise, interval_of
from inductive.report.sentences import shortfall
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
    (line,) = (line for line in row["missing"] if "would decide it" in line)
    assert line.startswith("More seeds alone do not help: if the effect is what it looks like, ")
    assert re.search(r" test examples and .* seeds would decide it with 80 % probability\.", line)


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
    alike = {"a": NETS["a"][np.arange(12) % 4]}
    row = _row(exact, type="identity", replicated="cases", made_up=MadeUp(alike))
    assert row["effect"] == "12 cases with 4 different values, largest error 0 (allowed 0)"
    row = _row(exact, type="identity", made_up=MadeUp({"a": np.full(12, 0.5)}))
    assert row["effect"].startswith("12 cases with the same value, largest error 0")
    assert row["replication"] == "checked exactly in every case"
    assert not row["statistical"]


def test_open_evidence_says_what_it_lacks_in_one_line() -> None:
    row = _row(greater("b", "a"), about={"boxes": "own"})
    assert row["verdict"] == "other data"
    assert row["missing"] == []
    (line,) = row["evidence"]
    assert line.startswith("open on real boxes: a true difference of ")
    assert line.endswith(" seeds would decide it (with 80 % probability)")
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


FAR = {
    "a": accuracies(0.8, 0.02, 4),
    "b": accuracies(0.803, 0.02, 5),
    "near": accuracies(0.83, 0.02, 5),
    "best": accuracies(0.99, 0.001, 6),
    "worst": accuracies(0.2, 0.001, 7),
}


def test_a_claim_is_decided_with_its_last_comparison_or_the_first_against_it() -> None:
    made_up = MadeUp(FAR)
    row = _row(greater("best", "a"), greater("near", "a"), made_up=made_up)
    assert row["verdict"] == "reproduced"
    assert row["decision"] == "decided at look 3, after 12 seeds"
    assert row["comparison"] == "near > a"
    false = greater("a", "near"), greater("worst", "best")
    row = _row(*false, greater("best", "a"), made_up=made_up)
    assert row["verdict"] == "contradicted"
    assert row["decision"] == "decided at look 1, after 3 seeds"


def test_a_comparison_that_asks_for_no_more_seeds_says_so() -> None:
    same = np.tile(NETS["good"][0], (12, 1))  # the test examples alone make its error
    target = f"{100 * same.mean():.2f} %"
    row = _row(within("same", target, "0.1 points"), made_up=MadeUp({"same": same}))
    assert row["decision"] == (
        "still open at look 3, after 3 seeds; it asked for no more: not even the largest number of "
        "seeds would be enough"
    )


def test_evidence_lacks_what_the_shown_comparison_lacks() -> None:
    made_up = MadeUp(FAR)
    (verdict,) = made_up.judge(
        claim("Q", greater("b", "a"), greater("best", "a"), about={"boxes": "own"})
    )
    appraisals = [appraise(c) for c in verdict.comparisons]
    row = summarise(verdict, appraisals)
    (line,) = row["evidence"]
    assert row["comparison"] == "b > a"
    assert (
        line
        == f"open on real boxes: {shortfall(verdict.claim, verdict.comparisons[0], appraisals[0])}"
    )
    # Beside a verdict on its own data, the comparison is named.
    own = replace(verdict.comparisons[1], decides=True, data="own boxes")
    other = replace(verdict.comparisons[1], data="real boxes")
    mixed = replace(verdict, comparisons=(verdict.comparisons[0], other, own))
    (line,) = summarise(mixed, [appraise(c) for c in mixed.comparisons])["evidence"]
    assert line.startswith("open on real boxes: b > a: a true difference of ")


def test_what_is_the_same_in_every_repetition_has_no_interval() -> None:
    made_up = MadeUp({"one": np.full(12, 0.7), "two": np.full(12, 0.2)})
    row = _row(greater("one", "two"), replicated="timings", made_up=made_up)
    assert row["verdict"] == "reproduced"
    assert row["effect"].startswith("+50.0 points, the same in all ")
    assert row["effect"].endswith(" repetitions")
    assert row["replication"] == "nothing in it is random"
    assert (row["decision"], row["robustness"], row["missing"]) == ("", "", [])
    assert not row["statistical"]


def test_an_open_comparison_that_its_own_interval_decides_shows_the_corrected_one() -> None:
    """Among many others, its interval of 95 % is not what decides."""
    nets = {"a": accuracies(0.8, 0.02, 4), "b": accuracies(0.82, 0.02, 5)}
    nets |= {f"c{i}": accuracies(0.8, 0.02, 50 + i) for i in range(20)}
    others = [greater("a", f"c{i}") for i in range(20)]
    claims = [claim("Q", greater("b", "a")), claim("Z", *others)]
    verdict, _ = MadeUp(nets, looks=()).judge(*claims)
    row = _summary(verdict)
    assert row["verdict"] == "inconclusive"
    found = re.fullmatch(
        r"\+[\d.]+ points \[(.+), (.+)\], corrected \[(.+), (.+)\], 12 seeds", row["effect"]
    )
    assert found, row["effect"]
    low, high, low_corrected, high_corrected = map(float, found.groups())
    assert low_corrected < 0 < low < high < high_corrected


def test_overlapping_splits_cannot_decide_a_small_difference() -> None:
    row = _row(greater("b", "a"), replicated="splits")
    assert row["missing"][1] == (
        "If the effect is what it looks like, this design cannot decide it, whatever the number of "
        "splits."
    )


def test_an_interval_of_shares_is_clipped_and_not_rounded_to_tens() -> None:
    wild = {"one": np.array([0.62, 0.0, 0.97])}
    row = _row(within("one", "60 %", "1 point"), made_up=MadeUp(wild, looks=()))
    assert row["effect"] == "53 % [0, 100], 3 seeds"
