"""Tables and figures of the attention study."""

import pandas as pd

from inductive.analysis.results import Results, plus_minus
from inductive.report import figures as plotting
from inductive.report.elements import Figure, Table
from inductive.studies.attention.metrics import (
    COSTS,
    CUT,
    FORMS,
    IDENTITIES,
    INPUTS,
    SCALINGS,
    SWAPPED,
    TARGETS,
)
from inductive.studies.shared.analytic_plan import part_settings


def tables(results: Results) -> list[Table]:
    """Identities, and the exponents of time and memory."""
    return [_identities(results), _exponents(results)]


def _identities(results: Results) -> Table:
    rows, data = [], []
    for name in IDENTITIES:
        values = results.select(f"difference, {name}", part="forms")["value"]
        largest = float(values.max())
        rows.append([name, f"{largest:.1e}"])
        data.append((name, largest))
    return Table(
        "identities",
        "Efficient forms against plain ones",
        "Largest difference of any entry over all seeds, in float64. Fused, windowed and linear "
        "attention are programs for the same formula; a product through an SVD and Q(CK)ᵀDV are "
        "identities of matrices.",
        ["fast - plain", "largest difference"],
        rows,
        pd.DataFrame(data, columns=["form", "largest difference"]),
    )


def _exponents(results: Results) -> Table:
    rows, data = [], []
    lengths = part_settings(results.runs, "cost")["tokens"]
    longest, count = max(lengths), len(lengths)
    for form in FORMS:
        row = [form]
        for metric in COSTS:
            exponent = results.estimate(f"exponent, {metric}, {form}", part="cost")
            value = results.estimate(f"{metric}, {form}", part="cost", tokens=longest)
            assert exponent
            assert value
            time, memory = f"{value.mean:.3g} ms", f"{value.mean / 2**20:.3g} MiB"
            row += [plus_minus(exponent, 2), time if metric == "milliseconds" else memory]
            data.append((form, metric, exponent.mean, exponent.low, exponent.high, value.mean))
        rows.append(row)
    return Table(
        "exponents",
        "Time and memory of one pass",
        "Exponents of time and of memory in the number of tokens, fitted to the upper half of the "
        f"{count} lengths, mean ± 95 % interval over repetitions (memory repeats exactly). For the "
        "time only lengths count where a pass takes at least four times as long as at the "
        "smallest one, because constant costs hide the growth below. Beside them "
        f"both at {longest} tokens. Memory is the peak of what torch allocates beyond the inputs. "
        "Fused attention computes the same n² scores without storing them; it stores so little "
        "that buffers of constant size lower its exponent.",
        ["form", "time grows as n^", f"at {longest}", "memory grows as n^", f"at {longest}"],
        rows,
        pd.DataFrame(data, columns=["form", "metric", "exponent", "low", "high", "value"]),
    )


def figures(results: Results) -> list[Figure]:
    """Scaling, heads, order, cost, relative attention."""
    return [
        _scale(results),
        _heads(results),
        _order(results),
        _cost(results),
        _relative(results),
        _rank(results),
    ]


def _scale(results: Results) -> Figure:
    drawing, axes = plotting.axes(3, height=2.8)
    quantities = [
        ("variance of scores", "variance of scores"),
        ("entropy of weights", "entropy / ln n"),
        ("gradient of the softmax", "1 - Σ a²"),
    ]
    axes[0].set_yscale("log")
    for ax, (metric, label) in zip(axes, quantities, strict=True):
        for i, form in enumerate(SCALINGS):
            points = results.sweep("width", f"{metric}, {form}", part="scale")
            plotting.band(ax, points, form, i)
        ax.set_xscale("log", base=2)
        ax.set_xlabel("width d")
        ax.set_title(label, fontsize=10)
    axes[0].legend(fontsize=8)
    return Figure(
        "scale",
        "Why scores are divided by √d",
        "Variance of q·k; entropy of the attention weights a, as a share of the uniform ones'; and "
        "the trace of the softmax's derivative, mean over queries. Where the last two are near 0, "
        "one token has all the weight and no gradient passes.",
        "Variance of scores, entropy of weights and trace of the derivative, by width of the head.",
        drawing,
    )


