"""The plan of a set of parameters: every run of every study, written where the jobs read it."""

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from inductive.analysis.claims import check_claims
from inductive.core.errors import InputError, unknown
from inductive.core.files import clamp_future_mtimes, read_json, write_if_changed
from inductive.core.fingerprint import CACHE, PACKAGE, fingerprint
from inductive.core.layout import Layout, PresetLayout
from inductive.core.run import DatasetSpec, Run, name_seeds
from inductive.data.registry import Datasets, modules_of
from inductive.pipeline.looks import number_of_looks
from inductive.pipeline.parameters import Parameters
from inductive.studies import Study
from inductive.studies.checks import check_runs

TRAINING_CODE = ("inductive.training.loop", "inductive.training.result")
EVALUATION_CODE = ("inductive.training.measurements",)
SECTION_CODE = ("inductive.report.section", "inductive.analysis.results")
VERDICT_CODE = (
    "inductive.analysis.judge",
    "inductive.report.verdict_files",
    "inductive.analysis.results",
)


@dataclass(frozen=True)
class JobSpec:
    """The specification of training or evaluation jobs: a run, and how to execute it.

    Its file also lists the sets of seeds of the run by their names, which a job is given: one per
    look, and those of earlier plans, whose jobs may be waiting in a queue.
    """

    run: Run
    preset: str
    training: dict[str, Any]
    """The `training` block of the parameters: device, seeds_together, checkpoint_seconds."""
    studies_path: list[str]

    def write(self, path: Path) -> None:
        """Write the specification if the file's content differs."""
        sets = {name_seeds(s): list(s) for s in (self.run.seeds[:n] for n in self.run.counts)}
        content = vars(self) | {"run": self.run.to_json(), "seed_sets": _earlier_sets(path) | sets}
        write_if_changed(path, content)

    @classmethod
    def read(cls, path: Path, seeds: str | None = None) -> "JobSpec":
        """The inverse of `write`, or the same for one of its sets of seeds alone.

        Raises InputError where the specification has no set of that name.
        """
        content = read_json(path)
        sets = content.pop("seed_sets")
        run = Run.from_json(content["run"])
        if seeds is not None:
            if seeds not in sets:
                raise InputError(f"{path}: {unknown('set of seeds', seeds, sets)}")
            run = replace(run, seeds=tuple(sets[seeds]), looks=())
        return cls(**content | {"run": run})


def _earlier_sets(path: Path) -> dict[str, list[int]]:
    """The sets of seeds in a specification that may be there; none where it is damaged."""
    try:
        sets = read_json(path)["seed_sets"]
        return {name: s for name, s in sets.items() if name_seeds(tuple(s)) == name}
    except (InputError, AttributeError, KeyError, TypeError):
        return {}


