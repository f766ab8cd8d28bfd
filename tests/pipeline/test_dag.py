"""The whole DAG on small parameters, as a user runs it: which jobs run, and when they run again."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
import yaml

from conftest import Project

pytestmark = pytest.mark.pipeline

REPORT = ["report", "section citation", "verdicts citation"]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with all results."""
    project = Project(tmp_path_factory.mktemp("pipeline") / "project")
    project.snakemake()
    return project


@contextmanager
def edited(project: Project, name: str, old: str, new: str) -> Iterator[None]:
    """The project with one changed file, which is restored afterwards."""
    path = project.folder / name
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new))
    try:
        yield
    finally:
        path.write_text(before)


def variants(planned: list[str]) -> list[str]:
    """The planned jobs without the hashes of the runs."""
    return sorted(re.sub(r"-[0-9a-f]{8}$", "", job) for job in planned)


def test_a_second_run_has_no_jobs(done: Project) -> None:
    assert done.planned() == []


def test_a_changed_setting_remakes_only_dependent_results(done: Project) -> None:
    params = done.read_params()
    params["citation"]["models"]["GAT"]["dropout"] = 0.55
    before = (done.folder / "params.yaml").read_text()
    done.write_params(params)
    expected = sorted([*REPORT, "evaluate GAT-public", "train GAT-public"])
    assert variants(done.planned()) == expected
    (done.folder / "params.yaml").write_text(before)
    assert done.planned() == []


def test_a_second_preset_makes_its_runs_but_no_data_sets(done: Project) -> None:
    overlay = {"studies": ["citation"], "citation": {"epochs": 4}}
    (done.folder / "second.yaml").write_text(yaml.safe_dump(overlay))
    planned = [job.rsplit("-", 1)[0] for job in done.planned("--config", "preset=second.yaml")]
    models = ["GAT-public", "GCN-public", "MLP-public"]
    trained = [f"{rule} {model}" for rule in ("evaluate", "train") for model in models]
    assert planned == sorted([*trained, *REPORT])


def test_a_changed_evaluation_does_not_retrain(done: Project) -> None:
    """Also through --config, which takes precedence over the files."""
    planned = done.planned("--config", "citation={evaluation: {edge_noise: [0.0, 3.0]}}")
    models = ("GAT", "GCN", "MLP")
    assert variants(planned) == sorted([f"evaluate {m}-public" for m in models] + REPORT)
    assert done.planned() == []


def test_an_edited_template_remakes_the_report(done: Project) -> None:
    name = "src/inductive/report/templates/index.html.j2"
    with edited(done, name, "what holds up", "what stands"):
        assert done.planned() == ["report"]
    assert done.planned() == []


def test_a_padding_mode_is_one_function_and_one_line(done: Project) -> None:
    """The example of the README: only its run is trained, and its row is in the table."""
    function = (
        "\n\n@padding_mode\n"
        "def mirror_shift(position: np.ndarray, size: int) -> np.ndarray:\n"
        "    return np.where((position >= 0) & (position < size), position, -position % size)\n"
    )
    modes = done.folder / "src/inductive/nn/padding_modes.py"
    modes.write_text(modes.read_text() + function)
    params = done.read_params()
    params["translation"]["course"]["paddings"]["mirror"] = {"mode": "mirror_shift", "amount": 2}
    done.write_params(params)
    name = "course-Net1-mirror"
    assert variants(done.planned()) == sorted(
        [f"{rule} {name}" for rule in ("evaluate", "train")]
        + ["report", "section translation", "verdicts translation"]
    )
    done.snakemake()
    assert done.planned() == []
    table = pd.read_csv(done.folder / "results/full/studies/translation/tables/course.csv")
    assert "mirror" in set(table["padding"])


def test_two_folders_give_the_same_results(done: Project, tmp_path: Path) -> None:
    other = Project(tmp_path / "other")
    other.snakemake("runs", "--cores", "1")
    theirs, ours = (p.files("results/full/runs/**/*.csv") for p in (other, done))
    assert len(theirs) == 14  # measurements and history of seven runs
    for name, content in theirs.items():
        assert ours[name] == content, name
    weights = "results/full/runs/**/*.safetensors"
    assert other.files(weights).items() <= done.files(weights).items()


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.figures = self.images = self.described = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.ids += [named["id"] or ""] if "id" in named else []
        # A link that a reader may follow is no request; everything else would be one.
        if tag != "a" or not (named.get("href") or "").startswith("https://"):
            self.links += [named[k] or "" for k in ("href", "src", "xlink:href") if k in named]
        self.figures += tag == "figure"
        self.images += tag == "svg"
        self.described += named.get("role") == "img" and bool(named.get("aria-label"))


def test_the_page_is_self_contained(done: Project) -> None:
    text = (done.folder / "results/full/report/index.html").read_text()
    page = _Page()
    page.feed(text)
    assert len(page.ids) == len(set(page.ids))
    inside = {f"#{i}" for i in page.ids}
    outside = [link for link in page.links if not link.startswith("data:") and link not in inside]
    assert outside == []
    assert not re.search(r"url\((?!#|data:)|@import|<script", text)
    assert page.figures == page.images == page.described == 10
    assert text.count("generated") > 9
    assert len(text) < 4_000_000


