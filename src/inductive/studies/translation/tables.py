"""Tables of the translation study."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from inductive.analysis.contrast import Contrast, Group
from inductive.analysis.contrast import Published as PublishedError
from inductive.analysis.results import Results, plus_minus
from inductive.analysis.spending import LEVEL
from inductive.analysis.statistics import Estimate, holm, same_as
from inductive.core.run import Run
from inductive.report.elements import Table

TEST: dict[str, Any] = {"split": "test", "selection": "best"}
TOLERANCE = 3
"""Percentage points within which a published accuracy counts as reproduced."""


class Published(NamedTuple):
    """One published cell, in percent: of the last epoch's validation and the best epoch's test."""

    validation: float
    validation_sd: float
    test: float
    test_sd: float


def published_cell(results: Results, net: str, padding: str) -> Published | None:
    """The published cell of a network and a padding; None where none was published."""
    cell = results.published["cells"].get(net, {}).get(padding)
    return Published(*cell) if cell else None


def runs_of(results: Results, protocol: str) -> list[Run]:
    """The runs of one protocol."""
    return [run for run in results.runs if run.labels["protocol"] == protocol]


def tables(results: Results) -> list[Table]:
    """The course table with published values, the clean one, and the effects of protocol and
    images."""
    tables = [_course_table(results), _clean_table(results), _repair_table(results)]
    if runs_of(results, "draws"):
        tables.append(_draws_table(results))
    return [table for table in tables if table.rows]


def _interval(e: Estimate) -> tuple[float, float, float, int]:
    return e.mean, e.low, e.high, e.n


def _course_table(results: Results) -> Table:
    rows, data, deviations = [], [], []
    equivalent = _equivalence(results)
    for run in runs_of(results, "course"):
        net, padding = run.labels["net"], run.labels["padding"]
        published = published_cell(results, net, padding)
        key = {"protocol": "course", "net": net, "padding": padding}
        estimates = {
            "validation": results.accuracy(**key, split="validation", selection="last"),
            "heldout": results.accuracy(**key, split="heldout", selection="last"),
            "test": results.accuracy(**key, **TEST),
        }
        shown = {split: plus_minus(e) for split, e in estimates.items()}
        if published:
            for split in ("validation", "test"):
                mean, sd = getattr(published, split), getattr(published, f"{split}_sd")
                same = equivalent.get((net, padding, split), np.nan) < LEVEL
                shown[f"published {split}"] = f"{mean:.1f} (sd {sd:.1f}){' ≈' if same else ''}"
            deviations += _deviation(results, f"{net} {padding}", estimates["test"], published)
        order = ("validation", "published validation", "heldout", "test", "published test")
        rows.append([f"{net} {padding}", *(shown.get(column, "—") for column in order)])
        for split, e in estimates.items():
            if e:
                mean = getattr(published, split, np.nan)
                p = equivalent.get((net, padding, split), np.nan)
                data.append((net, padding, split, *_interval(e), mean, p))
    columns = ["net", "padding", "split", "mean", "low", "high", "n", "published_mean"]
    columns.append("p_equivalent")
    return Table(
        "course",
        "Course protocol and published values",
        _course_note(results, equivalent, deviations),
        ["variant", "validation", "published", "held-out", "test (swapped)", "published"],
        rows,
        pd.DataFrame(data, columns=columns),
    )


def _equivalence(results: Results) -> dict[tuple[str, str, str], float]:
    """Net, padding, split -> p of two one-sided t tests of equivalence with the published mean.

    Within TOLERANCE, with the sample deviations of both sides; Holm's adjustment over all cells.
    """
    p_values = {}
    for run in runs_of(results, "course"):
        net, padding = run.labels["net"], run.labels["padding"]
        published = published_cell(results, net, padding)
        if published is None:
            continue
        key = {"protocol": "course", "net": net, "padding": padding}
        for split, selection, target, sd in (
            ("validation", "last", published.validation, published.validation_sd),
            ("test", "best", published.test, published.test_sd),
        ):
            rows = results.select("accuracy", **key, split=split, selection=selection)
            values = 100 * rows["value"].to_numpy()
            if len(values) < 2 or not np.isfinite(values).all():
                continue
            group = Group("ours", tuple(rows["seed"]), values)
            contrast = Contrast((group,), published=PublishedError(sd, results.published["n"]))
            p = max(contrast.p_above(target - TOLERANCE), contrast.p_below(target + TOLERANCE))
            p_values[net, padding, split] = p
    return dict(zip(p_values, holm(list(p_values.values())), strict=True))


def _deviation(
    results: Results, name: str, test: Estimate | None, published: Published
) -> list[str]:
    """The difference of a test accuracy from the published one; empty within the tolerance."""
    if not test or test.n < 2 or abs(test.mean - published.test) <= TOLERANCE:
        return []
    n = results.published["n"]
    p_means, p_deviations = same_as(test, published.test, published.test_sd, n)
    return [
        f"{name} {test.mean - published.test:+.1f} (p {p_means:.2g}; deviations "
        f"{test.sd:.1f} and {published.test_sd:.1f}, p {p_deviations:.2g})"
    ]


def _course_note(
    results: Results, equivalent: dict[tuple[str, str, str], float], deviations: list[str]
) -> str:
    first = results.runs[0]
    note = (
        f"Accuracy in %, mean ± 95 % confidence interval over {results.seed_counts}; published: "
        f"mean and standard deviation over {results.published['n']}, converted from the source's, "
        "which divides by n, to that of a sample. Validation and held-out are of the last epoch, "
        "test of the epoch with the lowest validation loss, as published. In "
        "this protocol validation images are training images, and test images are the same with "
        "the bands swapped; held-out images are new draws. Images are drawn from seed "
        f"{first.labels['data_seed']}; the course uses 42."
    )
    if equivalent:
        note += (
            f" ≈: equivalent to the published mean within {TOLERANCE} points, by two one-sided t "
            "tests with the sample deviations of both, Holm over the "
            f"{len(equivalent)} cells at 5 % (the p is in course.csv); that is shown for "
            f"{sum(p < LEVEL for p in equivalent.values())} of them."
        )
    if not deviations:
        return note
    return (
        f"{note} Tests that differ from the published mean by more than {TOLERANCE} points, with "
        "the p of Welch's test of equal means and of the F test of equal standard deviations: "
        f"{'; '.join(deviations)}."
    )


def _clean_table(results: Results) -> Table:
    rows, data = [], []
    for run in runs_of(results, "clean"):
        net, padding = run.labels["net"], run.labels["padding"]
        key = {"protocol": "clean", "net": net, "padding": padding, "selection": "best"}
        estimates = {s: results.accuracy(**key, split=s) for s in ("validation", "heldout", "test")}
        rows.append([f"{net} {padding}", *(plus_minus(e) for e in estimates.values())])
        data += [(net, padding, split, *_interval(e)) for split, e in estimates.items() if e]
    return Table(
        "clean",
        "Clean protocol",
        "Accuracy in %, mean ± 95 % confidence interval over seeds, all of the epoch with the "
        "lowest validation loss. Training, validation, held-out and test images are independent "
        "draws; training is shuffled.",
        ["variant", "validation", "held-out", "test (swapped)"],
        rows,
        pd.DataFrame(data, columns=["net", "padding", "split", "mean", "low", "high", "n"]),
    )


def _repair_table(results: Results) -> Table:
    """Pairs of variants that differ in the protocol only."""
    rows, data = [], []
    clean_runs = {
        (run.labels["net"], run.labels["mode"], run.labels["amount"]): run
        for run in runs_of(results, "clean")
    }
    for run in runs_of(results, "course"):
        net, mode, amount = (run.labels[name] for name in ("net", "mode", "amount"))
        clean_run = clean_runs.get((net, mode if amount else "zeros", amount))
        if clean_run is None:
            continue
        course, clean = (
            results.accuracy(
                protocol=r.labels["protocol"], net=net, padding=r.labels["padding"], **TEST
            )
            for r in (run, clean_run)
        )
        assert course is not None
        assert clean is not None
        change = clean.mean - course.mean
        name = f"{net} {mode} {amount}"
        epochs = f"{run.training['epochs']}, {clean_run.training['epochs']}"
        rows.append([name, epochs, plus_minus(course), plus_minus(clean), f"{change:+.1f}"])
        data.append((name, epochs, course.mean, clean.mean, change))
    return Table(
        "repair",
        "Effect of the clean protocol",
        "Test accuracy in % (swapped bands), mean ± 95 % confidence interval over seeds, of the "
        "same network and padding under both protocols. Epochs: the largest number, in the course "
        "and in the clean protocol.",
        ["variant", "epochs", "course", "clean", "change"],
        rows,
        pd.DataFrame(data, columns=["variant", "epochs", "course", "clean", "change"]),
    )


def _draws_table(results: Results) -> Table:
    """The course protocol on several draws of the images, with published accuracies."""
    draws = [run.labels for run in runs_of(results, "draws")]
    course_seed = results.runs[0].labels["data_seed"]
    seeds = list(dict.fromkeys(labels["data_seed"] for labels in draws))
    rows, data = [], []
    for padding in dict.fromkeys(labels["padding"] for labels in draws):
        estimates = []
        for protocol, seed in [("course", course_seed), *(("draws", seed) for seed in seeds)]:
            key = {"protocol": protocol, "net": "Net1", "padding": padding, "data_seed": seed}
            e = results.accuracy(**key, **TEST)
            estimates.append(e)
            if e:
                data.append((padding, seed, *_interval(e)))
        means = [e.mean for e in estimates if e]
        between = f"{np.std(means, ddof=1):.1f}" if len(means) > 1 else "—"
        cell = published_cell(results, "Net1", padding)
        published = f"{cell.test:.1f}" if cell else "—"
        shown = [plus_minus(e) for e in estimates]
        rows.append([f"Net1 {padding}", *shown, between, published])
    return Table(
        "draws",
        "Other images of the same kind",
        "Test accuracy in % (swapped bands, best epoch), mean ± 95 % confidence interval over the "
        "seeds of the network, for several seeds of the images. Published standard deviations are "
        "over seeds of the network on one draw of the images. They do not contain the spread "
        "between draws, in the column before the last, which limits how closely a published "
        "accuracy can be reproduced.",
        ["variant", *(f"images {s}" for s in [course_seed, *seeds]), "sd between", "published"],
        rows,
        pd.DataFrame(data, columns=["padding", "data_seed", "mean", "low", "high", "n"]),
    )
