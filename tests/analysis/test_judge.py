"""Verdicts on results with known true effects."""

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from inductive.analysis.judge import judge_measurements
from inductive.analysis.verdicts import Verdict
from inductive.core.run import DatasetSpec, Run
from inductive.studies import load

RNG = np.random.default_rng(0)
CELLS = load("translation").published["cells"]


DATA = {"citation": "cora", "translation": "boxes", "rotation": "cifar10"}


def _verdicts(
    study: str, frame: pd.DataFrame, kind: str, runs: list[Run] | None = None
) -> dict[str, Verdict]:
    """The verdicts on results that were measured on data of one kind."""
    known = load(study)
    runs = _runs(study, frame, kind) if runs is None else runs
    judged = judge_measurements(known.claims, frame, known.metrics, runs, known.published)
    return {v.id: v for v in judged}


def _runs(study: str, frame: pd.DataFrame, kind: str) -> list[Run]:
    """One run per combination of labels; the label `dataset`, where there is one, is its data."""
    fixed = {"seed", "selection", "split", "metric", "value", "layer", "angle"}
    labels = [column for column in frame.columns if column not in fixed]
    needs = {k: v for claim in load(study).claims for k, v in claim.get("needs", {}).items()}
    return [
        Run(
            study,
            str(i),
            row,
            needs,
            {},
            (0,),
            DatasetSpec(row.get("dataset", DATA[study]), kind, {}, "0"),
        )
        for i, row in enumerate(frame[labels].drop_duplicates().to_dict("records"))
    ]


def _rows(values: Any, **columns: object) -> list[dict[str, object]]:
    base: dict[str, object] = {"metric": "accuracy", "split": "test", "selection": "best"}
    return [base | columns | {"seed": s, "value": v} for s, v in enumerate(values)]


def _citation(gcn: Any, gat: Any) -> pd.DataFrame:
    rows = []
    for split in ("public", "random"):
        rows += _rows(gcn, model="GCN", on=split) + _rows(gat, model="GAT", on=split)
    return pd.DataFrame(rows)


def _judge(frame: pd.DataFrame, kind: str = "real") -> dict[str, str]:
    return {i: v.verdict for i, v in _verdicts("citation", frame, kind).items()}


def test_verdicts_follow_the_results() -> None:
    noise = RNG.normal(0, 0.003, 20)
    better = _citation(0.815 + noise, 0.830 + noise[::-1])
    assert _judge(better) == {
        "G8": "not run",
        "G11": "reproduced",
        "G12": "reproduced",
        "G13": "reproduced",
    }
    worse = _judge(_citation(0.790 + noise, 0.780 + noise[::-1]))
    assert (worse["G11"], worse["G12"]) == ("contradicted", "contradicted")
    unclear = _judge(_citation(0.815 + noise * 20, 0.816 + noise[::-1] * 20))
    assert (unclear["G11"], unclear["G12"]) == ("inconclusive", "inconclusive")


def test_pairing_by_seed_detects_small_effects_where_a_seed_is_shared() -> None:
    """Seeds differ by far more than the models do; only the paired difference is clear."""
    spread = RNG.normal(0, 0.05, 20)
    frame = _citation(0.8 + spread, 0.81 + spread + RNG.normal(0, 1e-3, 20))
    study, runs = load("citation"), _runs("citation", frame, "real")
    (claim,) = [each for each in study.claims if each["id"] == "G12"]

    def verdict(**keys: str) -> Verdict:
        (judged,) = judge_measurements([claim | keys], frame, study.metrics, runs, study.published)
        return judged

    apart, paired = verdict(), verdict(paired="the same noise")
    assert (apart.verdict, paired.verdict) == ("inconclusive", "reproduced")
    assert [c.paired for c in (*apart.comparisons, *paired.comparisons)] == [False, True]
    contrast = apart.comparisons[0].contrast
    assert contrast is not None
    a, b = (
        100 * frame.loc[frame["on"].eq("public") & frame["model"].eq(m), "value"]
        for m in ("GAT", "GCN")
    )
    expected = stats.ttest_ind(a, b, equal_var=False)
    assert contrast.df == pytest.approx(expected.df)
    assert contrast.mean / contrast.error == pytest.approx(expected.statistic)


