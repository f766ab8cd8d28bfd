"""The files of a study's verdicts: every comparison, every look, every seed."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from inductive.analysis.statistics import holm
from inductive.report.verdict_files import COMPARISONS, LOOKS, PER_SEED, write_verdicts
from made_up import MadeUp, accuracies, answers, claim, greater, within

NETS = {
    "good": answers(0.85, 1),
    "bad": answers(0.6, 2),
    "a": accuracies(0.8, 0.02, 4),
    "b": accuracies(0.803, 0.02, 5),
    "high": np.full(12, 0.7),
    "low": np.full(12, 0.2),
    "broken": np.where(np.arange(12) == 1, np.nan, 0.5),
}
CLAIMS = [
    claim("A", greater("good", "bad"), within("a", "80 %", "0.5 points")),
    claim("B", greater("b", "a"), greater("bad", "good")),
    claim("C", greater("b", "a"), about={"boxes": "own"}),
    claim("D", greater("b", "broken")),
    claim("E", {"equal": {"of": {"net": "a"}, "minus": {"net": "b"}}}, type="identity"),
    claim("F", greater("huge", "a")),
    claim("G", greater("b", "a"), paired="the same noise"),
    claim("H", greater("high", "low"), replicated="timings"),
    claim("I", greater("high", "low"), greater("low", "low"), type="identity"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("verdicts")
    write_verdicts(made, MadeUp(NETS).judge(*CLAIMS), {}, made / "locks/toy.json")
    return made


def _read(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_csv(folder / f"{name}.csv")


def test_a_row_per_comparison_of_every_claim(folder: Path) -> None:
    rows = _read(folder, "verdicts")
    assert tuple(rows.columns) == COMPARISONS
    names = ["claim", "comparison", "verdict", "result"]
    assert rows[names].fillna("").to_numpy().tolist() == [
        ["A", 1, "reproduced", "holds"],
        ["A", 2, "inconclusive", "open"],
        ["B", 1, "inconclusive", "open"],
        ["B", 2, "contradicted", "fails"],
        ["C", 1, "", "open"],
        ["D", 1, "inconclusive", "open"],
        ["E", 1, "contradicted", "fails"],
        ["F", 1, "not run", "not run"],
        ["G", 1, "inconclusive", "open"],
        ["H", 1, "reproduced", "holds"],
        ["I", 1, "reproduced", "holds"],
        ["I", 2, "contradicted", "fails"],
    ]
    assert rows["given_up"].notna().tolist()[2]
    assert rows["not_finite"].tolist() == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    identity = rows[rows["claim"] == "E"].iloc[0]
    assert identity["cases"] == 12
    assert identity[["n", "p", "d", "low", "effect", "threshold"]].isna().all()
    decided = rows["decided_at"].notna()
    assert decided.tolist() == [True, False, False, True, *[False] * 8]
    assert (rows.loc[decided, "fragility"] == 1).all()  # three seeds, and fewer decide nothing
    undecided = rows.loc[rows["claim"].isin(["A", "B", "C", "G"]) & ~decided]
    assert undecided["detectable"].notna().all()


def test_no_word_of_evidence_is_a_verdict(folder: Path) -> None:
    rows = _read(folder, "verdicts")
    evidence = rows[~rows["decides"]]
    assert len(evidence) == 1
    assert evidence["verdict"].isna().all()
    assert evidence["result"].isin(["holds", "fails", "open"]).all()


def test_the_values_of_every_seed_give_the_effects(folder: Path) -> None:
    comparisons, seeds = _read(folder, "verdicts"), _read(folder, "per_seed")
    assert tuple(seeds.columns) == PER_SEED
    for row in comparisons.dropna(subset="low").itertuples():
        values = seeds[(seeds["claim"] == row.claim) & (seeds["comparison"] == row.comparison)]
        groups = values.groupby("group")["value"]
        assert groups.mean().sum() == pytest.approx(row.effect, rel=1e-9)
        assert np.sqrt((groups.var() / groups.count()).sum()) == pytest.approx(row.seed_error)
        assert groups.count().min() == row.n
    broken = seeds[seeds["claim"] == "D"]
    assert broken["value"].isna().tolist() == [False, True, False]
    assert broken["seed"].tolist() == [0, 1, 2]
    exact = seeds[seeds["claim"] == "E"]
    assert (exact["group"] == "rows").all()
    assert exact["seed"].tolist() == list(range(1, 13))


def test_what_has_no_probability_shows_none(folder: Path) -> None:
    rows, seeds = _read(folder, "verdicts").set_index("claim"), _read(folder, "per_seed")
    none = ["n", "p", "p_holm", "low", "high", "low_corrected", "level", "threshold", "decided_at"]
    assert rows["fixed"].eq(True).groupby("claim").any().loc[["G", "H", "I"]].tolist() == [
        False,
        True,
        False,
    ]
    assert rows.loc[["H"], "effect"].tolist() == pytest.approx([50])
    assert rows.loc[["E", "H", "I"], none].isna().all(axis=None)
    assert not _read(folder, "looks")["claim"].isin(["E", "H", "I"]).any()
    assert rows.loc[["E", "I"], "strict"].tolist() == [False, True, True]
    assert rows.loc[["E", "I"], "distinct"].tolist() == [12, 1, 1]
    errors = seeds[seeds["claim"] == "I"].groupby("comparison")["value"].unique()
    assert [each.tolist() for each in errors] == [pytest.approx([-50.0]), [0.0]]
    equal = seeds.loc[seeds["claim"] == "E", "value"]
    assert equal.tolist() == np.abs(100.0 * NETS["a"] - 100.0 * NETS["b"]).tolist()


def test_no_interval_leaves_the_possible_values(tmp_path: Path) -> None:
    nets = {"one": np.array([1.0, 0.98, 0.4]), "two": np.array([0.5, 0.0, 0.9])}
    claims = [claim("A", within("one", "90 %", "1 point"), greater("one", "two"))]
    verdicts = MadeUp(nets, looks=()).judge(*claims)
    write_verdicts(tmp_path, verdicts, {}, tmp_path / "locks/toy.json")
    rows = _read(tmp_path, "verdicts")
    assert rows["high_corrected"].tolist() == [100, 100]
    assert rows["low_corrected"].tolist() == [0, -100]
    assert rows["high"].tolist() == [100, 100]


def test_full_precision_is_kept(folder: Path) -> None:
    seeds = pd.read_csv(folder / "per_seed.csv", dtype=str)
    values = seeds[(seeds["claim"] == "C") & (seeds["group"] == "group 1")]["value"]
    assert [float(text) for text in values] == (100.0 * NETS["b"]).tolist()


def test_every_look_is_a_family_of_holm_s(folder: Path) -> None:
    looks = _read(folder, "looks")
    assert tuple(looks.columns) == LOOKS
    decides = _read(folder, "verdicts")[["claim", "comparison", "decides"]]
    joined = looks.merge(decides, on=["claim", "comparison"])
    for _, family in joined.groupby(["look", "decides"]):
        p = 2 * family[["p_for", "p_against"]].min(axis=1)
        assert holm(p.clip(upper=1).tolist()) == pytest.approx(family["p_holm"].tolist())
        assert family["level"].nunique() == 1
    assert joined.groupby("look")["level"].first().sum() == pytest.approx(0.05)
    last = joined.groupby(["claim", "comparison"]).last().reset_index()
    same = last.merge(_read(folder, "verdicts"), on=["claim", "comparison"])
    assert same["p_holm_x"].tolist() == pytest.approx(same["p_holm_y"].tolist())


def test_seeds_are_named_with_the_look_that_first_used_them(folder: Path) -> None:
    seeds = _read(folder, "per_seed")
    evidence = seeds[(seeds["claim"] == "C") & (seeds["group"] == "group 1")]
    assert evidence["seed"].tolist() == list(range(12))
    assert evidence["from_look"].tolist() == [1] * 3 + [2] * 3 + [3] * 6


def test_the_same_results_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_verdicts(tmp_path, MadeUp(NETS).judge(*CLAIMS), {}, tmp_path / "locks/toy.json")
    names = ("verdicts.csv", "looks.csv", "per_seed.csv", "verdicts.json", "locks/toy.json")
    for name in names:
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_the_summary_has_the_claim_s_hash_and_its_edits(folder: Path, tmp_path: Path) -> None:
    def summaries(claims: list[dict[str, Any]], where: Path) -> dict[str, Any]:
        write_verdicts(where, MadeUp(NETS).judge(*claims), {}, tmp_path / "toy.json")
        entries = json.loads((where / "verdicts.json").read_text())
        return {entry["id"]: entry for entry in entries}

    before = summaries(CLAIMS, tmp_path)
    assert {entry["edited"] == [] for entry in before.values()} == {True}
    assert len({entry["hash"] for entry in before.values()}) == len(CLAIMS)
    after = summaries([CLAIMS[0] | {"stated": "Other."}, *CLAIMS[1:]], tmp_path)
    assert after["A"]["edited"] == ["stated: What A says. -> Other."]
    assert after["A"]["hash"] != before["A"]["hash"]
    assert {i: e["hash"] for i, e in after.items() if i != "A"} == {
        i: e["hash"] for i, e in before.items() if i != "A"
    }
