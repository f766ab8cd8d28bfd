"""The independent script agrees with the judge, and sees what was changed."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from conftest import ROOT
from inductive.report.verdict_files import write_verdicts
from made_up import MadeUp, accuracies, answers, claim, greater, never_above, within

SCRIPT = ROOT / "examples/recompute_verdicts.py"
SPLIT = np.where(np.arange(12) % 5 == 1, 0.6, 0.9) + accuracies(0, 0.002, 6)
NETS = {
    "good": answers(0.85, 1),
    "bad": answers(0.6, 2),
    "right": np.ones((12, 400)),
    "a": accuracies(0.8, 0.02, 4),
    "b": accuracies(0.803, 0.02, 5),
    "skewed": 0.9 - 0.01 * np.random.default_rng(3).standard_exponential(12),
    "split": SPLIT,
    "same": np.full(12, 0.7),
    "low": np.full(12, 0.2),
    "broken": np.where(np.arange(12) == 1, np.nan, 0.5),
}
CLAIMS = [
    claim("A", greater("good", "bad"), within("a", "80 %", "0.5 points")),
    claim("B", greater("b", "a"), greater("bad", "good")),
    claim("C", greater("b", "a"), greater("good", "bad"), about={"boxes": "own"}),
    claim("D", greater("b", "broken")),
    claim("E", {"equal": {"of": {"net": "a"}, "minus": {"net": "b"}}}, type="identity"),
    claim("F", greater("huge", "a")),
    claim("G", greater("b", "a"), greater("skewed", "a"), paired="the same noise"),
    claim("H", within("a", "81 %", "3 points", target_sd="1 point", target_n=10)),
    claim("I", within("skewed", "89 %", "2 points"), within("right", "99 %", "2 points")),
    claim("J", greater("split", "a"), within("split", "80 %", "30 points")),
    claim("K", greater("b", "a"), greater("good", "bad"), replicated="splits"),
    claim("L", within("same", "70 %", "1 point"), greater("a", "same")),
    claim("M", greater("b", "same"), greater("same", "b"), replicated="draws"),
    claim("N", greater("same", "low"), within("same", "70 %", "1 point"), replicated="timings"),
    claim("O", greater("low", "same"), greater("b", "a"), replicated="cases"),
    claim("P", greater("same", "low"), type="identity"),  # a strict bound, kept ...
    claim("S", greater("same", "same"), type="identity"),  # ... and just missed
    claim("T", within("same", "75 %", "5 points"), type="identity"),
    claim("V", never_above("same", "69 %", "1 point"), never_above("same", "60 %", "1 point")),
    claim("W", never_above("broken", "69 %", "1 point")),
]


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """The report's tables of two studies, of which one has seeds that fall into two groups."""
    names = {"verdicts": "comparisons", "looks": "looks", "per_seed": "per_seed"}
    tables: dict[str, list[pd.DataFrame]] = {joined: [] for joined in (*names.values(), "claims")}
    for study, ids in {"toy": set("ABCDEFGHIKLMNOPSTVW"), "halves": set("JB")}.items():
        verdicts = MadeUp(NETS).judge(*(each for each in CLAIMS if each["id"] in ids))
        write_verdicts(tmp_path / study, verdicts, {}, tmp_path / f"locks/{study}.json")
        for name, joined in names.items():
            frame = pd.read_csv(tmp_path / study / f"{name}.csv", dtype=str, keep_default_na=False)
            frame.insert(0, "study", study)
            tables[joined].append(frame)
        claims = [{"id": v.id, "study": study, "verdict": v.verdict} for v in verdicts]
        tables["claims"].append(pd.DataFrame(claims))
    folder = tmp_path / "report"
    folder.mkdir()
    for name, frames in tables.items():
        pd.concat(frames).to_csv(folder / f"{name}.csv", index=False)
    return folder


def _run(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", SCRIPT, folder], capture_output=True, text=True
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_every_verdict_is_computed_again(report: Path) -> None:
    assert _run(report) == (0, "21 claims, 34 comparisons: 0 disagreements\n")
    verdicts = set(pd.read_csv(report / "claims.csv")["verdict"])
    assert verdicts >= {"reproduced", "contradicted", "inconclusive", "not run", "other data"}


def test_a_changed_file_is_seen(report: Path) -> None:
    claims = pd.read_csv(report / "claims.csv")
    claims.loc[claims["id"].eq("B") & claims["study"].eq("toy"), "verdict"] = "reproduced"
    claims.to_csv(report / "claims.csv", index=False)
    status, text = _run(report)
    assert status == 1
    assert "toy B: contradicted, the report says reproduced" in text
    seeds = pd.read_csv(report / "per_seed.csv")
    of_a = seeds["study"].eq("toy") & seeds["claim"].eq("A") & seeds["comparison"].eq(1)
    seeds.loc[of_a, "value"] *= 0.9
    seeds.to_csv(report / "per_seed.csv", index=False)
    status, text = _run(report)
    assert status == 1
    assert "toy A, comparison 1, look 1: the mean is" in text


def test_another_tolerance_or_region_gives_another_verdict(report: Path) -> None:
    """Of what has no probability: from its errors, or from its value."""
    comparisons = pd.read_csv(report / "comparisons.csv")
    of_p, of_n = (comparisons["claim"].eq(name) & comparisons["comparison"].eq(1) for name in "PN")
    assert comparisons.loc[of_p, "strict"].all()
    assert comparisons.loc[of_n, "fixed"].all()
    comparisons.loc[of_p, "tolerance"] = -51.0
    comparisons.loc[of_n, "region_low"] = 51.0
    comparisons.to_csv(report / "comparisons.csv", index=False)
    status, text = _run(report)
    assert status == 1
    for name in "PN":
        assert f"toy {name}, comparison 1: fails, the report says holds" in text
        assert f"toy {name}: contradicted, the report says reproduced" in text


def test_it_does_not_use_what_it_checks() -> None:
    assert "inductive" not in SCRIPT.read_text().replace("examples/", "")
