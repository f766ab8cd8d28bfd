"""Statistics against scipy and plain loops; verdicts on results whose truth is known."""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from inductive.claims import statistics, verdicts
from inductive.claims.verdicts import Comparison, judge, ledger, published
from inductive.plan import Plan
from inductive.training.tidy import COLUMNS

RNG = np.random.default_rng(0)


def test_interval_and_p_are_scipys() -> None:
    for n in (3, 5, 40):
        values = RNG.normal(0.3, 1, n)
        e = statistics.estimate(values)
        low, high = stats.ttest_1samp(values, 0).confidence_interval(0.95)
        assert (e.low, e.high, e.n) == (pytest.approx(low), pytest.approx(high), n)
        for bound in (-1.0, 0.0, 0.4):
            expected = stats.ttest_1samp(values, bound, alternative="greater").pvalue
            assert statistics.p_above(values, bound) == pytest.approx(expected)


def test_a_published_summary_is_compared_as_its_seeds_would_be() -> None:
    rng = np.random.default_rng(0)
    here, there = rng.normal(80, 8, 5), rng.normal(83, 3, 10)
    ours, theirs = statistics.estimate(here), statistics.estimate(there)
    means, spread = statistics.same_as(ours, theirs.mean, theirs.sd, theirs.n)
    assert means == pytest.approx(stats.ttest_ind(here, there, equal_var=False).pvalue)
    swapped = statistics.same_as(theirs, ours.mean, ours.sd, ours.n)
    assert swapped == pytest.approx((means, spread))
    alarms = [
        statistics.same_as(statistics.estimate(rng.normal(0, 1, 5)), 0, sd, 10)[1] < 0.05
        for sd in [rng.normal(0, 1, 10).std(ddof=1) for _ in range(2000)]
    ]
    assert np.mean(alarms) == pytest.approx(0.05, abs=0.02)
    assert statistics.same_as(statistics.estimate(np.full(5, 100.0)), 100, 0, 10) == (1.0, 1.0)
    assert statistics.same_as(ours, 83, 0, 10)[1] == 0


def test_p_without_spread() -> None:
    same = np.full(4, 2.0)
    assert [statistics.p_above(same, b) for b in (1.0, 2.0, 3.0)] == [0.0, 0.5, 1.0]
    assert statistics.p_above(np.array([1.0]), 0.0) == 0.5


def test_interval_covers_as_often_as_it_says() -> None:
    covered = [
        e.low < 1 < e.high for e in (statistics.estimate(RNG.normal(1, 2, 5)) for _ in range(2000))
    ]
    assert abs(np.mean(covered) - 0.95) < 0.02


def test_holm_against_its_definition() -> None:
    """Smallest adjusted p that rejects, found by stepping down as Holm 1979 does."""
    for _ in range(50):
        p = RNG.random(6) ** 3
        adjusted = statistics.holm(p.tolist())
        for level in (0.01, 0.05, 0.2):
            rejected, remaining = set(), sorted(range(6), key=lambda i: p[i])
            for step, i in enumerate(remaining):
                if p[i] > level / (6 - step):
                    break
                rejected.add(i)
            assert rejected == {i for i in range(6) if adjusted[i] <= level}
    assert statistics.holm([]) == []


def test_holm_keeps_false_alarms_rare() -> None:
    alarms = [min(statistics.holm(RNG.random(8).tolist())) < 0.05 for _ in range(2000)]
    assert np.mean(alarms) < 0.065


def test_effect_size() -> None:
    values = RNG.normal(1, 2, 30)
    assert statistics.cohens_d(values) == pytest.approx(values.mean() / values.std(ddof=1))
    assert statistics.cohens_d(np.full(3, -1.0)) == -np.inf
    assert statistics.cohens_d(np.zeros(3)) == 0


def _rows(values: Any, **columns: object) -> list[dict[str, object]]:
    base = dict.fromkeys(COLUMNS, "") | {"metric": "accuracy", "split": "test", "selection": "best"}
    return [base | columns | {"seed": s, "value": v} for s, v in enumerate(values)]


def _citation(gcn: Any, gat: Any) -> pd.DataFrame:
    rows = []
    for split in ("public", "random"):
        rows += _rows(gcn, model="GCN", on=split) + _rows(gat, model="GAT", on=split)
    return pd.DataFrame(rows)


def _judge(frame: pd.DataFrame, kind: str = "real") -> dict[str, str]:
    return {v.id: v.verdict for v in judge("citation", frame, {kind})}


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


def test_pairing_by_seed_sees_what_the_spread_hides() -> None:
    """Seeds differ by far more than the models do; only the paired difference is clear."""
    spread = RNG.normal(0, 0.05, 20)
    assert _judge(_citation(0.8 + spread, 0.81 + spread + RNG.normal(0, 1e-3, 20)))["G12"] == (
        "reproduced"
    )
    assert _judge(_citation(0.8 + spread, 0.81 + RNG.permutation(spread)))["G12"] == "inconclusive"


def test_too_few_seeds_decide_nothing() -> None:
    assert _judge(_citation([0.8, 0.8], [0.9, 0.9]))["G12"] == "inconclusive"


def test_claims_about_real_data_are_not_run_on_others() -> None:
    found = judge("citation", _citation([0.815] * 5, [0.83] * 5), {"generated"})
    assert {v.verdict for v in found} == {"not run"}
    assert "needs real data; these are generated" in {v.reason for v in found}


