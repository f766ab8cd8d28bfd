"""Judging claims: from the ledger and the tidy results to verdicts, by rules alone.

Every comparison yields two one-sided p-values, one for the hypothesis that the claim does not hold
and one for the hypothesis that it does. Twice the smaller is its two-sided p, and Holm's adjustment
runs over all comparisons of a study. A comparison is decided where that is below 0.05; a claim is
reproduced where all its comparisons are decided for it, contradicted where one is decided against
it, and inconclusive otherwise.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import yaml

from inductive.claims import statistics
from inductive.run import Run

LEVEL = 0.05
SPEAKING = ("metric", "net", "padding", "model", "variant", "protocol", "graph", "remedy")
"""Columns whose values say by themselves what they are."""
REPRODUCED, CONTRADICTED = "reproduced", "contradicted"
INCONCLUSIVE, NOT_RUN = "inconclusive", "not run"


@dataclass(frozen=True)
class Comparison:
    """One comparison of a claim and what the results say about it."""

    what: str
    values: np.ndarray
    """The mean or paired difference, one a seed; empty where it was not run."""
    wanted: tuple[float, float]
    """The claim holds where the mean lies in this open interval."""
    exact: bool = False
    """An identity: no seeds, no probability."""
    paired: bool = False
    """A difference of two variants, paired by seed."""
    p_for: float = 1.0
    p_against: float = 1.0
    p_adjusted: float = 1.0

    @property
    def verdict(self) -> str:
        """What this comparison alone says."""
        if not len(self.values):
            return NOT_RUN
        few = len(self.values) < statistics.MIN_SEEDS and not self.exact
        if few or self.p_adjusted >= LEVEL:
            return INCONCLUSIVE
        return REPRODUCED if self.p_for < self.p_against else CONTRADICTED


@dataclass(frozen=True)
class Verdict:
    """A judged claim."""

    id: str
    source: str
    statement: str
    verdict: str
    reason: str
    unit: str
    comparisons: tuple[Comparison, ...]

    @property
    def deciding(self) -> Comparison | None:
        """The comparison that speaks loudest against the claim."""
        run = [c for c in self.comparisons if len(c.values)]
        return min(run, key=lambda c: (c.p_against, -c.p_for), default=None)


@cache
def ledger() -> dict[str, list[dict[str, Any]]]:
    """Study -> its claims."""
    text = files("inductive.claims").joinpath("ledger.yaml").read_text(encoding="utf-8")
    loaded: dict[str, list[dict[str, Any]]] = yaml.safe_load(text)
    return loaded


@cache
def published() -> dict[str, Any]:
    """Published figures, by study."""
    text = files("inductive.claims").joinpath("published.yaml").read_text(encoding="utf-8")
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def judge(
    study: str, results: pd.DataFrame, kinds: set[str], runs: Sequence[Run] = ()
) -> list[Verdict]:
    """The verdict on every claim of a study.

    `results` are the tidy rows of all its runs with their labels as columns; `kinds` are the kinds
    of its datasets and `runs` say what they were trained with. A claim about other data or other
    numbers than these is not run.
    """
    claims = ledger().get(study, [])
    lacking = [_lacks(claim, kinds, runs) for claim in claims]
    compared = [list(_comparisons(claim, results)) for claim in claims]
    # A claim about something else is not judged, so it takes no part in the correction either.
    compared = [
        [replace(c, values=np.empty(0)) for c in group] if lack else group
        for group, lack in zip(compared, lacking, strict=True)
    ]
    flat = [c for group in compared for c in group if len(c.values) and not c.exact]
    two_sided = [min(1.0, 2 * min(c.p_for, c.p_against)) for c in flat]
    adjusted = {id(c): p for c, p in zip(flat, statistics.holm(two_sided), strict=True)}
    verdicts = []
    for claim, group, lack in zip(claims, compared, lacking, strict=True):
        judged = tuple(
            replace(c, p_adjusted=adjusted.get(id(c), 2 * min(c.p_for, c.p_against))) for c in group
        )
        verdicts.append(_conclude(claim, judged, lack))
    return verdicts


def _lacks(claim: dict[str, Any], kinds: set[str], runs: Sequence[Run]) -> str | None:
    """What a claim needs and these results lack; None where nothing is lacking."""
    needs = dict(claim.get("needs", {}))
    kind = needs.pop("kind", None)
    about = [run for run in runs if _concerns(claim, run)]
    kinds = {run.dataset.kind for run in about if run.dataset} or kinds
    if kind and kinds != {kind}:
        return f"needs {kind} data; these are {', '.join(sorted(kinds))}"
    for run in about:
        for key, wanted in needs.items():
            found = run.training.get(key)
            if found != wanted:
                return f"needs the published {key.replace('_', ' ')}, {wanted}; here it is {found}"
    return None


def _concerns(claim: dict[str, Any], run: Run) -> bool:
    """Whether a run has all the labels that a claim names."""
    named = {k: v for k, v in claim.get("defaults", {}).items() if k in run.labels}
    return named.items() <= run.labels.items()


def _conclude(claim: dict[str, Any], judged: tuple[Comparison, ...], lack: str | None) -> Verdict:
    found = [c.verdict for c in judged]
    unit = claim.get("defaults", {}).get("unit", "")
    if lack:
        verdict, reason = NOT_RUN, lack
    elif NOT_RUN in found:
        absent = next(c.what for c in judged if c.verdict == NOT_RUN)
        verdict, reason = NOT_RUN, f"these parameters do not run {absent}"
    elif CONTRADICTED in found:
        count = found.count(CONTRADICTED)
        verdict, reason = CONTRADICTED, f"{count} of {len(judged)} comparisons decide against it"
    elif INCONCLUSIVE in found:
        seeds = min(len(c.values) for c in judged)
        undecided = found.count(INCONCLUSIVE)
        verdict = INCONCLUSIVE
        reason = f"{undecided} of {len(judged)} comparisons undecided with {seeds} seeds"
    else:
        verdict, reason = REPRODUCED, f"all {len(judged)} comparisons decide for it"
    statement = " ".join(claim["statement"].split())
    return Verdict(claim["id"], claim["source"], statement, verdict, reason, unit, judged)


def _comparisons(claim: dict[str, Any], results: pd.DataFrame) -> Iterator[Comparison]:
    defaults = dict(claim.get("defaults", {}))
    scale = 100.0 if defaults.pop("unit", "") == "percent" else 1.0
    found = []
    for entry in _expand(claim, results):
        (kind, body), each = next(iter(entry["test"].items())), entry["each"]

        def values(key: str, body: dict[str, Any] = body, each: dict[str, Any] = each) -> pd.Series:
            return scale * _select(results, defaults | body[key] | each)

        comparison = _compare(kind, body, values, _wording(kind, body, each))
        found.append((entry["optional"], comparison))
    # A variant that is only run on some datasets is compared there; on none, it was not run.
    some = any(len(c.values) for optional, c in found if optional)
    yield from (c for optional, c in found if len(c.values) or not (optional and some))


def _expand(claim: dict[str, Any], results: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Every single comparison of a claim: `each` and published tables written out.

    `each: {column: all}` is one for every value that the results have, where it can be made.
    """
    for comparison in claim.get("comparisons", []):
        test = {k: v for k, v in comparison.items() if k != "each"}
        each = {
            column: list(dict.fromkeys(results[column])) if values == "all" else values
            for column, values in comparison.get("each", {}).items()
        }
        for chosen in product(*each.values()):
            optional = "all" in comparison.get("each", {}).values()
            where = dict(zip(each, chosen, strict=True))
            yield {"test": test, "each": where, "optional": optional}
    if "published_table" in claim:
        cells = published()[claim["published_table"]]["cells"]
        for net, rows in cells.items():
            for padding, (validation, _, test, _) in rows.items():
                for split, selection, target in [
                    ("validation", "last", validation),
                    ("test", "best", test),
                ]:
                    of = {"net": net, "padding": padding, "split": split, "selection": selection}
                    body = {"of": of, "target": target, "margin": claim["margin"]}
                    yield {"test": {"within": body}, "each": {}, "optional": False}


