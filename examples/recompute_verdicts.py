"""Compute every verdict of a report again, from its files alone.

    python examples/recompute_verdicts.py results/quick/report

Reads claims.csv, comparisons.csv, looks.csv and per_seed.csv, and nothing of this project: it needs
numpy, scipy and pandas only. Prints the comparisons and claims on which it disagrees with the
report, and exits with 1 if there are any.

To judge by another level or margin, edit `level` in looks.csv or `region_low` and `region_high` in
comparisons.csv: what is printed is then what would change.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

MIN_SEEDS = 3
MOST_CORRECTED = 12.0  # times Student's p, by skewness
KEY = ["study", "claim", "comparison"]
CHECKED = {
    "mean": "the mean",
    "p_for": "p of the hypothesis that the claim is false",
    "p_against": "p of the hypothesis that the claim is true",
    "p_holm": "p after Holm's correction",
}
"""Columns of looks.csv that are computed again."""


def student_and_hall(distance: float, parts: list, widened: float, third: float) -> float:
    """One-sided p of a mean that lies `distance` above a bound.

    `parts` are (variance of the mean, degrees of freedom) of independent errors, joined by Welch
    and Satterthwaite; `widened` is what skewed seeds add to their variance, and `third` the third
    central moment of the mean by the test examples, for Hall's transformation.
    """
    total = sum(v for v, _ in parts)
    df = total**2 / sum(v**2 / d for v, d in parts if v > 0)
    t, a = np.clip(distance / np.sqrt(total + widened), -1e6, 1e6), third / total**1.5 / 3
    hall = t + a * t**2 + a**2 * t**3 / 3 + a / 2
    plain = stats.t.sf(t, df)
    return max(plain, min(stats.t.sf(hall, df), MOST_CORRECTED * plain))


def bet(values: np.ndarray, bound: float, low: float, high: float) -> float:
    """One-sided p of a mean above `bound`, valid for any values in [low, high] (Waudby-Smith and
    Ramdas, arXiv:2010.09686): 1 / the mean capital of gamblers with 20 different stakes."""
    x, m = (values - low) / (high - low), (bound - low) / (high - low)
    if m >= 1:
        return 1.0
    if m < 0:
        return 0.0
    stakes = 0.99 * np.arange(1, 21) / 20 / max(m, 0.05)
    capital = np.prod(1 + stakes[:, None] * (x - m), axis=1)
    return float(1 / max(1.0, capital.mean()))


def p_above(groups: list[np.ndarray], look: pd.Series, facts: pd.Series, bound: float) -> float:
    """One-sided p of the hypothesis that the sum of the groups' means is at most `bound`."""
    n, mean = min(map(len, groups)), sum(x.mean() for x in groups)
    if n < 2:
        return 0.5
    example_variance = 0.0 if pd.isna(look.example_variance) else look.example_variance
    if look.splits:
        if pd.isna(facts.bound_low):
            return 1.0
        sums = np.sum([x[:n] for x in groups], axis=0)
        safe = 4.0 if example_variance or look.examples > 0 else 0.0
        p = bet(sums, bound + safe * np.sqrt(example_variance), facts.bound_low, facts.bound_high)
        return min(1.0, p + (stats.norm.cdf(-safe) if safe else 0.0))
    parts = [(x.var(ddof=1) * (1 / len(x) + facts.resampling), len(x) - 1) for x in groups]
    factors = [(1 + 4.9 * look["tail"] * len(x) ** (-2 / 3)) ** 2 for x in groups]
    widened = sum(v * (f - 1) for (v, _), f in zip(parts, factors, strict=True))
    third = 0.0
    if look.examples > 0:
        parts.append((example_variance, look.examples - 1))
        third = look.example_third_moment
    if facts.published_n > 0:
        parts.append((facts.published_sd**2 / facts.published_n, facts.published_n - 1))
    constant = all(np.ptp(x) <= 1e-12 * max(1.0, abs(x[0])) for x in groups)
    if constant and np.sqrt(sum(v for v, _ in parts)) <= 1e-12 * max(1.0, abs(bound)):
        return sign_test(mean - bound, n)
    return student_and_hall(mean - bound, parts, widened, third)


def sign_test(distance: float, n: int) -> float:
    """One-sided p of n equal values."""
    if abs(distance) < 1e-9:
        return 0.5
    return 0.5**n if distance > 0 else 1 - 0.5**n


def both_sides(groups: list[np.ndarray], look: pd.Series, facts: pd.Series) -> tuple[float, float]:
    """p of the hypotheses that the claim does not hold, and that it does."""
    low, high = facts.region_low, facts.region_high
    turned = facts.copy()
    turned.bound_low, turned.bound_high = -facts.bound_high, -facts.bound_low
    other = look.copy()
    other.example_third_moment = -look.example_third_moment
    negative = [-x for x in groups]
    p_for, p_against = (
        p_above(groups, look, facts, low),
        p_above(negative, other, turned, -low),
    )
    if np.isfinite(high):  # both sides must hold
        p_for = max(p_for, p_above(negative, other, turned, -high))
        p_against = min(p_against, p_above(groups, look, facts, high))
    return p_for, p_against