def _translation(test: dict[tuple[str, str], float], n: int = 5) -> pd.DataFrame:
    rows: list[dict[str, object]] = []
    for (net, padding), value in test.items():
        jitter = RNG.normal(0, 1e-4, n)
        common = {"protocol": "course", "net": net, "padding": padding}
        rows += _rows(value / 100 + jitter, **common)
        last = published()["translation"]["cells"][net][padding][0] / 100
        rows += _rows(last + jitter, **common, split="validation", selection="last")
        rows += _rows(last - 0.04 + jitter, **common, split="heldout", selection="last")
        side = {"valid": 2, "sconv": 4}.get(padding, 6)
        for metric in ("map size", "map size by formula"):
            rows += _rows([side] * n, **common, metric=metric, axis="layer", at="4", split="")
    return pd.DataFrame(rows)


def _published_test() -> dict[tuple[str, str], float]:
    cells = published()["translation"]["cells"]
    return {(n, p): cells[n][p][2] for n, p in product(cells, cells["Net1"])}


def test_the_published_table_judged_by_its_own_claims() -> None:
    """Fed with the published means, all that follows from them holds, T8 apart (see above)."""
    found = {v.id: v for v in judge("translation", _translation(_published_test()), {"generated"})}
    assert {i: v.verdict for i, v in found.items()} == {
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
    assert len(found["T7"].comparisons) == 24


def test_one_cell_off_contradicts_the_table() -> None:
    off = _published_test() | {("Net1", "replicate"): 60.0}
    found = {v.id: v for v in judge("translation", _translation(off), {"generated"})}
    assert found["T7"].verdict == found["T3"].verdict == "contradicted"
    deciding = found["T7"].deciding
    assert deciding is not None
    assert "replicate" in deciding.what
    wrong = _translation(_published_test())
    wrong.loc[wrong["metric"].eq("map size"), "value"] += 1
    assert {v.id: v.verdict for v in judge("translation", wrong, {"generated"})}["K3"] == (
        "contradicted"
    )


def test_a_missing_variant_is_not_run() -> None:
    only = {k: v for k, v in _published_test().items() if k != ("Net2", "fconv")}
    found = {v.id: v for v in judge("translation", _translation(only), {"generated"})}
    assert found["T4"].verdict == "not run"
    assert "fconv" in found["T4"].reason
    assert found["T1"].verdict == "reproduced"


def test_ledger_is_well_formed() -> None:
    ids = [claim["id"] for claims in ledger().values() for claim in claims]
    assert len(ids) == len(set(ids))
    tidy = pd.DataFrame({"dataset": ["a", "b"], "fold": [0, 1]})
    for study, claims in ledger().items():
        for claim in claims:
            assert {"id", "source", "statement"} <= set(claim), study
            assert list(verdicts._expand(claim, tidy)), claim["id"]


def test_a_claim_that_is_not_judged_does_not_burden_the_others() -> None:
    """Holm's correction counts the comparisons that are judged, and only those."""
    noise = RNG.normal(0, 0.003, 20)
    frame = _citation(0.815 + noise, 0.83 + noise[::-1])
    for found in (judge("citation", frame, {"generated"}), judge("citation", frame, {"real"})):
        for verdict in found:
            if verdict.verdict == "not run":
                assert all(not len(c.values) for c in verdict.comparisons)


def test_the_published_table_needs_the_published_protocol(params: dict[str, Any]) -> None:
    runs = Plan(params).runs["translation"]
    frame = _translation(_published_test())
    found = {v.id: v for v in judge("translation", frame, {"generated"}, runs)}
    assert found["T7"].verdict == "not run"
    assert found["T7"].reason == "needs the published epochs, 50; here it is 2"
    assert found["T1"].verdict == "reproduced"


def test_each_value_that_the_results_have() -> None:
    """`each: {column: all}` is one comparison a dataset, and both must hold."""
    rng = np.random.default_rng(3)

    def rows(
        dataset: str, variant: str, metric: str, axis: str, at: str, mean: float
    ) -> pd.DataFrame:
        values = mean + rng.normal(0, 0.005, 5)
        names = {"dataset": dataset, "variant": variant, "metric": metric, "axis": axis, "at": at}
        frame = pd.DataFrame({"seed": range(5), "value": values, "split": "test"})
        return frame.assign(selection="last", **names)

    def verdict(second: float) -> str:
        frames = [
            rows(d, v, "mean over angles", "", "", mean)
            for d, v, mean in [
                ("a", "plain", 0.3),
                ("a", "augmented", 0.5),
                ("b", "plain", 0.3),
                ("b", "augmented", second),
            ]
        ]
        found = {v.id: v for v in judge("rotation", pd.concat(frames), {"generated"})}
        assert len(found["R2"].comparisons) == 2
        return found["R2"].verdict

    assert verdict(0.5) == "reproduced"
    assert verdict(0.1) == "contradicted"


def test_a_bound_holds_in_every_row_or_not() -> None:
    frame = pd.DataFrame(
        [
            (seed, metric, "", "", value)
            for seed in range(3)
            for metric, value in [("size", 1.0 + (seed == 2) * 0.5), ("limit", 1.2)]
        ],
        columns=["seed", "metric", "axis", "at", "value"],
    )
    body = {"of": {"metric": "size"}, "bound": {"metric": "limit"}, "tolerance": 0.1}

    def found(tolerance: float) -> Comparison:
        claim = {"comparisons": [{"never_above": body | {"tolerance": tolerance}}]}
        return next(verdicts._comparisons(claim, frame))

    body["bound"] = 1.2  # a number does as well
    assert (found(0.1).p_for, found(0.4).p_for) == (1.0, 0.0)
    body["bound"] = {"metric": "limit"}
    assert (found(0.1).p_for, found(0.1).p_against) == (1.0, 0.0)
    assert (found(0.1).values != 0).sum() == 1
    assert (found(0.4).p_for, found(0.4).p_against) == (0.0, 1.0)
