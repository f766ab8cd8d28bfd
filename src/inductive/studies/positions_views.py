"""Tables and figures of the positions study."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure as MatplotlibFigure

from inductive.report import plotting
from inductive.report.elements import Figure, Table
from inductive.report.results import Results, plus_minus
from inductive.studies.positions import CODES, by_distance, features, fits, standard

RISE = "largest rise of the mean score with distance, of p / 2"
NOISE = "noise off the diagonal / diagonal"


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
        "longer depends on i - j alone. Last column: by how much the score, averaged over all "
        "pairs of a distance, is at some distance above that at a smaller one.",
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


def _maps(shown: dict[str, np.ndarray], what: str) -> MatplotlibFigure:
    """Square maps of scores by title, beside each other on one scale of colours."""
    drawing, axes = plotting.axes(len(shown), height=2.6)
    low = min(scores.min() for scores in shown.values())
    high = max(scores.max() for scores in shown.values())
    for ax, (title, scores) in zip(axes, shown.items(), strict=True):
        image = ax.imshow(scores, cmap="viridis", vmin=low, vmax=high)
        ax.grid(False)
        ax.set_title(title, fontsize=9)
        ax.set_xlabel(f"{what} j", fontsize=9)
        ax.tick_params(labelsize=8)
    axes[0].set_ylabel(f"{what} i", fontsize=9)
    drawing.colorbar(image, ax=axes, label="score", shrink=0.8)
    return drawing


def _heat(results: Results) -> Figure:
    numbers = _numbers(results, "codes")
    shown = {name: code(**numbers).T @ code(**numbers) for name, code in CODES.items()}
    rises = ", ".join(
        f"{name} {e.mean:.2f}"
        for name in CODES
        if (e := results.estimate(RISE, "code", part="codes", at=name))
    )
    return Figure(
        "codes",
        "EᵀE of three codes",
        f"Scores of {numbers['n']} positions with each other in {numbers['p']} dimensions, on "
        "one scale of colours. How far the mean score of a distance comes back above that of a "
        f"smaller one, of p / 2: {rises}.",
        "Three square maps of the scores of place i with place j, one for each code.",
        _maps(shown, "place"),
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
    errors = ", ".join(
        f"{e.mean:.3f} of the {law}"
        for law in ("logarithmic", "exponential")
        if (e := results.estimate(f"error of the {law} fit, of p / 2", part="codes"))
    )
    for ax in (left, right):
        ax.set_xlabel("distance |i - j|")
    left.set_ylabel("score / (p / 2)")
    return Figure(
        "decay",
        "How scores fall with distance",
        "Mean score of a distance, of that of a place with itself, against the distance, and two "
        f"fits of two parameters each; root mean square error of the fit: {errors}. A "
        "logarithm is a straight line on the right.",
        "Score against distance, left on linear axes, right on a logarithmic one with two fits.",
        drawing,
    )


def _scores(results: Results) -> Figure:
    numbers = _numbers(results, "scores")
    x, e = features(0, **numbers), standard(**numbers)
    joined = np.concatenate([x, e])
    stacked = np.concatenate([x, e], axis=1)
    shown = {
        "K = X + E": (x + e).T @ (x + e),
        "K = [X; E]": joined.T @ joined,
        "S0's [X E]: 2n tokens": stacked.T @ stacked,
    }
    noise = ", ".join(
        f"{ratio.mean:.2f} {form}"
        for form in ("added", "concatenated")
        if (ratio := results.estimate(NOISE, "form", part="scores", at=form))
    )
    return Figure(
        "scores",
        "Scores of added and of concatenated codes",
        "One draw of random features, on one scale of colours. Concatenating leaves the cross "
        "terms out; what does not come from position, off the diagonal, has a standard deviation "
        f"of so much of the mean diagonal: {noise}. Right: what S0's program computes instead, "
        "joining along the tokens: features and codes as separate tokens.",
        "Three square maps of scores of token i with token j: added, concatenated, and joined "
        "along the tokens.",
        _maps(shown, "token"),
    )


def _dimensions(results: Results) -> Figure:
    drawing, (left, right) = plotting.axes(2, height=3.0)
    points = results.sweep("p", "cross terms / score", scale=1, part="dimensions")
    left.set_xscale("log")
    left.set_yscale("log")
    plotting.band(left, points, "measured", 0, limits=plotting.POSITIVE)
    first = points.iloc[0]
    left.plot(
        points["at"],
        first["mean"] * np.sqrt(first["at"] / points["at"]),
        ":",
        color=plotting.INK,
        label="∝ 1/√p",
    )
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
        "over seeds; dotted: a fall as 1/√p. Right: mean angle between random features and codes, "
        "with its standard deviation; dotted: a right angle.",
        "Left: cross terms over score against the dimension, on logarithmic axes. Right: angles "
        "and their spread against the dimension.",
        drawing,
    )
