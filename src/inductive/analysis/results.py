"""All results of one study and preset, as frames."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from inductive.analysis.comparisons import ANY
from inductive.analysis.selection import rows_where
from inductive.analysis.statistics import Estimate, estimate
from inductive.core.errors import InputError, unknown
from inductive.core.files import read_json
from inductive.core.integrity import check_evaluation, check_trained
from inductive.core.layout import PresetLayout
from inductive.core.metric import Metric
from inductive.core.run import Run
from inductive.data import registry
from inductive.training.measurements import FIXED, outcomes_name, read_artefacts


@dataclass(frozen=True, eq=False)
class Results:
    """The measurements of the runs of a study. Files are read on first access.

    Raises ValueError where a coordinate has the name of a label or of another column.
    """

    study: str
    runs: list[Run]
    paths: PresetLayout
    metrics: dict[str, Metric]
    """Every metric that the evaluations may measure."""
    published: dict[str, Any] = field(default_factory=dict)
    """Published values for comparison, from the study's published.yaml."""

    def __post_init__(self) -> None:
        taken = {*self._labels, *FIXED, "value"} & set(self._coordinates)
        if taken:
            raise ValueError(f"{self.study}: a coordinate is named like a column: {min(taken)}")

    def verify(self) -> None:
        """Raise InputError where files of a run are missing, damaged or of other parameters."""
        for run in self.runs:
            if run.dataset:
                check_trained(run, self.paths.trained(run))
            check_evaluation(run, self.paths.evaluation(run))

    @property
    def seed_counts(self) -> str:
        """How many seeds the runs have: '5 seeds', or '3 to 12 seeds' where they differ."""
        counts = sorted({len(run.seeds) for run in self.runs})
        return " to ".join(str(n) for n in dict.fromkeys((counts[0], counts[-1]))) + " seeds"

    @cached_property
    def _labels(self) -> list[str]:
        return list(dict.fromkeys(name for run in self.runs for name in run.labels))

    @cached_property
    def _coordinates(self) -> list[str]:
        return sorted({name for metric in self.metrics.values() for name in metric.coordinates})

    @cached_property
    def measurements(self) -> pd.DataFrame:
        """The evaluations: labels, seed, selection, split, metric, coordinates, value.

        Values are as stored, finite or not. A coordinate is NaN where a measurement does not have
        it. Raises ValueError for a metric or a coordinate that `metrics` does not declare.
        """
        columns = [*self._labels, *FIXED, *self._coordinates, "value"]
        frames = [self._evaluation(run) for run in self.runs]
        joined = pd.concat(frames, ignore_index=True).reindex(columns=columns)
        repeated = joined[joined.duplicated(columns[:-1])]
        if len(repeated):
            row = {k: v for k, v in repeated.iloc[0][columns[:-1]].items() if v == v and v != ""}
            raise InputError(
                f"{self.study}: two runs measured the same, so their labels or coordinates must "
                f"differ: {row}"
            )
        return joined

    def _evaluation(self, run: Run) -> pd.DataFrame:
        frame = _read(self.paths.evaluation(run) / "measurements.csv")
        for name in frame.columns.difference([*FIXED, "value"]):
            texts = frame[name].unique()
            frame[name] = frame[name].map({t: float(t) if t else np.nan for t in texts})
            frame[name] = frame[name].astype(float)
            self._check_declared(run, frame.loc[frame[name].notna(), "metric"], name)
        self._check_declared(run, frame["metric"])
        return frame.assign(**run.labels)

    def _check_declared(self, run: Run, metrics: pd.Series, coordinate: str = "") -> None:
        for metric in metrics.unique():
            declared = self.metrics.get(metric)
            if declared is None or (coordinate and coordinate not in declared.coordinates):
                what = f"coordinate '{coordinate}' of " if coordinate else ""
                raise ValueError(f"{run.study}, {run.id}: undeclared {what}metric '{metric}'")

    @cached_property
    def history(self) -> pd.DataFrame:
        """The training curves: labels, seed, epoch, split, metric, value."""
        columns = [*self._labels, "seed", "epoch", "split", "metric", "value"]
        frames = [
            _read(self.paths.trained(run) / "history.csv").assign(**run.labels)
            for run in self.runs
            if run.dataset
        ]
        if not frames:
            return pd.DataFrame(columns=columns)
        return pd.concat(frames, ignore_index=True).reindex(columns=columns)

    @cached_property
    def made(self) -> list[dict[str, Any]]:
        """The provenance of every part of every run; seeds made at different times are parts."""
        files = [
            self.paths.trained(run) / "run.json"
            if run.dataset
            else self.paths.evaluation(run) / "evaluation.json"
            for run in self.runs
        ]
        return [part for file in files for part in read_json(file)["made"]]

    @property
    def networks(self) -> int:
        """How many networks were trained: the seeds of all runs."""
        return sum(len(run.seeds) for run in self.runs if run.dataset)

    @property
    def diverged(self) -> int:
        """How many of them diverged: their loss became infinite or not a number."""
        rows = self.measurements[self.measurements["metric"] == "diverged in epoch"]
        rows = rows[np.isfinite(rows["value"]) & (rows["value"] > 0)]
        return len(rows[[*self._labels, "seed"]].drop_duplicates())

    def select(self, metric: str, **where: Any) -> pd.DataFrame:
        """The rows of a metric with these labels, selection, split and coordinates.

        A coordinate is given as a number, "any", "largest" or "smallest"; one that is not named
        must be absent. Raises KeyError for a metric that is not declared, ValueError for a column
        that neither the metric nor any run has. No rows where a label's value was not run.
        """
        if metric not in self.metrics:
            raise KeyError(f"{self.study}: {unknown('metric', metric, self.metrics)}")
        columns = {*FIXED, *self._labels, *self.metrics[metric].coordinates}
        for name in where:
            if name not in columns:
                raise ValueError(f"{self.study}, {metric}: {unknown('column', name, columns)}")
        rows = self._by_metric.get(metric, self.measurements.iloc[:0])
        return rows_where(rows, self._coordinates, where)

    @cached_property
    def _by_metric(self) -> dict[str, pd.DataFrame]:
        return {str(name): rows for name, rows in self.measurements.groupby("metric", sort=False)}

    def estimate(self, metric: str, **where: Any) -> Estimate | None:
        """Mean over seeds in the metric's unit, with its 95 % interval; None where not run."""
        rows = self.select(metric, **where)
        return estimate(self.metrics[metric].scale * _by_seed(rows)) if len(rows) else None

    def accuracy(self, **where: Any) -> Estimate | None:
        """Mean accuracy in percent over seeds, with its 95 % interval; None where not run."""
        return self.estimate("accuracy", **where)

    def sweep(self, coordinate: str, metric: str = "accuracy", **where: Any) -> pd.DataFrame:
        """A metric along a coordinate, in the metric's unit.

        Columns at, mean, low, high, n (see `Estimate`), sorted by `at`, the coordinate's value.
        """
        rows = self.select(metric, **{coordinate: ANY}, **where)
        points = []
        for at, group in rows.groupby(coordinate):
            e = estimate(self.metrics[metric].scale * _by_seed(group))
            points.append((at, e.mean, e.low, e.high, e.n))
        return pd.DataFrame(points, columns=["at", "mean", "low", "high", "n"])

    def labels(self, name: str) -> list[Any]:
        """The values of a label, each once, in the order of the runs. KeyError without one."""
        if name not in self._labels:
            raise KeyError(f"{self.study}: {unknown('label', name, self._labels)}")
        return list(dict.fromkeys(run.labels[name] for run in self.runs if name in run.labels))

    def artefact(self, run: Run, name: str, seed: int | None = None) -> np.ndarray:
        """An array that a run's evaluation kept, of one seed or of all. KeyError without one."""
        array: np.ndarray = self._kept(run)[0][name if seed is None else f"{seed}/{name}"]
        return array

    def outcomes(
        self,
        run: Run,
        metric: str,
        *,
        selection: str = "",
        split: str = "",
        **coordinates: int | float,
    ) -> dict[int, np.ndarray] | None:
        """Seed -> (N,) float64: a measurement's outcome on each test example, as stored.

        The i-th example is the same for every seed, and for every run with the same test set. The
        mean of a seed's outcomes is its value of `metric` with these coordinates (numbers). None
        where the evaluation kept none: the metric is no mean over test examples, or every seed has
        its own test examples.
        """
        name = outcomes_name(metric, selection, split, coordinates)
        kept = self._kept(run)[0]
        keys = {seed: f"{seed}/{name}" for seed in run.seeds}
        # In float64, because differences of unsigned integers would wrap around.
        by_seed = {seed: kept[key].astype(np.float64) for seed, key in keys.items() if key in kept}
        return by_seed or None

    def note(self, run: Run, name: str, seed: int | None = None) -> Any:
        """A small value that a run's evaluation kept. KeyError without one."""
        return self._kept(run)[1][name if seed is None else f"{seed}/{name}"]

    def _kept(self, run: Run) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        if run.id not in self._artefacts:
            file = self.paths.evaluation(run) / "artefacts.safetensors"
            self._artefacts[run.id] = read_artefacts(file)
        return self._artefacts[run.id]

    @cached_property
    def _artefacts(self) -> dict[str, tuple[dict[str, np.ndarray], dict[str, Any]]]:
        return {}

    def load_data(self, run: Run) -> Any:
        """The data set that a run was trained on. InputError where it is not on this disk."""
        return registry.load(run.data, self.paths.layout)

    def facts(self, run: Run) -> dict[str, Any]:
        """Facts about a run's data set beyond its arrays, such as the Bayes accuracy."""
        return registry.facts(run.data, self.paths.layout)


