"""How often the judge is wrong, and how often it sees what is there: `make calibrate`.

Ledgers with planted claims are simulated and judged by `analysis.sequential.play`. Counted is the
share of ledgers with any false verdict, which is to be at most 5 %, beside that of the judge of
version 0.2 on the same values. Writes benchmarks/judge.md and the table that the report shows.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from inductive.analysis.sequential import play
from inductive.core.files import write_json, write_text

sys.path.insert(0, str(Path(__file__).parent / "calibration"))

import former_judge
import planned_power
from ledgers import TRUE, Planted, materials_of, wrong
from scenarios import Splits, TestSet, Values, failing, normal, two_groups

ROOT = Path(__file__).resolve().parents[1]
LIMIT = 5.0
QUICK, LAPTOP, CITATION = (3, 6, 12), (5, 10, 20), (5, 10, 20, 40)
_PARTS = 8  # of a row, which run in parallel
# Below this many seeds, most draws of two groups of seeds show one of them too rarely.
_KNOWABLE = 15
Scenario = Callable[[np.random.Generator, int], list[Planted]]


@dataclass(frozen=True)
class Row:
    """One kind of ledger."""

    name: str
    scenario: Scenario
    looks: tuple[int, ...]
    """Seeds of each look; one number: all at once."""

    @property
    def seeds(self) -> str:
        """As shown."""
        return ", ".join(map(str, self.looks))

    @property
    def may_exceed(self) -> bool:
        """Whether no test can know: a draw of few seeds shows one of two groups of seeds only."""
        return self.name == "two groups of seeds" and self.looks[0] < _KNOWABLE


_SMALL = partial(normal, sd=0.5)
_KINDS: tuple[tuple[str, Scenario, Sequence[int | tuple[int, ...]]], ...] = (
    ("normal", Values(normal, normal, 6.0), (3, 5, 10, 20, 40, 100, QUICK, LAPTOP, CITATION)),
    ("normal, paired by seed", Values(normal, normal, 6.0, pairing=5.0), (3, 5, 20, QUICK)),
    (
        "skewed",
        Values(failing, partial(failing, scale=0.5), 6.0),
        (3, 5, 10, 20, 40, 100, QUICK, LAPTOP, CITATION),
    ),
    ("skewed against normal", Values(failing, _SMALL, 6.0), (3, 5, 10, 20, 40, QUICK, CITATION)),
    (
        "two groups of seeds",
        Values(two_groups, _SMALL, 12.0),
        (3, 5, 10, 15, 20, 40, 100, QUICK, CITATION),
    ),
    ("near 100 %, 200 test examples", TestSet(200, 3.0, 8.0), (3, 5, 20, QUICK)),
    ("near 100 %, 2,000 test examples", TestSet(2000, 4.0, 8.0), (3, 5, 20, QUICK)),
    ("200 test examples", TestSet(200, 0.5, 1.5), (3, 5, 20, 100, QUICK, CITATION)),
    ("1,000 test examples", TestSet(1000, 0.9, 1.5), (3, 5, 20, 100, QUICK, CITATION)),
    ("10,000 test examples", TestSet(10_000, 1.2, 1.5), (3, 5, 20)),
    ("random splits, 1 of 5 for testing", Splits(1000, 200, 0.5), (5, 10, 40, 100, CITATION)),
    ("random splits, half for testing", Splits(1000, 500, 0.5), (5, 10, 40, 100, CITATION)),
)
ROWS = [
    Row(name, scenario, looks if isinstance(looks, tuple) else (looks,))
    for name, scenario, all_looks in _KINDS
    for looks in all_looks
]


class Judged(NamedTuple):
    """What the judge and its predecessor made of one ledger."""

    false: bool
    """Any false verdict."""
    former_false: bool
    power: float
    """The share of true claims that are reproduced."""
    former_power: float
    seeds: float
    """Used by the mean comparison."""


def judge_ledger(row: Row, number: int) -> Judged:
    """Simulate and judge one ledger of a row."""
    seeds = row.looks[-1]
    ledger = row.scenario(np.random.default_rng([seeds, number]), seeds)
    played = play(*materials_of(ledger, row.looks if len(row.looks) > 1 else ()))
    comparisons = [comparison for (comparison,) in played.comparisons]
    former = former_judge.verdicts([p.differences for p in ledger], [p.region for p in ledger])
    verdicts = [comparison.verdict for comparison in comparisons]

    def any_wrong(each: list[str]) -> bool:
        return any(wrong(p.truth, verdict) for p, verdict in zip(ledger, each, strict=True))

    def share(each: list[str]) -> float:
        true = [v for p, v in zip(ledger, each, strict=True) if p.truth == TRUE]
        return true.count("reproduced") / len(true)

    used = float(np.mean([comparison.n for comparison in comparisons]))
    return Judged(any_wrong(verdicts), any_wrong(former), share(verdicts), share(former), used)


def judge_part(row: int, part: int, ledgers: int) -> np.ndarray:
    """The ledgers `part`, `part` + 8, ... of a row: (ledgers, fields of Judged)."""
    judged = [judge_ledger(ROWS[row], number) for number in range(part, ledgers, _PARTS)]
    return np.array(judged, dtype=float).reshape(-1, len(Judged._fields))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the tables; the result is 1 where a row is above the limit and may not be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ledgers", type=int, default=2000, help="simulated studies per row")
    parser.add_argument("--rows", type=int, default=len(ROWS), help="only the first rows")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--markdown", type=Path, default=ROOT / "benchmarks/judge.md")
    parser.add_argument("--json", type=Path, default=ROOT / "src/inductive/report/calibration.json")
    options = parser.parse_args(arguments)
    rows = ROWS[: options.rows]
    with ProcessPoolExecutor(options.workers) as pool:
        jobs = [
            [pool.submit(judge_part, i, part, options.ledgers) for part in range(_PARTS)]
            for i in range(len(rows))
        ]
        results = []
        for row, parts in zip(rows, jobs, strict=True):
            results.append(np.concatenate([part.result() for part in parts]))
            print(*_shown(row, results[-1]), sep="\t", flush=True)
        power = planned_power.table(options.ledgers, lambda *job: list(pool.map(*job)))
    table = [_shown(row, result) for row, result in zip(rows, results, strict=True)]
    above = list(_above(rows, results))
    write_text(options.markdown, _markdown(table, power, above, options.ledgers))
    write_json(
        options.json,
        {"text": _text(above, options.ledgers), "columns": list(COLUMNS), "rows": table},
    )
    return int(any(not row.may_exceed for row in above))


COLUMNS = (
    "values",
    "seeds",
    "false verdicts (%)",
    "of the former judge (%)",
    "true claims reproduced (%)",
    "by the former judge (%)",
    "seeds used",
)


def _shown(row: Row, judged: np.ndarray) -> list[str]:
    means = judged.mean(0)
    errors = 100 * np.sqrt(means[:2] * (1 - means[:2]) / len(judged))
    false, former = (f"{100 * m:.1f} ± {e:.1f}" for m, e in zip(means[:2], errors, strict=True))
    power = [f"{100 * share:.0f}" for share in means[2:4]]
    return [row.name, row.seeds, false, former, *power, f"{means[4]:.1f}"]


def _above(rows: Sequence[Row], results: Sequence[np.ndarray]) -> Iterator[Row]:
    """Rows whose rate is above the limit by more than the simulation can be wrong: by two standard
    errors of a rate at the limit."""
    for row, result in zip(rows, results, strict=True):
        allowed = LIMIT + 2 * np.sqrt(LIMIT * (100 - LIMIT) / len(result))
        if 100 * result[:, 0].mean() > allowed:
            yield row


def _text(above: Sequence[Row], ledgers: int) -> str:
    text = (
        f"{ledgers:,} simulated studies per row, each with six planted comparisons: two that are "
        "true, one that is false, and three exactly at the border, of which any decision is wrong. "
        "A study counts as false where any of its verdicts is; the rate is to be at most 5 % "
        "(± one standard error of the simulation). The former judge is that of version 0.2, on the "
        "same values of the largest number of seeds."
    )
    if above:
        named = "; ".join(f"{row.name}, {row.seeds} seeds" for row in above)
        text += f" Above the limit: {named}."
        if all(row.may_exceed for row in above):
            text += (
                " That no test of a few seeds can avoid, because the draw often shows only one of "
                "the two groups."
            )
    return text


def _markdown(
    table: list[list[str]], power: list[list[object]], above: Sequence[Row], ledgers: int
) -> str:
    lines = [
        "# How often the judge is wrong",
        "",
        "Made by `make calibrate`. " + _text(above, ledgers),
    ]
    lines += ["", *_rows(COLUMNS, table), "", "## Planned and achieved power", ""]
    lines += [
        f"Of one comparison of normal seeds: the chance of a decision that `analysis.power` names, "
        f"and the share of decisions in {ledgers:,} simulated comparisons.",
        "",
    ]
    formatted = [[n, str(s), f"{p:.1f}", f"{a:.1f}"] for n, s, p, a in power]
    lines += _rows(("comparison", "seeds", "planned (%)", "achieved (%)"), formatted)
    return "\n".join(lines) + "\n"


def _rows(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    head = ["| " + " | ".join(columns) + " |", "| --- |" + " ---: |" * (len(columns) - 1)]
    return head + ["| " + " | ".join(row) + " |" for row in rows]


if __name__ == "__main__":
    sys.exit(main())
