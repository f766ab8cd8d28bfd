"""All results of a study as two tidy frames."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from inductive import store
from inductive.claims.statistics import Estimate, estimate
from inductive.data import registry
from inductive.identity import check_identity
from inductive.plan import read_runs
from inductive.run import Run


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
            folder = results.folder(run)
            check_identity(run, folder)
            if run.dataset:
                store.check_seal(folder / run.evaluation_file)
        return results

    def folder(self, run: Run) -> Path:
        """Where a run lies."""
        return store.run_folder(self.preset, run.study, run.id)

    def _collect(self, file: str) -> pd.DataFrame:
        frames = []
        for run in self.runs:
            if file and run.dataset is None:
                continue  # nothing was trained
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

    def estimate(
        self, metric: str, axis: str = "", scale: float = 1.0, **wanted: Any
    ) -> Estimate | None:
        """Mean of a metric over seeds, times `scale`, with its 95 % interval; None if not run."""
        rows = self.select(metric=metric, axis=axis, **wanted)
        return estimate(scale * _by_seed(rows)) if len(rows) else None

    def accuracy(self, **wanted: Any) -> Estimate | None:
        """Mean accuracy in percent over seeds, with its 95 % interval; None where not run."""
        return self.estimate("accuracy", scale=100, **wanted)

    def sweep(
        self, axis: str, metric: str = "accuracy", scale: float = 100, **wanted: Any
    ) -> pd.DataFrame:
        """A sweep as columns at, mean, low, high, n, sorted by place; in percent by default."""
        rows = self.select(metric=metric, axis=axis, **wanted)
        points = []
        for at, group in rows.groupby(pd.to_numeric(rows["at"])):
            e = estimate(scale * _by_seed(group))
            points.append((at, e.mean, e.low, e.high, e.n))
        return pd.DataFrame(points, columns=["at", "mean", "low", "high", "n"])

    def labels(self, name: str) -> list[Any]:
        """The values of a label, each once, in the order of the runs."""
        return list(dict.fromkeys(run.labels[name] for run in self.runs))

    def network(self, run: Run, seed_index: int = 0) -> tuple[Any, Any, Any]:
        """A trained member on the CPU (last epoch), its dataset, and the device: for pictures."""
        import torch  # a second or two, which most studies need not wait for

        from inductive.training.job import restore

        device = torch.device("cpu")
        data = registry.load(run.data)
        trained = restore(run, self.folder(run), data, device)
        return trained["last"].member(seed_index), data, device


def _by_seed(rows: pd.DataFrame) -> np.ndarray:
    """One value a seed: several folds of one seed are not independent, so they are averaged."""
    values: np.ndarray = rows.groupby("seed")["value"].mean().to_numpy()
    return values


def plus_minus(e: Estimate | None, digits: int = 1) -> str:
    """'81.5 ± 0.6'; a single seed has no interval; a dash where nothing was run."""
    if e is None:
        return "—"
    mean = f"{e.mean:.{digits}f}"
    return f"{mean} ± {e.half_width:.{digits}f}" if np.isfinite(e.half_width) else mean
