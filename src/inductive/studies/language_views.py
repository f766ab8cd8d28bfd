"""Tables and figures of the language study."""

from typing import Any

import numpy as np
import pandas as pd

from inductive.errors import InputError
from inductive.nn.sampling import Sampling
from inductive.report import plotting
from inductive.report.elements import Figure, Table
from inductive.report.results import Results, plus_minus
from inductive.run import Run
from inductive.studies.language import BITS, KNOWN
from inductive.studies.language_task import LanguageTask
from inductive.studies.language_writing import ITSELF, settings, written

WRITTEN = 240  # characters of a sample that is shown


def _name(run: Run) -> str:
    """What sets a run apart."""
    labels = run.labels
    if labels["protocol"] == "course":
        return "course"
    if labels["attention"] != "fused":
        return f"{labels['positions']}, {labels['attention']} attention"
    if labels["mlp_layers"] != 1:
        return f"{labels['positions']}, {labels['mlp_layers']} MLP layers"
    return str(labels["positions"])


def _key(run: Run) -> dict[str, Any]:
    part = "train" if run.labels["protocol"] == "course" else "validation"
    shown = ("protocol", "positions", "block", "attention", "mlp_layers")
    return {k: run.labels[k] for k in shown} | {"split": part, "selection": "last"}


def tables(results: Results) -> list[Table]:
    """Every model, what sampling does, and texts to read."""
    return [_summary(results), _sampling(results), _texts(results)]


def _summary(results: Results) -> Table:
    rows, data = [], []
    longest = max(results.runs[0].evaluation["stretch"])
    for run in results.runs:
        key = _key(run)
        whole = results.estimate(BITS, **key)
        known = results.estimate(KNOWN, **key)
        far = results.estimate(BITS, "length / block", at=f"{longest:g}", **key)
        size = results.estimate("parameters", **{k: v for k, v in key.items() if k in run.labels})
        assert whole
        assert size
        cells = [plus_minus(e, 3) for e in (whole, known, far)]
        rows.append([_name(run), str(run.labels["block"]), *cells, f"{size.mean:,.0f}"])
        for metric, e in [(BITS, whole), (KNOWN, known), (f"{BITS} at {longest:g}", far)]:
            if e:
                numbers = (metric, e.mean, e.low, e.high, e.n)
                data.append((_name(run), run.labels["block"], *numbers))
    floor = results.select(metric="bits per character of the grammar")["value"]
    below = "" if floor.empty else f" The grammar's own cost of this text is {floor.mean():.3f}."
    return Table(
        "summary",
        "Bits per character of held-out text",
        "Mean ± 95 % interval over seeds, last step: over a block; over its second half, where "
        f"half a block is known; and over windows {longest:g} times as long as those of training."
        f"{below} The course holds nothing out, so its figure is of its training text.",
        ["model", "block", "a block", "half a block known", f"{longest:g} blocks", "parameters"],
        rows,
        pd.DataFrame(data, columns=["model", "block", "metric", "mean", "low", "high", "n"]),
    )


def _writer(results: Results) -> Run:
    """The base model of the clean protocol, or the course's where that is all there is."""
    base = [run for run in results.runs if run.labels["base"]]
    return base[-1]


METRICS = (
    ("real words", 100, "real words (%)"),
    ("distinct words", 100, "different words (%)"),
    ("distinct 2-grams", 100, "different pairs (%)"),
    ("new 4-grams", 100, "new 4-word sequences (%)"),
    ("longest copy", 1, "longest copy (characters)"),
    ("entropy of the prediction", 1, "entropy (bits)"),
)


def _sampling(results: Results) -> Table:
    run = _writer(results)
    key = {k: v for k, v in _key(run).items() if k != "split"}
    rows, data = [], []
    for name in (ITSELF, *settings(run.evaluation["samples"])):
        row = [name]
        for metric, scale, _ in METRICS:
            e = results.estimate(metric, "sampling", scale=scale, at=name, **key)
            row.append(f"{e.mean:.1f}" if e and name == ITSELF else plus_minus(e))
            if e:
                data.append((name, metric, e.mean, e.low, e.high, e.n))
        rows.append(row)
    numbers = run.evaluation["samples"]
    return Table(
        "sampling",
        "What sampling does",
        f"Of {numbers['count']} texts of {numbers['characters']} characters that follow held-out "
        f"prompts, by the model `{_name(run)}`; mean ± 95 % interval over seeds. A word is real, "
        "and a sequence new, by the training text; a copy stands there verbatim; the first and the "
        "last word, which may be parts of words, do not count. Entropy is that of the model's own "
        f"prediction at temperature 1, mean over places. First, `{ITSELF}`: what the author wrote "
        "there, one value whatever the seed; it has a scatter of its own that no interval shows.",
        ["sampling", *(label for _, _, label in METRICS)],
        rows,
        pd.DataFrame(data, columns=["sampling", "metric", "mean", "low", "high", "n"]),
    )