class Plan:
    """All runs of the parameters in force, by study. Imports no torch."""

    def __init__(self, params: Parameters, layout: Layout) -> None:
        self.params, self.layout = params, layout
        self.paths: PresetLayout = layout.preset(params.preset)
        CACHE.load(self._code_cache)
        datasets = Datasets(params.data, layout)
        self.runs: dict[str, list[Run]] = {}
        for name, study in params.studies.items():
            planned = study.module("plan").runs(params.settings[name], datasets)
            check_runs(name, study.folder, planned)
            _check_looks(name, planned)
            runs = [identify(run) for run in planned]
            duplicates = [run_id for run_id, n in Counter(run.id for run in runs).items() if n > 1]
            if duplicates:
                raise InputError(f"{name}: two variants are the same run: {duplicates[0]}")
            known = type(params.data).model_fields
            check_claims(name, study.claims, study.metrics, runs, study.published, known)
            self.runs[name] = runs
        owners: dict[str, str] = {}
        for name, study in params.studies.items():
            for claim in study.claims:
                other = owners.setdefault(claim["id"], name)
                if other != name:
                    raise InputError(
                        f"{name}/claims.yaml and {other}/claims.yaml: both have a claim "
                        f"{claim['id']}; ids must differ"
                    )

    @property
    def _code_cache(self) -> Path:
        return self.layout.scratch / "code.json"

    @cached_property
    def datasets(self) -> dict[str, DatasetSpec]:
        """Folder -> specification, each once."""
        specs = [run.dataset for runs in self.runs.values() for run in runs if run.dataset]
        return {str(self.layout.dataset(spec)): spec for spec in specs}

    def write(self) -> None:
        """Write the plan files and job specifications; unchanged files are kept.

        Plan files are inputs of the steps whose outputs have fixed names (tables, verdicts, page),
        so that those are made again when the parameters or the code behind them change.
        """
        cards = [self.layout.card(spec) for spec in self.datasets.values()]
        clamp_future_mtimes(self.paths.folder, self.layout.dataset_plan, *cards)
        plan = self.layout.dataset_plan
        known = read_json(plan) if plan.is_file() else {}
        data = {folder: vars(spec) for folder, spec in self.datasets.items()}
        write_if_changed(plan, known | data)
        for name, runs in self.runs.items():
            for run in runs:
                self._write_specs(run)
            self._write_study(self.params.studies[name], runs)
        self._write_report()
        CACHE.save(self._code_cache)

    def _write_specs(self, run: Run) -> None:
        training = self.params.training.model_dump()
        spec = JobSpec(run, self.params.preset, training, self.params.studies_path)
        if run.dataset:
            spec.write(self.paths.train_spec(run))
        spec.write(self.paths.evaluate_spec(run))

    def _write_study(self, study: Study, runs: list[Run]) -> None:
        folder, module = self.paths.study(study.name), f"inductive.studies.{study.name}"
        common = {
            "preset": self.params.preset,
            "study": study.name,
            "studies_path": self.params.studies_path,
            "published": study.published,
            "runs": [run.to_json() for run in runs],
        }
        section = common | {
            "prose": study.prose,
            "settings": self.params.settings[study.name].model_dump(by_alias=True),
            "code": fingerprint([f"{module}.report", f"{module}.metrics", *SECTION_CODE]),
        }
        write_if_changed(folder / "section-plan.json", section, folder / "section.json")
        looks = [self.paths.look(study.name, n) for n in range(1, number_of_looks(runs))]
        verdicts = common | {
            "claims": study.claims,
            "code": fingerprint([f"{module}.metrics", *VERDICT_CODE]),
        }
        outputs = [path for path in (*looks, folder / "verdicts.json") if path.is_file()]
        latest = max(outputs, key=lambda path: path.stat().st_mtime, default=None)
        write_if_changed(folder / "verdicts-plan.json", verdicts, latest)

    def _write_report(self) -> None:
        report = PACKAGE / "report"
        files = [*(report / "templates").iterdir(), *report.glob("calibration.json")]
        content = {
            "preset": self.params.preset,
            "studies": list(self.runs),
            "code": fingerprint(["inductive.report.page"], files=files),
            "differences": self.params.differences,
        }
        folder = self.paths.report
        write_if_changed(folder / "plan.json", content, folder / "index.html")


def _check_looks(study: str, runs: list[Run]) -> None:
    """Raise InputError where a run's looks are not ascending counts that end with all its seeds."""
    for run in runs:
        counts = list(run.counts)
        if counts != sorted({*counts}) or counts[0] < 1 or counts[-1] != len(run.seeds):
            raise InputError(
                f"{study}/plan.py: {run.variant}: looks={counts} do not ascend to the number of "
                f"seeds, {len(run.seeds)}"
            )


def identify(run: Run) -> Run:
    """The run with the fingerprints of the code that trains and measures it.

    Training: the study's `task.py` and what it imports, the loop, and what makes and reads its
    data. Measuring: `evaluate.py` and what it imports.
    """
    module = f"inductive.studies.{run.study}"
    training = ""
    if run.dataset:
        roots = [f"{module}.task", *TRAINING_CODE, *modules_of(run.dataset)]
        training = fingerprint(roots, run.registered)
    evaluation = fingerprint([f"{module}.evaluate", *EVALUATION_CODE], run.registered)
    return replace(run, code=training, evaluation_code=evaluation)