def _heads(results: Results) -> Figure:
    drawing, (ax,) = plotting.axes(1, height=3.2)
    highest = 0.0
    for i, rank in enumerate(part_settings(results.runs, "heads")["ranks"]):
        points = results.sweep("heads", "rank of the output", part="heads", weight_rank=rank)
        highest = max(highest, float(points["mean"].max()))
        plotting.band(ax, points, f"weights of rank {rank}", i)
        ax.plot(points["at"], points["at"] * (rank - 1) + 1, ":", color=plotting.INK, linewidth=0.8)
    ax.set_ylim(0, highest * 1.1)
    ax.set_xscale("log", base=2)
    ax.set_xlabel("heads, at one total width")
    ax.set_ylabel("rank of the output")
    ax.legend(fontsize=8)
    return Figure(
        "heads",
        "Rank of the output by number of heads",
        "When every head's weights have low rank r, the output of a single head has at most rank "
        "r; H heads of the same total cost reach H(r - 1) + 1 (dotted), up to the width.",
        "Rank of the output by number of heads, one curve per rank of the weights.",
        drawing,
    )


def _order(results: Results) -> Figure:
    drawing, (left, right) = plotting.axes(2, height=2.8)
    broken = {
        name.replace(" ", "\n", 1): e.mean
        for name in INPUTS
        if (e := results.estimate(f"equivariance broken, relative, {name}", part="order"))
    }
    left.barh(list(broken), list(broken.values()), color=plotting.COLOURS[0])
    left.set_xlabel("|f(Px) - Pf(x)| / |f(x)|")
    points = results.sweep("causal_layers", SWAPPED, part="order")
    right.bar([str(int(a)) for a in points["at"]], points["mean"], color=plotting.COLOURS[1])
    right.set_xlabel("causal layers without positions")
    right.set_ylabel("change of the last output")
    return Figure(
        "order",
        "Does attention depend on the order of tokens?",
        "Left: permuting the tokens permutes the output, except with positions or a causal mask. "
        "Right: two earlier words are exchanged. The last output of one causal layer does not "
        "change (a bag of words), that of two layers does: the mask alone gives a decoder some "
        "information about the order.",
        "Bars: the violation of equivariance, and the change of the last output.",
        drawing,
    )


def _cost(results: Results) -> Figure:
    drawing, axes = plotting.axes(2, height=3.2)
    for ax, metric in zip(axes, COSTS, strict=True):
        ax.set_yscale("log")
        for i, form in enumerate(FORMS):
            points = results.sweep("tokens", f"{metric}, {form}", part="cost")
            plotting.band(ax, points, form, i)
        ax.set_xscale("log", base=2)
        ax.set_xlabel("tokens n")
        ax.set_ylabel(metric)
    axes[0].legend(fontsize=8)
    return Figure(
        "cost",
        "Time and memory by length",
        "One pass of one head. On logarithmic axes a power is a straight line; n² rises fourfold "
        "with every doubling of n. An exponential would bend upwards.",
        "Milliseconds and bytes by number of tokens, one line per form of attention.",
        drawing,
    )


def _relative(results: Results) -> Figure:
    drawing, axes = plotting.axes(2, height=3.0)
    for ax, name in zip(axes, TARGETS, strict=True):
        ax.set_yscale("log")
        points = results.sweep("sharpness", f"error, {name}", part="relative")
        plotting.band(ax, points, "error", 0)
        bound = results.sweep("sharpness", f"bound, {name}", part="relative")
        ax.plot(bound["at"], bound["mean"], ":", color=plotting.INK, label="bound")
        ax.set_xscale("log")
        ax.set_xlabel("sharpness")
        ax.set_title(name, fontsize=10)
    axes[0].set_ylabel("largest error")
    axes[1].legend(fontsize=8)
    kernel = part_settings(results.runs, "relative")["kernel"]
    return Figure(
        "relative",
        "Convolution and max pooling by relative attention",
        f"Largest error at inner positions against the convolution with {kernel} and against max "
        "pooling. The bounds: the first falls exponentially in the sharpness, down to rounding, "
        "the second as its inverse.",
        "Largest error by sharpness, and its bound, for convolution and max pooling.",
        drawing,
    )


def _rank(results: Results) -> Figure:
    drawing, (ax,) = plotting.axes(1, height=2.6)
    points = results.sweep("relative_rank", CUT, part="forms")
    ax.bar([f"{a:g}" for a in points["at"]], points["mean"], color=plotting.COLOURS[0])
    ax.set_xlabel("rank kept / tokens")
    ax.set_ylabel("error of the output (%)")
    return Figure(
        "rank",
        "Softmax weights of random scores are not of low rank",
        "Attention through an SVD is exact at the rank that the weights have. Those of random "
        "queries and keys are not of low rank. Weights after training are not measured here.",
        "Error of the output by the rank that is kept.",
        drawing,
    )