def _texts(results: Results) -> Table:
    run = _writer(results)
    member, data, device = results.network(run)
    judge = LanguageTask(run.training, data, device)
    rows = []
    for prompt in run.evaluation["prompts"]:
        sampling = Sampling(prompt["temperature"], top_p=prompt["top_p"])
        try:
            text = written(judge, member, prompt["text"], WRITTEN, sampling, 0)
        except InputError as error:  # another text has another alphabet
            text = f"({error})"
        how = f"{prompt['temperature']:g}, {prompt['top_p']:g}"
        rows.append([prompt["text"], text, how])
    return Table(
        "texts",
        "Read it",
        f"What the model `{_name(run)}` (seed {run.seeds[0]}) writes after each prompt, as it "
        "came: `inductive sample` writes more. A model sees no more than its block, "
        f"{run.training['block']} characters, so of a longer prompt only the end.",
        ["prompt", "continued", "temperature, top-p"],
        rows,
        pd.DataFrame(rows, columns=["prompt", "continued", "temperature, top-p"]),
    )


def figures(results: Results) -> list[Figure]:
    """Learning curves, loss by length and by place, sampling."""
    return [_learning(results), _lengths(results), _places(results), _tradeoff(results)]


def _compared(results: Results) -> list[Run]:
    """The position codes at the base block."""
    return [
        run
        for run in results.runs
        if run.labels["protocol"] == "clean"
        and run.labels["at_base_block"]
        and run.labels["attention"] == "fused"
        and run.labels["mlp_layers"] == 1
    ]


def _floor(results: Results, ax: plotting.Axes) -> None:
    floor = results.select(metric="bits per character of the grammar")["value"]
    if not floor.empty:
        ax.axhline(floor.mean(), color=plotting.INK, linestyle=":", label="the grammar itself")


def _learning(results: Results) -> Figure:
    drawing, (ax,) = plotting.axes(1, height=3.4)
    chosen = [r for r in results.runs if r.labels["at_base_block"] and r.labels["mlp_layers"] == 1]
    for i, run in enumerate(chosen):
        rows = results.history
        for label, value in run.labels.items():
            rows = rows[rows[label] == value]
        rows = rows.assign(value=rows["value"] / np.log(2), model=_name(run))
        for name, points in plotting.curves(rows, "model", "loss", "validation"):
            every = run.training["report_every"]
            points = points.assign(at=points["at"] * every)
            plotting.band(ax, points, name, i, limits=plotting.POSITIVE)
    _floor(results, ax)
    ax.set_xlabel("steps")
    ax.set_ylabel("bits per character")
    ax.legend(fontsize=8)
    return Figure(
        "learning",
        "Learning curves",
        "Loss on held-out windows while training, in bits per character, mean and 95 % interval "
        "over seeds (the course's is on its training text).",
        "Loss by training step, a curve a model.",
        drawing,
    )


def _beyond(results: Results, axis: str, label: str) -> plotting.Figure:
    """Loss of every position code along `axis`, in multiples of the length trained with."""
    drawing, (ax,) = plotting.axes(1, height=3.4)
    for i, run in enumerate(_compared(results)):
        points = results.sweep(axis, BITS, scale=1, **_key(run))
        plotting.band(ax, points, _name(run), i, limits=plotting.POSITIVE)
    _floor(results, ax)
    ax.axvline(1, color=plotting.INK, linewidth=0.8, linestyle="--")
    ax.set_xlabel(label)
    ax.set_ylabel("bits per character")
    ax.legend(fontsize=8)
    return drawing


def _lengths(results: Results) -> Figure:
    return Figure(
        "lengths",
        "Longer than what was trained with",
        "Mean over windows of each length; the dashed line is the length that was trained with. A "
        "model that knows how to use a longer context falls on, one that does not rises. The "
        "learned table has rows beyond the line, but they were never trained.",
        "Loss by length of the window, a curve a position code.",
        _beyond(results, "length / block", "length / length that was trained with"),
    )


def _places(results: Results) -> Figure:
    return Figure(
        "places",
        "Where in a window the loss is",
        "Mean loss by place. The first characters have little to go by; beyond the dashed line "
        "places were never seen in training.",
        "Loss by place in the window, a curve a position code.",
        _beyond(results, "place / block", "place / length that was trained with"),
    )


def _tradeoff(results: Results) -> Figure:
    run = _writer(results)
    key = {k: v for k, v in _key(run).items() if k != "split"}
    drawing, axes = plotting.axes(2, height=3.2)
    shown = [METRICS[0], METRICS[4]]
    for ax, (metric, scale, label) in zip(axes, shown, strict=True):
        for i, name in enumerate((ITSELF, *settings(run.evaluation["samples"]))):
            x = results.estimate("distinct 2-grams", "sampling", scale=100, at=name, **key)
            y = results.estimate(metric, "sampling", scale=scale, at=name, **key)
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
        "Variety against sense",
        "One point a way of sampling, means over seeds; the table has their intervals. To the "
        "right, texts repeat themselves less; higher, they use more words that the training text "
        "has (left) or copy longer stretches of it (right).",
        "Real words, and the longest copy, against the share of different pairs of words.",
        drawing,
    )