class _OneTestSet:
    """Outcomes for the same test examples for every seed, and the sizes of random splits."""

    def __init__(self, shares: dict[str, float], items: int, seeds: int) -> None:
        random = np.random.default_rng(5)
        self.right = {
            model: np.tile((random.random(items) < share).astype(float), (seeds, 1))
            for model, share in shares.items()
        }

    def outcomes(self, run: Run, metric: str, **where: object) -> dict[int, np.ndarray]:
        del metric, where
        return dict(enumerate(self.right[run.labels["model"]]))

    def example_counts(self, run: Run) -> tuple[int, int]:
        del run
        return 100, 300


def test_one_test_set_limits_what_any_number_of_seeds_can_say() -> None:
    """20 seeds of two networks that give the same answers each: the difference on this test set is
    certain, that on new examples is not."""
    frame = _citation(0.815 + RNG.normal(0, 1e-4, 20), 0.83 + RNG.normal(0, 1e-4, 20))
    study, runs = load("citation"), _runs("citation", frame, "real")
    claims = [each for each in study.claims if each["id"] == "G12"]

    def judged(kept: Any) -> Verdict:
        return judge_measurements(claims, frame, study.metrics, runs, study.published, kept)[0]

    kept = _OneTestSet({"GCN": 0.815, "GAT": 0.83}, 1000, 20)
    assert judged(None).verdict == "reproduced"
    assert judged(kept).verdict == "inconclusive"
    contrast = judged(kept).comparisons[0].contrast
    assert contrast is not None
    difference = 100 * (kept.right["GAT"][0] - kept.right["GCN"][0])
    assert contrast.error == pytest.approx(stats.sem(difference), rel=0.02)
    few = judged(_OneTestSet({"GCN": 0.815, "GAT": 0.83}, 15, 20))
    assert "only 15 test examples" in few.reason


def test_random_splits_are_corrected_for_their_overlap() -> None:
    noise = RNG.normal(0, 0.01, 20)
    frame = _citation(0.815 + noise, 0.830 + RNG.normal(0, 0.01, 20))
    study, runs = load("citation"), _runs("citation", frame, "real")
    claims = [each for each in study.claims if each["id"] == "G13"]
    kept = _OneTestSet({"GCN": 0.8, "GAT": 0.8}, 50, 20)
    (judged,) = judge_measurements(claims, frame, study.metrics, runs, study.published, kept)
    (comparison,) = judged.comparisons
    contrast = comparison.contrast
    assert contrast is not None
    assert contrast.examples is None  # each split has its own test examples
    expected = np.sqrt((1 / 20 + 300 / 100) * comparison.values.var(ddof=1))
    assert contrast.error == pytest.approx(expected)


def test_too_few_seeds_decide_nothing() -> None:
    assert _judge(_citation([0.8, 0.8], [0.9, 0.9]))["G12"] == "inconclusive"


def test_other_data_than_a_claim_is_about_give_evidence_and_no_verdict() -> None:
    noise = RNG.normal(0, 0.003, 20)
    frame = _citation(0.815 + noise, 0.790 + noise[::-1])
    verdicts = _verdicts("citation", frame, "generated")
    assert {v.verdict for i, v in verdicts.items() if i != "G8"} == {"other data"}
    assert verdicts["G11"].reason == "it is about real cora; these results are of generated cora"
    assert verdicts["G11"].evidence == ()  # a published value is one of its own data
    assert verdicts["G12"].evidence == ("fails on generated cora",)
    assert _verdicts("citation", frame, "real")["G11"].evidence == ()


def test_evidence_does_not_enter_the_correction_of_verdicts() -> None:
    """The same comparisons on other data leave the adjusted p of the verdicts as they are."""
    noise = RNG.normal(0, 0.01, 5)
    real = _citation(0.815 + noise, 0.83 + noise[::-1])
    runs = _runs("citation", real, "real")
    study = load("citation")
    claims = [claim for claim in study.claims if claim["id"] in ("G11", "G12")]

    def adjusted(extra: list[dict[str, Any]]) -> dict[str, float]:
        judged = judge_measurements([*claims, *extra], real, study.metrics, runs, study.published)
        return {v.id: v.comparisons[0].p_adjusted for v in judged[:2]}

    others = [claim | {"id": claim["id"] + "x", "about": {"cora": "own"}} for claim in claims]
    assert adjusted([]) == adjusted(others)


