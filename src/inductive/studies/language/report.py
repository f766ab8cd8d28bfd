"""Tables and figures of the language study."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing

from inductive.analysis.results import Results, plus_minus
from inductive.analysis.statistics import Estimate
from inductive.core.run import Run
from inductive.report import figures as plotting
from inductive.report.elements import Figure, Table
from inductive.studies.language.names import (
    BITS,
    GRAMMAR,
    KNOWN,
    ORIGINAL,
    of_original,
    sampling_grid,
)


class Column(NamedTuple):
    """A statistic of samples and how it is shown."""

    metric: str
    label: str


COLUMNS = (
    Column("real words", "real words (%)"),
    Column("distinct words", "different words (%)"),
    Column("distinct 2-grams", "different pairs (%)"),
    Column("new 4-grams", "new 4-word sequences (%)"),
    Column("longest copy", "longest copy (characters)"),
    Column("entropy of the prediction", "entropy (bits)"),
)


def _name(run: Run) -> str:
    """The labels that distinguish a run from the others."""
    labels = run.labels
    if labels["protocol"] == "course":
        return "course"
    if labels["attention"] != "fused":
        return f"{labels['positions']}, {labels['attention']} attention"
    if labels["mlp_layers"] != 1:
        return f"{labels['positions']}, {labels['mlp_layers']} MLP layers"
    return str(labels["positions"])


def _labels(run: Run) -> dict[str, Any]:
    shown = ("protocol", "positions", "block", "attention", "mlp_layers")
    return {k: run.labels[k] for k in shown}


def _key(run: Run) -> dict[str, Any]:
    """The selector of a run's losses."""
    part = "train" if run.labels["protocol"] == "course" else "validation"
    return _labels(run) | {"split": part, "selection": "last"}


def tables(results: Results) -> list[Table]:
    """Every model, the effect of sampling settings, and texts to read."""
    return [_summary(results), _sampling(results), _texts(results)]


def _summary(results: Results) -> Table:
    rows, data = [], []
    longest = max(results.runs[0].evaluation["stretch"])
    for run in results.runs:
        key = _key(run)
        whole = results.estimate(BITS, **key)
        known = results.estimate(KNOWN, **key)
        far = results.estimate(BITS, relative_length=longest, **key)
        size = results.estimate("parameters", **_labels(run))
        assert whole
        assert size
        cells = [plus_minus(e, 3) for e in (whole, known, far)]
        rows.append([_name(run), str(run.labels["block"]), *cells, f"{size.mean:,.0f}"])
        for metric, e in [(BITS, whole), (KNOWN, known), (f"{BITS} at {longest:g}", far)]:
            if e:
                values = (metric, e.mean, e.low, e.high, e.n)
                data.append((_name(run), run.labels["block"], *values))
    grammar = results.select(GRAMMAR)["value"]
    floor = (
        f" Under its own grammar this text has {grammar.mean():.3f} bits per character."
        if len(grammar)
        else ""
    )
    return Table(
        "summary",
        "Bits per character of held-out text",
        "Mean ± 95 % interval over seeds, last step: over a whole block; over its second half, "
        "where half a block is known; and over windows "
        f"{longest:g} times as long as those of training.{floor} The course holds nothing out, so "
        "its figure is of its training text.",
        ["model", "block", "whole block", "half known", f"{longest:g} blocks", "parameters"],
        rows,
        pd.DataFrame(data, columns=["model", "block", "metric", "mean", "low", "high", "n"]),
    )


def _writer(results: Results) -> Run:
    """The base model of the clean protocol, or the course's if no other is run."""
    return [run for run in results.runs if run.labels["base"]][-1]


def _grid(run: Run) -> dict[str, dict[str, int | float]]:
    samples = run.evaluation["samples"]
    return sampling_grid(samples["temperatures"], samples["top_p"], samples["top_k"])


def _of_samples(results: Results, run: Run, metric: str) -> dict[str, Estimate | None]:
    """The author's text and then every sampling setting -> estimate of a statistic."""
    key, original = _labels(run) | {"selection": "last"}, of_original(metric)
    measured = original in results.metrics  # a text has no entropy of predictions
    estimates = {ORIGINAL: results.estimate(original, **key) if measured else None}
    return estimates | {
        name: results.estimate(metric, **settings, **key) for name, settings in _grid(run).items()
    }


def _sampling(results: Results) -> Table:
    run = _writer(results)
    columns = {column.metric: _of_samples(results, run, column.metric) for column in COLUMNS}
    rows, data = [], []
    for name in (ORIGINAL, *_grid(run)):
        row = [name]
        for metric, estimates in columns.items():
            e = estimates[name]
            row.append(f"{e.mean:.1f}" if e and name == ORIGINAL else plus_minus(e))
            if e:
                data.append((name, metric, e.mean, e.low, e.high, e.n))
        rows.append(row)
    samples = run.evaluation["samples"]
    return Table(
        "sampling",
        "The effect of sampling settings",
        f"Statistics of {samples['count']} texts of {samples['characters']} characters that follow "
        f"held-out prompts, by the model `{_name(run)}`; mean ± 95 % interval over seeds. A word "
        "is real if the training text contains it, a sequence new if it does not, and a copy is in "
        "it verbatim; the first and the last word, which may be parts of words, do not count. "
        "Entropy is that of the model's prediction at temperature 1, mean over positions. The "
        f"first row, `{ORIGINAL}`, is the original text: one value for all seeds, without an "
        "interval for its sampling error.",
        ["sampling", *(column.label for column in COLUMNS)],
        rows,
        pd.DataFrame(data, columns=["sampling", "metric", "mean", "low", "high", "n"]),
    )


