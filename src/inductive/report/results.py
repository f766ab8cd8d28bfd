"""All results of a study as two tidy frames."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from inductive import store
from inductive.claims.statistics import Estimate, estimate
from inductive.plan import read_runs
from inductive.run import Run
from inductive.training.job import check_identity


@dataclass(frozen=True)
class Results:
    """What a study's plan asks for, as it lies on disk. Refuses anything else."""

    preset: str
    runs: list[Run]

    @classmethod
    def read(cls, plan: Path) -> "Results":
        """The results that a plan file asks for. InputError where a run is another one."""
        content = store.read_json(plan)
        results = cls(content["preset"], read_runs(plan))
        for run in results.runs:
            check_identity(run, results.folder(run))
        return results

    def folder(self, run: Run) -> Path:
        """Where a run lies."""
        return store.run_folder(self.preset, run.study, run.id)

    def _collect(self, file: str) -> pd.DataFrame:
        frames = []
        for run in self.runs:
            name = file or run.evaluation_file
            frame = pd.read_csv(self.folder(run) / name, keep_default_na=False, dtype={"at": str})
            frames.append(frame.assign(**run.labels))
        return pd.concat(frames, ignore_index=True)

    @cached_property
    def tidy(self) -> pd.DataFrame:
        """The evaluations: labels, seed, selection, split, metric, axis, at, value."""
        frame = self._collect("")
        frame["value"] = pd.to_numeric(frame["value"], errors="coerce")
        return frame.dropna(subset=["value"])

    @cached_property
    def history(self) -> pd.DataFrame:
        """The training curves: labels, seed, epoch, split, metric, value."""
        frame = self._collect("history.csv")
        return frame.assign(value=pd.to_numeric(frame["value"], errors="coerce"))

    @cached_property
    def made(self) -> list[dict[str, Any]]:
        """The provenance of every run."""
        facts = [store.read_json(self.folder(run) / "run.json")["made"] for run in self.runs]
        return list(facts)

    def select(self, **wanted: object) -> pd.DataFrame:
        """The evaluation rows where every named column has that value."""
        rows = self.tidy
        for column, value in wanted.items():
            rows = rows[rows[column] == value]
        return rows

    def accuracy(self, **wanted: object) -> Estimate | None:
        """Mean accuracy in percent over seeds, with its 95 % interval; None where not run."""
        rows = self.select(metric="accuracy", axis="", **wanted)
        return estimate(100 * rows["value"].to_numpy()) if len(rows) else None

    def sweep(self, axis: str, metric: str = "accuracy", **wanted: object) -> pd.DataFrame:
        """A sweep as columns at, mean, low, high, n, in percent, sorted by place."""
        rows = self.select(metric=metric, axis=axis, **wanted)
        points = []
        for at, group in rows.groupby(pd.to_numeric(rows["at"])):
            e = estimate(100 * group["value"].to_numpy())
            points.append((at, e.mean, e.low, e.high, e.n))
        return pd.DataFrame(points, columns=["at", "mean", "low", "high", "n"])


def plus_minus(e: Estimate | None) -> str:
    """'81.5 ± 0.6'; a single seed has no interval; a dash where nothing was run."""
    if e is None:
        return "—"
    return f"{e.mean:.1f} ± {e.half_width:.1f}" if np.isfinite(e.half_width) else f"{e.mean:.1f}"
