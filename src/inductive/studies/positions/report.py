"""Tables and figures of the positions study."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure as MatplotlibFigure

from inductive.analysis.results import Results, plus_minus
from inductive.report import figures as plotting
from inductive.report.elements import Figure, Table
from inductive.studies.positions.encodings import ENCODINGS, features, standard
from inductive.studies.positions.metrics import FORMS, IDENTITIES, LAWS, NOISE, PER_ENCODING, RISE
from inductive.studies.positions.scores import by_distance, fits
from inductive.studies.shared.analytic_plan import part_settings


def tables(results: Results) -> list[Table]:
    """How every encoding differs from the standard one, and the identities of the scores."""
    return [_encodings_table(results), _scores_table(results)]


def _encodings_table(results: Results) -> Table:
    rows, data = [], []
    for name in ENCODINGS:
        estimates = [results.estimate(f"{m}, {name}", part="codes") for m in PER_ENCODING]
        rows.append([name, *(f"{e.mean:.3g}" if e else "—" for e in estimates)])
        data.append((name, *(e.mean if e else np.nan for e in estimates)))
    return Table(
        "codes",
        "Three encodings that sources call the sinusoidal one",
        "Standard: sin and cos of i·10000^(-2k/p). Doubled: the 2 is a factor of the position. "
        "Unpaired: divides by 5000 instead of p and gives sines and cosines different frequencies, "
        "so that EᵀE no longer depends on i - j alone. Last column: the largest increase of the "
        "mean score of a distance over that of a smaller distance.",
        ["code", *PER_ENCODING],
        rows,
        pd.DataFrame(data, columns=["code", *PER_ENCODING]),
    )


def _scores_table(results: Results) -> Table:
    rows, data = [], []
    quantities = [(metric, "") for metric in IDENTITIES] + [(NOISE, form) for form in FORMS]
    for metric, form in quantities:
        name = f"{metric}, {form}" if form else metric
        e = results.estimate(name, part="scores")
        assert e
        if abs(e.mean) < 1e-6:
            shown = f"{results.select(name, part='scores')['value'].max():.1e}"
        else:
            shown = plus_minus(e, 3)
        rows.append([metric, form, shown])
        data.append((metric, form, e.mean))
    return Table(
        "scores",
        "Scores of added and of concatenated encodings",
        "Mean ± 95 % interval over random features; of rounding errors, the largest value.",
        ["quantity", "form", "value"],
        rows,
        pd.DataFrame(data, columns=["metric", "form", "mean"]),
    )


def figures(results: Results) -> list[Figure]:
    """EᵀE of every encoding, its decay, the scores, the cross terms."""
    return [_encodings(results), _decay(results), _scores(results), _dimensions(results)]


def _maps(maps: dict[str, np.ndarray], what: str) -> MatplotlibFigure:
    """Square maps of scores by title, side by side on one scale of colours."""
    drawing, axes = plotting.axes(len(maps), height=2.6)
    low = min(scores.min() for scores in maps.values())
    high = max(scores.max() for scores in maps.values())
    for ax, (title, scores) in zip(axes, maps.items(), strict=True):
        image = ax.imshow(scores, cmap="viridis", vmin=low, vmax=high)
        ax.grid(False)
        ax.set_title(title, fontsize=9)
        ax.set_xlabel(f"{what} j", fontsize=9)
        ax.tick_params(labelsize=8)
    axes[0].set_ylabel(f"{what} i", fontsize=9)
    drawing.colorbar(image, ax=axes, label="score", shrink=0.8)
    return drawing


def _encodings(results: Results) -> Figure:
    settings = part_settings(results.runs, "codes")
    p, n = settings["p"], settings["n"]
    maps = {name: encoding(p, n).T @ encoding(p, n) for name, encoding in ENCODINGS.items()}
    rises = ", ".join(
        f"{name} {e.mean:.2f}"
        for name in ENCODINGS
        if (e := results.estimate(f"{RISE}, {name}", part="codes"))
    )
    return Figure(
        "codes",
        "EᵀE of three encodings",
        f"Scores of {n} positions with each other in {p} dimensions, on one scale of colours. How "
        "far the mean score at a distance rises above that at a smaller one, as a fraction of "
        f"p / 2: {rises}.",
        "Three square maps of the scores of position i with position j, one per encoding.",
        _maps(maps, "position"),
    )


def _decay(results: Results) -> Figure:
    settings = part_settings(results.runs, "codes")
    p, longest = settings["p"], settings["longest"]
    decay = by_distance(standard(p, longest).T @ standard(p, longest)) / (p / 2)
    distance = np.arange(1, longest)
    drawing, (left, right) = plotting.axes(2, height=3.0)
    left.plot(distance, decay[1:], color=plotting.COLOURS[0])
    left.set_title("linear axes", fontsize=10)
    right.plot(distance, decay[1:], color=plotting.COLOURS[0], label="standard encoding")
    fitted = fits(distance, decay[1:])
    right.plot(distance, fitted["logarithmic"], ":", color=plotting.INK, label="logarithm, fitted")
    colour = plotting.COLOURS[1]
    right.plot(distance, fitted["exponential"], "--", color=colour, label="exponential, fitted")
    right.set_xscale("log")
    right.set_title("logarithmic distance", fontsize=10)
    right.legend(fontsize=8)
    errors = ", ".join(
        f"{e.mean:.3f} of the {law}"
        for law in reversed(LAWS)
        if (e := results.estimate(f"error of the {law} fit, of p / 2", part="codes"))
    )
    for ax in (left, right):
        ax.set_xlabel("distance |i - j|")
    left.set_ylabel("score / (p / 2)")
    return Figure(
        "decay",
        "How scores fall with distance",
        "Mean score at a distance, as a fraction of a position's score with itself, and two fits "
        f"of two parameters each; root mean square error of the fit: {errors}. A logarithm is a "
        "straight line on the right.",
        "Score against distance, left on linear axes, right on a logarithmic one with two fits.",
        drawing,
    )


def _scores(results: Results) -> Figure:
    run = next(run for run in results.runs if run.labels["part"] == "scores")
    p, n = run.evaluation["p"], run.evaluation["n"]
    x, e = features(run.seeds[0], p, n), standard(p, n)
    concatenated = np.concatenate([x, e])
    separate = np.concatenate([x, e], axis=1)
    maps = {
        "K = X + E": (x + e).T @ (x + e),
        "K = [X; E]": concatenated.T @ concatenated,
        "K = [X E]: 2n tokens": separate.T @ separate,
    }
    noise = ", ".join(
        f"{ratio.mean:.2f} {form}"
        for form in FORMS
        if (ratio := results.estimate(f"{NOISE}, {form}", part="scores"))
    )
    return Figure(
        "scores",
        "Scores of added and of concatenated encodings",
        "One draw of random features, on one scale of colours. Concatenation has no cross terms. "
        "Standard deviation, off the diagonal, of the part of the scores that does not depend on "
        f"positions, as a fraction of the mean diagonal: {noise}. Right: as a source's "
        "program does it, concatenated along the tokens: features and encodings are separate "
        "tokens.",
        "Three square maps of scores of token i with token j: added, concatenated, and "
        "concatenated along the tokens.",
        _maps(maps, "token"),
    )


def _dimensions(results: Results) -> Figure:
    drawing, (left, right) = plotting.axes(2, height=3.0)
    points = results.sweep("dimension", "cross terms / score", part="dimensions")
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
        results.sweep("dimension", metric, part="dimensions")
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
        "over seeds; dotted: a fall as 1/√p. Right: mean angle between random features and "
        "encodings, with its standard deviation; dotted: a right angle.",
        "Left: cross terms over score against the dimension, on logarithmic axes. Right: angles "
        "and their spread against the dimension.",
        drawing,
    )