def holm(p: np.ndarray) -> np.ndarray:
    """Adjusted for all p of one family."""
    order = np.argsort(p, kind="stable")
    scaled = np.minimum(1, p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.maximum.accumulate(scaled)
    return adjusted


def judge_looks(
    looks: pd.DataFrame, comparisons: pd.DataFrame, seeds: pd.DataFrame
) -> pd.DataFrame:
    """looks.csv with p_for, p_against and p_holm computed again, and the `result` of each look."""
    facts = comparisons.set_index(KEY)
    values = dict(iter(seeds.groupby(KEY)))
    looks = looks.copy()
    for i, look in looks.iterrows():
        key = tuple(look[KEY])
        if pd.isna(look.seeds):  # a value that is not finite, or a noisy machine
            looks.loc[i, ["p_for", "p_against"]] = 0.5
            continue
        seen = values[key][values[key]["from_look"] <= look.look]
        groups = [x["value"].to_numpy() for _, x in seen.groupby("group", sort=True)]
        looks.loc[i, ["p_for", "p_against"]] = both_sides(groups, look, facts.loc[key])
        looks.loc[i, "seeds"] = min(map(len, groups))
        looks.loc[i, "mean"] = sum(x.mean() for x in groups)
    looks["p"] = np.minimum(1, 2 * looks[["p_for", "p_against"]].min(axis=1))
    looks["decides"] = [facts.loc[tuple(row), "decides"] for row in looks[KEY].to_numpy()]
    for _, family in looks.groupby(["study", "look", "decides"]):
        looks.loc[family.index, "p_holm"] = holm(family["p"].to_numpy())
    decided = (looks["p_holm"] < looks["level"]) & (looks["seeds"] >= MIN_SEEDS)
    word = np.where(looks["p_for"] < looks["p_against"], "holds", "fails")
    return looks.assign(result=np.where(decided, word, "open"))


def judge_exactly(errors: np.ndarray, facts: pd.Series) -> str:
    """An identity or a bound holds where no row's error is larger than the tolerance."""
    if not len(errors):
        return "not run"
    if not np.isfinite(errors).all():
        return "open"
    kept = errors < facts.tolerance if facts.strict else errors <= facts.tolerance
    return "holds" if kept.all() else "fails"


def judge_fixed(value: float, facts: pd.Series) -> str:
    """What is the same in every repetition is inside the region or not."""
    if min(abs(value - facts.region_low), abs(value - facts.region_high)) < 1e-9:
        return "open"
    return "holds" if facts.region_low < value < facts.region_high else "fails"


def results(folder: Path) -> tuple[pd.DataFrame, list[str]]:
    """comparisons.csv with the column `again`, and what is wrong with the looks."""
    comparisons = pd.read_csv(folder / "comparisons.csv")
    seeds = pd.read_csv(folder / "per_seed.csv")
    looks = pd.read_csv(folder / "looks.csv")
    comparisons["resampling"] = comparisons["resampling"].fillna(0.0)
    for frame, name in ((comparisons, "fixed"), (comparisons, "strict"), (looks, "splits")):
        frame[name] = frame[name].astype("boolean").fillna(False).astype(bool)
    levels = looks.groupby(["study", "look"])["level"].first().groupby("study").sum()
    complaints = [
        f"{study}: the levels of its looks sum to {s}"
        for study, s in levels.items()
        if s > 0.05 + 1e-9
    ]
    again = judge_looks(looks, comparisons, seeds)
    complaints += [
        f"{study}, look {look}: its comparisons have different levels"
        for (study, look), each in looks.groupby(["study", "look"])["level"]
        if each.nunique() > 1
    ]
    for column, meaning in CHECKED.items():
        wrong = ~np.isclose(again[column], looks[column], rtol=1e-6, atol=1e-12, equal_nan=True)
        complaints += [
            f"{row.study} {row.claim}, comparison {row.comparison}, look {row.look}: {meaning} is "
            f"{getattr(row, column):.6g}, the report says {looks.loc[row.Index, column]:.6g}"
            for row in again[wrong].itertuples()
        ]
    last = again.sort_values("look").groupby(KEY)["result"].last()
    values = {key: x["value"].to_numpy(dtype=float) for key, x in seeds.groupby(KEY)}

    def word(row: pd.Series) -> str:
        key = tuple(row[KEY])
        if row.exact:
            return judge_exactly(values.get(key, np.empty(0)), row)
        if row.fixed:
            return judge_fixed(values[key].mean(), row)
        return str(last.get(key, "not run"))

    return comparisons.assign(again=comparisons.apply(word, axis=1)), complaints


def claim_verdict(words: pd.DataFrame) -> str:
    """The verdict on a claim from its comparisons, of which only those on its own data decide."""
    deciding = words.loc[words["decides"], "again"].tolist()
    if not deciding:
        return "other data" if (words["again"] != "not run").any() else "not run"
    if "not run" in deciding:
        return "not run"
    if "fails" in deciding:
        return "contradicted"
    return "inconclusive" if "open" in deciding else "reproduced"


def main(folder: Path) -> int:
    """Print every disagreement."""
    comparisons, complaints = results(folder)
    differing = comparisons[comparisons["again"] != comparisons["result"]]
    complaints += [
        f"{row.study} {row.claim}, comparison {row.comparison}: {row.again}, "
        f"the report says {row.result}"
        for row in differing.itertuples()
    ]
    claims = pd.read_csv(folder / "claims.csv")
    for claim in claims.itertuples():
        own = comparisons["study"].eq(claim.study) & comparisons["claim"].eq(claim.id)
        verdict = claim_verdict(comparisons[own])
        if verdict != claim.verdict:
            complaints.append(
                f"{claim.study} {claim.id}: {verdict}, the report says {claim.verdict}"
            )
    print(*complaints, sep="\n", end="\n" if complaints else "")
    count = f"{len(complaints)} disagreement" + "s" * (len(complaints) != 1)
    print(f"{len(claims)} claims, {len(comparisons)} comparisons: {count}")
    return int(bool(complaints))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python examples/recompute_verdicts.py <report folder>")
    try:
        sys.exit(main(Path(sys.argv[1])))
    except (OSError, KeyError, ValueError, TypeError) as error:
        sys.exit(f"{sys.argv[1]}: no report folder, or a damaged one: {error!r}")