def _select(results: pd.DataFrame, selector: dict[str, Any]) -> pd.Series:
    """The values of the rows that a selector names, by seed. Empty where there are none."""
    rows = results
    for column, wanted in selector.items():
        if column not in rows:
            return pd.Series(dtype=float)
        if wanted in ("largest", "smallest"):
            places = pd.to_numeric(rows["at"])
            wanted = places.max() if wanted == "largest" else places.min()
            rows = rows[places == wanted]
        elif isinstance(wanted, (int, float)):
            rows = rows[pd.to_numeric(rows[column], errors="coerce") == wanted]
        else:
            rows = rows[rows[column] == wanted]
    chosen: pd.Series = rows.set_index("seed")["value"]
    return chosen


def _compare(kind: str, body: dict[str, Any], values: Any, what: str) -> Comparison:
    if kind == "equal":
        return _exact(values("of"), values("minus"), what)
    if kind == "never_above":
        found = values("of")
        number = isinstance(body["bound"], (int, float))
        bound = found * 0 + body["bound"] if number else values("bound")
        return _exact(found, bound, what, body["tolerance"])
    if kind == "within":
        found = values("of") - values("minus") if "minus" in body else values("of")
        wanted = (body["target"] - body["margin"], body["target"] + body["margin"])
    elif kind in ("greater", "not_below"):
        more, less = values("more"), values("less")
        if "more_minus" in body:
            more, less = more - values("more_minus"), less - values("less_minus")
        found, wanted = more - less, (-body.get("margin", 0.0), np.inf)
    else:
        raise ValueError(f"ledger: unknown comparison '{kind}'")
    numbers = found.dropna().to_numpy(dtype=float)
    if not len(numbers):
        return Comparison(what, numbers, wanted)
    low, high = wanted
    above_low, above_high = (statistics.p_above(numbers, bound) for bound in wanted)
    below_high = 1.0 - above_high if np.isfinite(high) else 0.0
    p_for = max(above_low, below_high)  # both bounds must hold
    p_against = min(1.0 - above_low, above_high if np.isfinite(high) else 1.0)
    paired = kind != "within" or "minus" in body
    return Comparison(what, numbers, (low, high), paired=paired, p_for=p_for, p_against=p_against)


