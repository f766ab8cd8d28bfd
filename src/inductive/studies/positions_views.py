"""Tables and figures of the positions study."""

import numpy as np
import pandas as pd

from inductive.report import plotting
from inductive.report.elements import Figure, Table
from inductive.report.results import Results, plus_minus
from inductive.studies.positions import CODES, by_distance, features, fits, standard


def _numbers(results: Results, part: str) -> dict[str, int]:
    run = next(r for r in results.runs if r.labels["part"] == part)
    return {name: int(run.training[name]) for name in ("p", "n")}


def tables(results: Results) -> list[Table]:
    """What every code breaks, and the identities of the scores."""
    rows, data = [], []
    metrics = list(dict.fromkeys(results.select(part="codes", axis="code")["metric"]))
    for name in CODES:
        found = [results.estimate(metric, "code", at=name) for metric in metrics]
        rows.append([name, *(f"{e.mean:.3g}" if e else "—" for e in found)])
        data.append((name, *(e.mean if e else np.nan for e in found)))
    codes = Table(
        "codes",
        "Three codes that sources call the sinusoidal one",
        "Standard: sin and cos of i·10000^(-2k/p). S0 moves the 2 to the position; S1 divides by "
        "5000 instead of p and gives sines and cosines frequencies of their own, so that EᵀE no "
        "longer depends on i - j alone. The last column is 1 where two far positions look alike.",
        ["code", *metrics],
        rows,
        pd.DataFrame(data, columns=["code", *metrics]),
    )
    chosen = results.select(part="scores")
    identities: list[tuple[str, str, str, float]] = []
    for (metric, at), group in chosen.groupby(["metric", "at"], sort=False):
        e = results.estimate(str(metric), "form" if at else "", part="scores", at=at)
        assert e
        tiny = abs(e.mean) < 1e-6
        shown = f"{group['value'].max():.1e}" if tiny else plus_minus(e, 3)
        identities.append((str(metric), str(at), shown, e.mean))
    scores = Table(
        "scores",
        "Scores of added and of concatenated codes",
        "Mean ± 95 % interval over random features; largest value for what is rounding.",
        ["quantity", "form", "value"],
        [list(row[:3]) for row in identities],
        pd.DataFrame(
            [(row[0], row[1], row[3]) for row in identities], columns=["metric", "form", "mean"]
        ),
    )
    return [codes, scores]


def figures(results: Results) -> list[Figure]:
    """EᵀE of every code, its decay, the scores, the cross terms."""
    return [_heat(results), _decay(results), _scores(results), _dimensions(results)]


def _map(ax: "plotting.Axes", scores: np.ndarray, title: str) -> None:
    ax.imshow(scores, cmap="viridis")
    ax.grid(False)
    ax.set_title(title, fontsize=9)
    ax.set_xticks([])
    ax.set_yticks([])


def _heat(results: Results) -> Figure:
    numbers = _numbers(results, "codes")
    drawing, axes = plotting.axes(3, height=2.6)
    for ax, (name, code) in zip(axes, CODES.items(), strict=True):
        e = code(**numbers)
        _map(ax, e.T @ e, name)
    return Figure(
        "codes",
        "EᵀE of three codes",
        f"Scores of {numbers['n']} positions with each other in {numbers['p']} dimensions. The "
        "standard code's are constant along diagonals. S0's fall faster, S1's come back: positions "
        "that are far apart get the scores of near ones.",
        "Three square maps, bright along the diagonal; the last one has bright stripes besides.",
        drawing,
    )


def _decay(results: Results) -> Figure:
    numbers = _numbers(results, "codes")
    p = numbers["p"]
    longest = int(next(r for r in results.runs if r.labels["part"] == "codes").training["longest"])
    decay = by_distance(standard(p, longest).T @ standard(p, longest)) / (p / 2)
    distance = np.arange(1, longest)
    drawing, (left, right) = plotting.axes(2, height=3.0)
    left.plot(distance, decay[1:], color=plotting.COLOURS[0])
    left.set_title("linear axes", fontsize=10)
    right.plot(distance, decay[1:], color=plotting.COLOURS[0], label="standard code")
    fitted = fits(distance, decay[1:])
    right.plot(distance, fitted["logarithmic"], ":", color=plotting.INK, label="logarithm, fitted")
    colour = plotting.COLOURS[1]
    right.plot(distance, fitted["exponential"], "--", color=colour, label="exponential, fitted")
    right.set_xscale("log")
    right.set_title("logarithmic distance", fontsize=10)
    right.legend(fontsize=8)
    for ax in (left, right):
        ax.set_xlabel("distance |i - j|")
    left.set_ylabel("score / (p / 2)")
    return Figure(
        "decay",
        "How scores fall with distance",
        "One row of EᵀE by distance. On a logarithmic axis it is nearly a straight line that "
        "oscillates: scores fall with the logarithm of the distance, not exponentially.",
        "A falling, oscillating curve; against the logarithm of the distance it is straight.",
        drawing,
    )


def _scores(results: Results) -> Figure:
    numbers = _numbers(results, "scores")
    x, e = features(0, **numbers), standard(**numbers)
    joined = np.concatenate([x, e])
    stacked = np.concatenate([x, e], axis=1)
    shown = [
        ("K = X + E", (x + e).T @ (x + e)),
        ("K = [X; E]", joined.T @ joined),
        ("S0's [X E]: 2n tokens", stacked.T @ stacked),
    ]
    drawing, axes = plotting.axes(3, height=2.6)
    for ax, (title, scores) in zip(axes, shown, strict=True):
        _map(ax, scores, title)
    return Figure(
        "scores",
        "Scores of added and of concatenated codes",
        "One draw of random features. Concatenating leaves the cross terms out, so there is less "
        "noise beside the diagonal. Right: what S0's program computes instead, joining along the "
        "tokens: features and codes as separate tokens.",
        "Three square maps; the middle one is the cleanest, the right one has four quarters.",
        drawing,
    )


def _dimensions(results: Results) -> Figure:
    drawing, (left, right) = plotting.axes(2, height=3.0)
    points = results.sweep("p", "cross terms / score", scale=1, part="dimensions")
    plotting.band(left, points, "measured", 0)
    first = points.iloc[0]
    left.plot(
        points["at"],
        first["mean"] * np.sqrt(first["at"] / points["at"]),
        ":",
        color=plotting.INK,
        label="∝ 1/√p",
    )
    left.set_xscale("log")
    left.set_yscale("log")
    left.set_ylabel("cross terms / score")
    left.legend(fontsize=8)
    mean, spread = (
        results.sweep("p", metric, scale=1, part="dimensions")
        for metric in (
            "angle between features and codes (°)",
            "standard deviation of that angle (°)",
        )
    )
    right.errorbar(mean["at"], mean["mean"], spread["mean"], fmt="o", color=plotting.COLOURS[1])
    right.axhline(90, color=plotting.INK, linestyle=":")
    right.set_xscale("log")
    right.set_ylabel("angle (°), ± one sd")
    for ax in (left, right):
        ax.set_xlabel("dimensions p")
    return Figure(
        "dimensions",
        "Why adding works in many dimensions",
        "Left: the spread of the cross terms against the diagonal score, mean and 95 % interval "
        "over seeds. Right: angles between random features and codes.",
        "Left: a line that falls as one over the root of p. Right: angles close in on 90°.",
        drawing,
    )