def test_every_claim_is_in_the_ledger_and_the_metrics(done: Project) -> None:
    folder = done.folder / "results/full/report"
    claims = pd.read_csv(folder / "claims.csv")
    expected = [*(f"T{i}" for i in range(1, 9)), "K3", "G8", "G11", "G12", "G13"]
    assert claims["id"].tolist() == expected
    metrics = json.loads((folder / "metrics.json").read_text())
    assert sum(metrics["claims"].values()) == len(expected)


def test_the_report_of_snakemake(done: Project, tmp_path: Path) -> None:
    target = tmp_path / "report.zip"
    done.snakemake("--report", str(target))
    assert target.stat().st_size > 100_000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--config", "preset=quik"], "did you mean 'quick'?"),
        (["--config", "citation={epoch: 3}"], "unknown key 'epoch'; did you mean 'epochs'?"),
        (["--config", "translation={clean: {modes: [cirular]}}"], "did you mean 'circular'?"),
        (["--config", "data={cora: {kind: own, path: nowhere}}"], "'nowhere' is not a folder"),
    ],
)
def test_invalid_input_is_one_line_before_any_job(
    done: Project, arguments: list[str], message: str
) -> None:
    before = done.files("results/**/*")
    text = done.snakemake(*arguments, ok=False)
    lines = [line for line in text.splitlines() if line.startswith("inductive: ")]
    assert len(lines) == 1
    assert message in lines[0]
    assert "Traceback" not in text
    assert done.files("results/**/*") == before


def test_a_missing_file_of_the_mirror_stops_only_that_study(make_project, tmp_path: Path) -> None:
    project = make_project("offline")
    params = project.read_params()
    params["data"]["cora"]["kind"] = "real"
    project.write_params(params)
    sources = project.folder / "src/inductive/data/sources.yaml"
    text = sources.read_text()
    for host in ("raw.githubusercontent.com", "github.com"):
        text = text.replace(f"https://{host}", "http://127.0.0.1:9")
    sources.write_text(text)
    fetch = project.folder / "src/inductive/data/fetch.py"
    fetch.write_text(fetch.read_text().replace("PAUSE = 1.0", "PAUSE = 0.01"))
    (tmp_path / "mirror").mkdir()
    output = project.snakemake("data", ok=False, INDUCTIVE_MIRROR=str(tmp_path / "mirror"))
    line = next(li for li in output.splitlines() if li.startswith("inductive: dataset cora"))
    assert "mirror/cora/ind.cora.allx (no such file)" in line
    assert "Traceback" not in output
    assert len(project.files("data/boxes/*/dataset.json")) == 3


def test_prune_lists_and_removes_unused_results(done: Project) -> None:
    stale = done.folder / "results/full/runs/citation/GCN-public-00000000"
    stale.mkdir()
    (stale / "history.csv").write_text("x")
    listed = done.inductive("prune", "--preset", "full")
    assert listed.split() == ["unused", "0.0", "MiB", str(stale.relative_to(done.folder))]
    assert stale.exists()
    done.inductive("prune", "--preset", "full", "--delete")
    assert not stale.exists()
    assert done.planned() == []


def test_results_of_other_parameters_are_refused(done: Project) -> None:
    """A folder whose content does not match its name is not used."""
    path = next((done.folder / "results/full/runs/citation").glob("GCN-*/seeds-*/run.json"))
    before = path.read_text()
    content = json.loads(before)
    content["run"]["training"]["epochs"] = 99
    path.write_text(json.dumps(content))
    plan = "results/full/studies/citation/section-plan.json"
    text = done.inductive("section", plan, ok=False)
    assert "made with other parameters" in text
    assert "Traceback" not in text
    assert "Traceback" in done.inductive("section", plan, "--debug", ok=False)
    path.write_text(before)


def test_evaluations_of_the_training_job_and_of_their_own_job_are_equal(done: Project) -> None:
    assert not done.files("results/.scratch/full/evaluations/**/*.*")
    path = next(
        (done.folder / "results/full/runs/citation").glob(
            "MLP-*/seeds-*/evaluation-*/measurements.csv"
        )
    )
    before = path.read_bytes()
    path.unlink()
    assert variants(done.planned("runs")) == ["evaluate MLP-public", "runs"]
    done.snakemake("runs")
    assert path.read_bytes() == before
    assert done.planned() == []


def test_results_of_an_earlier_version_are_kept_and_not_read(done: Project) -> None:
    """The layout of version 0.1: a flat folder per run, and `orders` next to `runs`."""
    old = done.folder / "results/full/runs/citation/GCN-public-0123abcd"
    orders = done.folder / "results/full/orders"
    for folder in (old, orders):
        folder.mkdir()
        (folder / "run.json").write_text("{}")
    text = done.snakemake("-n")
    assert "holds results of an earlier version, which are kept and not read" in text
    assert "Nothing to be done" in text
    listed = done.inductive("prune", "--preset", "full")
    assert old.name in listed
    assert "results/full/orders" in listed
    done.inductive("prune", "--preset", "full", "--delete")
    assert not old.exists()
    assert not orders.exists()
