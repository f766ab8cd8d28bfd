"""The public interface: results of any folder as data frames, and the trained networks in it."""

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from inductive.analysis.results import Results
from inductive.core.errors import InputError, unknown
from inductive.core.files import read_json
from inductive.core.integrity import check_trained
from inductive.core.layout import Layout, PresetLayout
from inductive.data import registry
from inductive.pipeline.looks import planned_runs
from inductive.pipeline.parameters import extend_by
from inductive.studies import load


def load_results(folder: str | Path) -> "Atlas":
    """The results of one preset, such as results/quick; nothing is written.

    Raises InputError where the folder holds no results, or results of another version.
    """
    path = Path(folder).expanduser()
    if not path.is_dir():
        raise InputError(f"{path}: no such folder")
    if not any(path.glob("studies/*/section-plan.json")):
        older = any(path.glob("studies/*/plan.json"))
        raise InputError(
            f"{path}: results of an earlier version, which this one does not read; run again"
            if older
            else f"{path}: no results of any study"
        )
    return Atlas(path)


class Atlas:
    """The results of one preset. Frames are read on first access."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._paths: PresetLayout = Layout(folder.resolve().parents[1]).preset(
            folder.resolve().name
        )

    @cached_property
    def studies(self) -> list[str]:
        """The studies that have results here."""
        return sorted(plan.parent.name for plan in self.folder.glob("studies/*/section-plan.json"))

    def results(self, study: str) -> Results:
        """All results of a study, checked against their checksums."""
        if study not in self._results:
            self._results[study] = self._read(study)
        return self._results[study]

    @cached_property
    def _results(self) -> dict[str, Results]:
        return {}

    def _read(self, study: str) -> Results:
        if study not in self.studies:
            raise InputError(f"{self.folder}: {unknown('study', study, self.studies)}")
        plan = self.folder / "studies" / study / "section-plan.json"
        content = read_json(plan)
        extend_by(content["studies_path"], str(plan))
        runs = planned_runs(content, self._paths)
        metrics = load(study).metrics
        results = Results(study, runs, self._paths, metrics, content["published"])
        results.verify()
        return results

    def measurements(self, study: str) -> pd.DataFrame:
        """Labels, seed, selection, split, metric, coordinates, value: one row per measurement."""
        return self.results(study).measurements.copy()

    def history(self, study: str) -> pd.DataFrame:
        """Labels, seed, epoch, split, metric, value: the training curves."""
        return self.results(study).history.copy()

    def verdicts(self) -> pd.DataFrame:
        """One row per comparison of every claim: study, claim, comparison, verdict, effect, ..."""
        return self._joined("verdicts.csv")

    def claims(self) -> pd.DataFrame:
        """One row per claim: study, id, type, stated, tested, verdict, evidence, ..."""
        rows = [
            {"study": study} | claim
            for study in self.studies
            for claim in read_json(self.folder / "studies" / study / "verdicts.json")
        ]
        return pd.DataFrame(rows)

    def _joined(self, name: str) -> pd.DataFrame:
        frames = [
            pd.read_csv(self.folder / "studies" / study / name).assign(study=study)
            for study in self.studies
        ]
        return pd.concat(frames, ignore_index=True)

    def network(self, study: str, variant: str, seed: int = 0, selection: str = "best") -> Any:
        """A trained network as a torch module, on the CPU.

        `variant` is the readable part of a run's folder (`cifar10-p4`), `selection` is 'best' or
        'last' (the epoch whose weights it has). Raises InputError where there is none.
        """
        import torch  # with the next imports 2 s, which frames do not need

        from inductive.pipeline.jobs import restore
        from inductive.training.result import TrainedSeeds

        trained = {run.variant: run for run in self.results(study).runs if run.dataset}
        if variant not in trained:
            raise InputError(f"{study}: {unknown('trained variant', variant, trained)}")
        run = trained[variant]
        if seed not in run.seeds:
            raise InputError(f"{study}: {variant} has the seeds {list(run.seeds)}, not {seed}")
        folder = self._paths.trained(run)
        check_trained(run, folder)
        weights = TrainedSeeds.read(folder).select([seed])
        data = registry.load(run.data, self._paths.layout)
        ensembles = restore(replace(run, seeds=(seed,)), weights, data, torch.device("cpu"))
        if selection not in ensembles:
            raise InputError(unknown("selection", selection, ensembles))
        return ensembles[selection].to_module()
