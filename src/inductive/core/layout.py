"""The paths of all data and results, below one explicit root."""

from dataclasses import dataclass
from pathlib import Path

from inductive.core.run import DatasetSpec, Run


@dataclass(frozen=True)
class Layout:
    """The paths of a project whose results and data lie in `root`. Creates nothing."""

    root: Path = Path()

    @property
    def data(self) -> Path:
        """data/, shared by all presets."""
        return self.root / "data"

    @property
    def results(self) -> Path:
        """results/."""
        return self.root / "results"

    @property
    def scratch(self) -> Path:
        """results/.scratch: unfinished training, caches. No rule declares it, so neither
        Snakemake nor DVC deletes it."""
        return self.results / ".scratch"

    def dataset(self, spec: DatasetSpec) -> Path:
        """data/<name>/<kind>-<hash8>."""
        return self.data / spec.id

    def card(self, spec: DatasetSpec) -> Path:
        """dataset.json, which describes the content of the folder; it is written last."""
        return self.dataset(spec) / "dataset.json"

    @property
    def dataset_plan(self) -> Path:
        """Every data set that was planned so far, by its folder; one file for all presets."""
        return self.scratch / "data.json"

    def preset(self, preset: str) -> "PresetLayout":
        """The results of one preset."""
        return PresetLayout(self, preset)


@dataclass(frozen=True)
class PresetLayout:
    """The paths of one preset's results."""

    layout: Layout
    name: str

    @property
    def folder(self) -> Path:
        """results/<preset>."""
        return self.layout.results / self.name

    @property
    def earlier(self) -> Path:
        """A folder that only results of versions before 0.2 have. They are kept and not read."""
        return self.folder / "orders"

    def run(self, run: Run) -> Path:
        """runs/<study>/<variant>-<hash8>: all seeds of one run that were ever trained."""
        return self.folder / "runs" / run.study / run.id

    def trained(self, run: Run) -> Path:
        """The folder of exactly these seeds: checkpoint.safetensors, history.csv, run.json."""
        return self.run(run) / f"seeds-{run.seed_set}"

    def evaluation(self, run: Run) -> Path:
        """The folder of their measurements: measurements.csv, artefacts.safetensors,
        evaluation.json."""
        return self.trained(run) / run.evaluation_id

    def cached_evaluation(self, run: Run) -> Path:
        """Where a training job leaves the evaluation it made for the evaluation job to take."""
        scratch = self.layout.scratch / self.name / "evaluations"
        return scratch / run.study / run.id / run.seed_set / run.evaluation_id

    def unfinished(self, run: Run) -> Path:
        """Where training that is not finished is kept; a killed job continues from here."""
        return self.layout.scratch / self.name / "training" / run.study / run.id

    def train_spec(self, run: Run) -> Path:
        """The specification that the training jobs of a run read, whatever their seeds."""
        return self.folder / "jobs" / run.study / f"{run.id}.json"

    def evaluate_spec(self, run: Run) -> Path:
        """The specification that the evaluation jobs of a run read."""
        return self.folder / "jobs" / run.study / f"{run.id}-{run.evaluation_id}.json"

    def study(self, study: str) -> Path:
        """studies/<study>: its plans, tables, figures and verdicts."""
        return self.folder / "studies" / study

    def look(self, study: str, number: int) -> Path:
        """studies/<study>/looks/<number>.json: which runs need more seeds after this look."""
        return self.study(study) / "looks" / f"{number}.json"

    def lock(self, study: str) -> Path:
        """locks/<study>.json: the claims as they were first judged. No rule declares it."""
        return self.folder / "locks" / f"{study}.json"

    @property
    def report(self) -> Path:
        """report/: the page and its data files."""
        return self.folder / "report"