def _texts(results: Results) -> Table:
    run = _writer(results)
    seed, prompts = run.example, run.evaluation["prompts"]
    texts = results.note(run, "texts", seed) if prompts else []
    rows = [
        [prompt["text"], text, f"{prompt['temperature']:g}, {prompt['top_p']:g}"]
        for prompt, text in zip(prompts, texts, strict=True)
    ]
    return Table(
        "texts",
        "Texts to read",
        f"What the model `{_name(run)}` (seed {seed}) writes after each prompt, unedited; "
        "`inductive sample` writes more. The context of a model is one block, "
        f"{run.training['block']} characters, so only the end of a longer prompt is used.",
        ["prompt", "continued", "temperature, top-p"],
        rows,
        pd.DataFrame(rows, columns=["prompt", "continued", "temperature, top-p"]),
    )


def figures(results: Results) -> list[Figure]:
    """Learning curves, loss by length and by position, sampling."""
    return [_learning(results), _lengths(results), _positions(results), _tradeoff(results)]


def _compared(results: Results) -> list[Run]:
    """The position encodings at the base block."""
    return [
        run
        for run in results.runs
        if run.labels["protocol"] == "clean"
        and run.labels["at_base_block"]
        and run.labels["attention"] == "fused"
        and run.labels["mlp_layers"] == 1
    ]


def _draw_floor(results: Results, ax: Axes) -> None:
    grammar = results.select(GRAMMAR)["value"]
    if len(grammar):
        ax.axhline(grammar.mean(), color=plotting.INK, linestyle=":", label="the grammar itself")


def _learning(results: Results) -> Figure:
    drawing, (ax,) = plotting.axes(1, height=3.4)
    runs = [r for r in results.runs if r.labels["at_base_block"] and r.labels["mlp_layers"] == 1]
    for i, run in enumerate(runs):
        rows = results.history
        for label, value in run.labels.items():
            rows = rows[rows[label] == value]
        rows = rows.assign(value=rows["value"] / np.log(2), model=_name(run))
        for name, points in plotting.curves(rows, "model", "loss", "validation"):
            points = points.assign(at=points["at"] * run.training["report_every"])
            plotting.band(ax, points, name, i, limits=plotting.POSITIVE)
    _draw_floor(results, ax)
    ax.set_xlabel("steps")
    ax.set_ylabel(BITS)
    ax.legend(fontsize=8)
    return Figure(
        "learning",
        "Learning curves",
        "Loss on held-out windows while training, in bits per character, mean and 95 % interval "
        "over seeds (the course's is on its training text).",
        "Loss by training step, one curve per model.",
        drawing,
    )


def _beyond(results: Results, coordinate: str, label: str) -> Drawing:
    """Loss of every position encoding by length or position, in blocks."""
    drawing, (ax,) = plotting.axes(1, height=3.4)
    for i, run in enumerate(_compared(results)):
        points = results.sweep(coordinate, BITS, **_key(run))
        plotting.band(ax, points, _name(run), i, limits=plotting.POSITIVE)
    _draw_floor(results, ax)
    ax.axvline(1, color=plotting.INK, linewidth=0.8, linestyle="--")
    ax.set_xlabel(label)
    ax.set_ylabel(BITS)
    ax.legend(fontsize=8)
    return drawing


def _lengths(results: Results) -> Figure:
    return Figure(
        "lengths",
        "Longer windows than in training",
        "Mean over windows of each length; the dashed line is the length of training windows. The "
        "loss of a model that can use a longer context decreases further, that of one that cannot "
        "increases. The learned table has rows beyond the line, but they were never trained.",
        "Loss by length of the window, one curve per position encoding.",
        _beyond(results, "relative_length", "length / length of training windows"),
    )


def _positions(results: Results) -> Figure:
    return Figure(
        "places",
        "Loss by position in a window",
        "Mean loss by position. The first characters have little context; positions beyond the "
        "dashed line were never seen in training.",
        "Loss by position in the window, one curve per position encoding.",
        _beyond(results, "relative_position", "position / length of training windows"),
    )


def _tradeoff(results: Results) -> Figure:
    run = _writer(results)
    drawing, axes = plotting.axes(2, height=3.2)
    xs = _of_samples(results, run, "distinct 2-grams")
    shown = [column for column in COLUMNS if column.metric in ("real words", "longest copy")]
    for ax, (metric, label) in zip(axes, shown, strict=True):
        ys = _of_samples(results, run, metric)
        for i, (name, x) in enumerate(xs.items()):
            y = ys[name]
            if x and y:
                marker = plotting.MARKERS[i % len(plotting.MARKERS)]
                colour = plotting.COLOURS[i % len(plotting.COLOURS)]
                hollow = "none" if i >= len(plotting.COLOURS) else colour
                ax.plot(x.mean, y.mean, marker, color=colour, markerfacecolor=hollow, label=name)
        ax.set_xlabel("different pairs of words (%)")
        ax.set_ylabel(label)
    drawing.legend(
        *axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=7
    )
    return Figure(
        "sampling",
        "Variety against resemblance to the text",
        "One point per sampling setting, means over seeds; the table has their intervals. Further "
        "right, texts repeat themselves less; higher, they have more words of the training text "
        "(left) or copy longer parts of it (right).",
        "Real words, and the longest copy, against the share of different pairs of words.",
        drawing,
    )