def _read(path: Path) -> pd.DataFrame:
    """A table of measurements: text as it is, empty or not; `value` and `seed` as numbers."""
    types = defaultdict(lambda: str, seed=int, epoch=int, value=float)
    missing = {"value": ["nan"]}
    return pd.read_csv(path, dtype=types, na_values=missing, keep_default_na=False)


def _by_seed(rows: pd.DataFrame) -> np.ndarray:
    """One value per seed, (S,): several folds of one seed are not independent, so their mean.

    NaN for a seed of which some value is not finite.
    """
    means = rows.groupby("seed")["value"].mean()
    bad = rows.loc[~np.isfinite(rows["value"]), "seed"].unique()
    means[bad] = np.nan
    values: np.ndarray = means.to_numpy()
    return values


def plus_minus(e: Estimate | None, digits: int = 1) -> str:
    """'81.5 ± 0.6', and '(1 of 5 not finite)' where some are not.

    A single seed has no interval; a dash where nothing was run or no value is finite.
    """
    if e is None:
        return "—"
    text = f"{e.mean:.{digits}f}" if e.n else "—"
    if np.isfinite(e.half_width):
        text += f" ± {e.half_width:.{digits}f}"
    return f"{text} ({e.not_finite} of {e.n + e.not_finite} not finite)" if e.not_finite else text