def _exact(
    of: pd.Series, other: pd.Series, what: str, tolerance: float | None = None
) -> Comparison:
    """An identity, or with a tolerance a bound: it holds in every row or it does not.

    The values are 0 where it holds.
    """
    left, right = of.to_numpy(dtype=float), other.to_numpy(dtype=float)
    if len(left) != len(right):
        left = right = np.empty(0)
    broken = left - right
    if tolerance is not None:
        broken = np.where(broken > tolerance, broken, 0.0)
    holds = bool((broken == 0).all())
    return Comparison(
        what,
        broken,
        (0.0, 0.0),
        exact=True,
        p_for=float(not holds),
        p_against=float(holds),
    )


def _wording(kind: str, body: dict[str, Any], each: dict[str, Any]) -> str:
    """A comparison in words, for tables and for saying what was not run."""

    def name(key: str) -> str:
        selector = (body[key] | each) if key in body else {}
        words = ", ".join(
            str(value) if column in SPEAKING else f"{column.replace('_', ' ')} {value}"
            for column, value in selector.items()
            if value != ""
        )
        return f"{words} - {name(f'{key}_minus')}" if f"{key}_minus" in body else words

    if kind == "greater":
        least = -body.get("margin", 0.0)
        return f"{name('more')} > {name('less')}" + (f" + {least:g}" if least else "")
    if kind == "not_below":
        margin = f"{body['margin']:g} " if body["margin"] else ""
        return f"{name('more')} not {margin}below {name('less')}"
    if kind == "equal":
        return f"{name('of')} = {name('minus')}"
    if kind == "never_above":
        bound = body["bound"]
        limit = f"{bound:g}" if isinstance(bound, (int, float)) else name("bound")
        return f"{name('of')} never above {limit}"
    difference = f" - {name('minus')}" if "minus" in body else ""
    return f"{name('of')}{difference} = {body['target']:g} ± {body['margin']:g}"
