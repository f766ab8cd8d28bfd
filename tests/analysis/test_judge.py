"""Verdicts on results with known true effects."""

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from inductive.analysis.judge import Verdict, judge_measurements
from inductive.core.run import Run
from inductive.studies import load

RNG = np.random.default_rng(0)
CELLS = load("translation").published["cells"]


def _verdicts(
    study: str, frame: pd.DataFrame, kind: str, runs: list[Run] | None = None
) -> dict[str, Verdict]:
    known = load(study)
    judged = judge_measurements(
        known.claims, frame, known.metrics, {kind}, runs or [], known.published
    )
    return {v.id: v for v in judged}


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


def test_pairing_by_seed_detects_small_effects() -> None:
    """Seeds differ by far more than the models do; only the paired difference is clear."""
    spread = RNG.normal(0, 0.05, 20)
    assert _judge(_citation(0.8 + spread, 0.81 + spread + RNG.normal(0, 1e-3, 20)))["G12"] == (
        "reproduced"
    )
    assert _judge(_citation(0.8 + spread, 0.81 + RNG.permutation(spread)))["G12"] == "inconclusive"


def test_too_few_seeds_decide_nothing() -> None:
    assert _judge(_citation([0.8, 0.8], [0.9, 0.9]))["G12"] == "inconclusive"


def test_claims_about_real_data_are_not_run_on_generated_data() -> None:
    verdicts = _verdicts("citation", _citation([0.815] * 5, [0.83] * 5), "generated").values()
    assert {v.verdict for v in verdicts} == {"not run"}
    assert "needs real data; these are generated" in {v.reason for v in verdicts}


def _translation(test: dict[tuple[str, str], float], n: int = 5) -> pd.DataFrame:
    rows: list[dict[str, object]] = []
    for (net, padding), value in test.items():
        jitter = RNG.normal(0, 1e-4, n)
        common = {"protocol": "course", "net": net, "padding": padding}
        rows += _rows(value / 100 + jitter, **common)
        last = CELLS[net][padding][0] / 100
        rows += _rows(last + jitter, **common, split="validation", selection="last")
        rows += _rows(last - 0.04 + jitter, **common, split="heldout", selection="last")
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
    assert "Net1, sconv, split test, selection best = 6.37 ± 3" in described


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


def test_a_claim_that_is_not_judged_is_not_in_the_correction() -> None:
    """Holm's correction counts the comparisons that are judged, and only those."""
    noise = RNG.normal(0, 0.003, 20)
    frame = _citation(0.815 + noise, 0.83 + noise[::-1])
    for kind in ("generated", "real"):
        for verdict in _verdicts("citation", frame, kind).values():
            if verdict.verdict == "not run":
                assert all(not len(c.values) for c in verdict.comparisons)


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
            rows("a", "plain", 0.3)
            + rows("a", "augmented", 0.5)
            + rows("b", "plain", 0.3)
            + rows("b", "augmented", second)
        )
        verdicts = _verdicts("rotation", frame, "generated")
        assert len(verdicts["R2"].comparisons) == 2
        return verdicts["R2"].verdict

    assert verdict(0.5) == "reproduced"
    assert verdict(0.1) == "contradicted"