def _translation(test: dict[tuple[str, str], float], n: int = 5) -> pd.DataFrame:
    rows: list[dict[str, object]] = []
    for (net, padding), value in test.items():
        jitter = RNG.normal(0, 1e-4, n)
        common = {"protocol": "course", "net": net, "padding": padding}
        rows += _rows(value / 100 + jitter, **common)
        last = CELLS[net][padding][0] / 100
        rows += _rows(last + jitter, **common, split="validation", selection="last")
        held_out = last - 0.04 + RNG.normal(0, 1e-4, n)
        rows += _rows(held_out, **common, split="heldout", selection="last")
        side = {"valid": 2, "sconv": 4}.get(padding, 6)
        for metric in ("map size", "map size by formula"):
            rows += _rows([side] * n, **common, metric=metric, layer=4.0, split="", selection="")
    return pd.DataFrame(rows)


def _published_test() -> dict[tuple[str, str], float]:
    return {(n, p): CELLS[n][p][2] for n, p in product(CELLS, CELLS["Net1"])}


def test_verdicts_on_the_published_table() -> None:
    """With the published means all claims hold except T8, because the held-out accuracy is set
    four points lower here."""
    verdicts = _verdicts("translation", _translation(_published_test()), "generated")
    assert {i: v.verdict for i, v in verdicts.items()} == {
        "T1": "reproduced",
        "T2": "reproduced",
        "T3": "reproduced",
        "T4": "reproduced",
        "T5": "reproduced",
        "T6": "reproduced",
        "T7": "reproduced",
        "T8": "contradicted",
        "K3": "reproduced",
    }
    assert len(verdicts["T7"].comparisons) == 24
    described = {c.description for c in verdicts["T7"].comparisons}
    assert "Net1, sconv, split test, selection best = 6.37 % ± 3 points" in described


def test_one_wrong_cell_contradicts_the_table() -> None:
    off = _published_test() | {("Net1", "replicate"): 60.0}
    verdicts = _verdicts("translation", _translation(off), "generated")
    assert verdicts["T7"].verdict == verdicts["T3"].verdict == "contradicted"
    deciding = verdicts["T7"].deciding
    assert deciding is not None
    assert "replicate" in deciding.description
    wrong = _translation(_published_test())
    wrong.loc[wrong["metric"].eq("map size"), "value"] += 1
    assert _verdicts("translation", wrong, "generated")["K3"].verdict == "contradicted"


def test_a_missing_variant_is_not_run() -> None:
    only = {k: v for k, v in _published_test().items() if k != ("Net2", "fconv")}
    verdicts = _verdicts("translation", _translation(only), "generated")
    assert verdicts["T4"].verdict == "not run"
    assert "fconv" in verdicts["T4"].reason
    assert verdicts["T1"].verdict == "reproduced"


def test_the_published_table_needs_the_published_protocol(
    make_runs: Callable[..., list[Run]],
) -> None:
    frame = _translation(_published_test())
    verdicts = _verdicts("translation", frame, "generated", make_runs("translation"))
    assert verdicts["T7"].verdict == "not run"
    assert verdicts["T7"].reason == "needs the published epochs, 50; here it is 2"
    assert verdicts["T1"].verdict == "reproduced"


def test_all_repeats_a_comparison_for_each_value_in_the_results() -> None:
    """`each: {column: all}` is one comparison per dataset, and both must hold."""
    rng = np.random.default_rng(3)

    def rows(dataset: str, variant: str, mean: float) -> list[dict[str, object]]:
        where = {"dataset": dataset, "variant": variant, "metric": "mean over angles"}
        return _rows(mean + rng.normal(0, 0.005, 5), **where, selection="last")

    def verdict(second: float) -> str:
        frame = pd.DataFrame(
            rows("cifar10", "plain", 0.3)
            + rows("cifar10", "augmented", 0.5)
            + rows("mnist", "plain", 0.3)
            + rows("mnist", "augmented", second)
        )
        claims = [c | {"about": {}} for c in load("rotation").claims if c["id"] == "R2"]
        runs = _runs("rotation", frame, "generated")
        (judged,) = judge_measurements(claims, frame, load("rotation").metrics, runs)
        assert len(judged.comparisons) == 2
        return judged.verdict

    assert verdict(0.5) == "reproduced"
    assert verdict(0.1) == "contradicted"
