"""Files that a disk or a user has damaged: named in one line, never used, made again."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from inductive.core.errors import InputError
from inductive.core.integrity import check_evaluation, check_trained
from inductive.core.run import Run
from soak_project import SoakProject

pytestmark = [
    pytest.mark.pipeline,
    pytest.mark.skipif(not os.environ.get("SOAK"), reason="`make soak` runs it"),
]

TRAINED = ("checkpoint.safetensors", "history.csv", "run.json")
EVALUATED = ("measurements.csv", "artefacts.safetensors", "evaluation.json")
STUDY = "results/full/studies/citation"
CLAIMS = "results/full/report/claims.csv"

Damage = Callable[[Path], None]


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _flip(path: Path) -> None:
    """One bit: of provenance it could not be noticed, so in JSON it is one of a checksum."""
    content = bytearray(path.read_bytes())
    content[content.rindex(b'"') - 1 if path.suffix == ".json" else len(content) // 2] ^= 1
    path.write_bytes(bytes(content))


def _remove(path: Path) -> None:
    path.unlink()


def _folders(project: SoakProject) -> list[Path]:
    """The one set of seeds of every run of the citation study."""
    return sorted((project.folder / "results/full/runs/citation").glob("*/seeds-*"))


def _file(folder: Path, name: str) -> Path:
    """A file of a set of seeds, or of its one evaluation."""
    (path,) = folder.glob(f"evaluation-*/{name}" if name in EVALUATED else name)
    return path


@pytest.mark.parametrize("damage", [_truncate, _empty, _flip])
@pytest.mark.parametrize("name", [*TRAINED, *EVALUATED])
def test_a_damaged_result_is_named_and_never_used(
    done: SoakProject, undisturbed: SoakProject, name: str, damage: Damage
) -> None:
    path = _file(_folders(done)[0], name)
    damage(path)
    targets = (f"{STUDY}/section.json", f"{STUDY}/verdicts.json")
    text = done.snakemake(*targets, "-R", "section", "verdicts", ok=False)
    for rule in ("section", "verdicts"):
        assert f"Error in rule {rule}:" in text
    lines = [line for line in text.splitlines() if line.strip().startswith("inductive:")]
    folder = str(path.parent.relative_to(done.folder))
    assert lines
    assert all(folder in line for line in lines), text[-2000:]
    assert "Traceback" not in text
    shutil.rmtree(path.parent)
    done.snakemake()
    assert done.results() == undisturbed.results()


def test_a_damaged_checkpoint_is_not_evaluated(done: SoakProject) -> None:
    folder = _folders(done)[0]
    _truncate(folder / "checkpoint.safetensors")
    for path in folder.glob("evaluation-*"):
        shutil.rmtree(path)
    text = done.snakemake(ok=False)
    assert "checkpoint.safetensors: damaged" in text


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> SoakProject:
    """The citation study with one seed more, all of them trained at once."""
    project = SoakProject(tmp_path_factory.mktemp("grown") / "project")
    _ask_for_more_seeds(project)
    project.snakemake("runs")
    return project


def _ask_for_more_seeds(project: SoakProject) -> None:
    params = project.read_params() | {"studies": ["citation"]}
    params["citation"]["seeds"] += 1
    project.write_params(params)


@pytest.mark.parametrize("damage", [_truncate, _empty, _flip])
@pytest.mark.parametrize("names", [TRAINED, EVALUATED], ids=["trained", "evaluated"])
def test_a_damaged_set_of_seeds_is_not_reused(
    done: SoakProject, grown: SoakProject, names: tuple[str, ...], damage: Damage
) -> None:
    """Another file in each of three runs; then one seed more is asked for."""
    folders = _folders(done)
    for folder, name in zip(folders, names, strict=True):
        damage(_file(folder, name))
    _ask_for_more_seeds(done)
    text = done.snakemake("runs")
    logs = "".join(path.read_text() for path in (done.folder / "logs/full/citation").rglob("*.log"))
    assert "Traceback" not in text + logs
    verb = "trained" if names == TRAINED else "measured"
    assert logs.count(f"inductive: not used, {verb} again:") >= len(names)
    for folder, name in zip(folders, names, strict=True):
        fact = "run.json" if names == TRAINED else "evaluation-*/evaluation.json"
        (path,) = (p for p in folder.parent.glob(f"seeds-*/{fact}") if folder not in p.parents)
        made = [part["seeds"] for part in json.loads(path.read_text())["made"]]
        assert made == [[0, 1, 2, 3]], name
        shutil.rmtree(folder)
    others = {k: v for k, v in done.results().items() if "/citation/" in k}
    assert others == grown.results()


@pytest.mark.parametrize("damage", [_remove, _empty, _truncate])
@pytest.mark.parametrize(
    "name", ["section.json", "verdicts.json", "section-plan.json", "verdicts-plan.json"]
)
def test_a_damaged_step_is_made_again_or_named(
    done: SoakProject, undisturbed: SoakProject, name: str, damage: Damage
) -> None:
    """A plan is written again, a missing output is made again, a damaged one is named."""
    path = done.folder / STUDY / name
    damage(path)
    mended = name.endswith("-plan.json") or damage is _remove
    text = done.snakemake("-R", "report", ok=mended)
    if not mended:
        assert f"{STUDY}/{name}: not valid JSON" in text
        assert "Traceback" not in text
        path.unlink()
        done.snakemake()
    for file in (f"{STUDY}/section.json", f"{STUDY}/verdicts.json", CLAIMS):
        assert (done.folder / file).read_bytes() == (undisturbed.folder / file).read_bytes()


@pytest.mark.parametrize(
    ("name", "check"), [("run.json", check_trained), ("evaluation.json", check_evaluation)]
)
def test_every_flipped_bit_of_the_facts_is_refused_or_harmless(
    done: SoakProject, name: str, check: Callable[[Run, Path], object]
) -> None:
    """No bit of these files leads to another error than one line."""
    folder = _folders(done)[0]
    run = Run.from_json(json.loads((folder / "run.json").read_bytes())["run"])
    path = _file(folder, name)
    before, refused = path.read_bytes(), 0
    for i in range(8 * len(before)):
        content = bytearray(before)
        content[i // 8] ^= 1 << i % 8
        path.write_bytes(bytes(content))
        try:
            check(run, path.parent)
        except InputError:
            refused += 1
    assert refused > 4 * len(before)
