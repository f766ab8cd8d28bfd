"""Security: no execution of foreign code, no paths outside their folder, escaped markup."""

import os
import pickle
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from conftest import ROOT, Project
from inductive.core.errors import InputError
from inductive.core.files import write_json
from inductive.core.layout import Layout
from inductive.core.parameters import resolve
from inductive.data import registry
from inductive.data.registry import Datasets
from inductive.data.settings import DataSettings
from inductive.data.sources import published
from inductive.pipeline.parameters import load
from inductive.pipeline.plan import Plan
from inductive.report.page import render
from inductive.training import provenance

SOURCES = yaml.safe_load((ROOT / "src/inductive/data/sources.yaml").read_text())


class _Trap:
    """Unpickling it would write a file."""

    def __reduce__(self) -> Any:
        return os.system, ("touch trapped",)


def test_no_pickle_is_read_before_its_checksum_is_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, params: dict[str, Any]
) -> None:
    mirror = tmp_path / "mirror/cora"
    mirror.mkdir(parents=True)
    for name, expected in published("cora").files.items():
        (mirror / name).write_bytes(pickle.dumps(_Trap()).ljust(expected.size, b"\0"))
    monkeypatch.setenv("INDUCTIVE_MIRROR", str(mirror.parent))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("inductive.data.fetch.PAUSE", 0.0)
    monkeypatch.setattr("inductive.data.fetch._download", _refuse)
    params["data"]["cora"]["kind"] = "real"
    layout = Layout(tmp_path)
    spec = Datasets(DataSettings(**params["data"]), layout).resolve("cora")
    with pytest.raises(InputError, match="wrong checksum"):
        registry.make(spec, layout)
    with pytest.raises(InputError, match="no such file"):
        registry.load(spec, layout)
    assert not (tmp_path / "trapped").exists()


def _make_cora(params: dict[str, Any], root: Path) -> None:
    spec = Datasets(DataSettings(**params["data"]), Layout(root)).resolve("cora")
    registry.make(spec, Layout(root))


def _refuse(url: str, path: Path) -> None:
    raise ConnectionError("no network")


def test_a_user_s_pickle_may_contain_only_arrays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, params: dict[str, Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in published("cora").files:
        (tmp_path / name).write_bytes(pickle.dumps(_Trap()))
    params["data"]["cora"] |= {"kind": "own", "path": str(tmp_path)}
    with pytest.raises(InputError):
        _make_cora(params, tmp_path)
    assert not (tmp_path / "trapped").exists()


def test_nothing_else_unpickles() -> None:
    """`pickle` and similar functions are used only in the restricted unpickler."""
    allowed = {"data/formats/unpickle.py"}
    pattern = re.compile(
        r"\bpickle\.|torch\.load\(|allow_pickle=True|(?<![.\w])(?:eval|exec)\(|os\.system"
    )
    source = ROOT / "src/inductive"
    using = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        if pattern.search(path.read_text())
    }
    assert using <= allowed, using


# Every key of the parameters that could become part of a path.
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("translation.course.paddings.NAME", {"mode": "zeros", "amount": 1}),
        ("rotation.variants.NAME", {"group": "z2", "pictures": "upright", "disc": False}),
        ("galaxy.variants.NAME", {}),
        ("segmentation.variants.NAME", {}),
        ("oversmoothing.remedies.NAME", {}),
        ("aggregation.tasks.NAME", {}),
        ("citation.models.NAME", {}),
        ("data.NAME", {"kind": "real"}),
        ("NAME", {}),
    ],
)
@pytest.mark.parametrize("name", ["../../evil", "/tmp/evil", "a/b", "..", "a\nb", "a b"])
def test_no_name_in_the_parameters_leaves_its_folder(
    tmp_path: Path, key: str, value: Any, name: str
) -> None:
    params: dict[str, Any] = yaml.safe_load((ROOT / "params.yaml").read_text())
    node = params
    *above, _ = key.split(".")
    for step in above:
        node = node[step]
    node[name] = value
    (tmp_path / "workflow").symlink_to(ROOT / "workflow")
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    with pytest.raises(InputError):
        Plan(load(tmp_path), Layout(tmp_path))


@pytest.mark.parametrize("name", ["../evil.yaml", "/etc/passwd", "..", "quick/../../x"])
def test_a_preset_is_a_known_name_or_a_yaml_file(name: str) -> None:
    with pytest.raises(InputError, match=r"preset|no such file"):
        resolve(ROOT, {"preset": name})


@pytest.mark.parametrize("name", list(SOURCES))
def test_published_files_have_plain_names_and_checksums(name: str) -> None:
    for file, expected in published(name).files.items():
        path = Path(file)
        assert not path.is_absolute()
        assert ".." not in path.parts
        assert expected.sha256 or expected.md5
    assert all(url.startswith("https://") for url in published(name).upstreams)


def test_the_page_escapes_all_texts(tmp_path: Path) -> None:
    """Markup in titles, cells, statements and keys is escaped."""
    evil = "<script>alert('x')</script>\"&"
    table = {"id": "t", "title": evil, "note": evil, "columns": [evil], "rows": [[evil]]}
    figure = {"id": "f", "title": evil, "caption": evil, "alt": evil}
    verdict = {"id": "T1", "source": evil, "stated": evil, "tested": evil, "verdict": "not run"}
    verdict |= {"reason": evil, "effect": evil, "comparison": evil, "evidence": [evil]}
    verdict |= {"type": evil, "link": "", "built_in": evil, "replicated": evil, "about": evil}
    verdict |= dict.fromkeys(("measured_on", "replication", "pairing", "decision"), evil)
    verdict |= {"robustness": evil, "missing": [evil], "edited": [evil], "hash": "0" * 8}
    verdict |= {"statistical": True}
    paths = Layout(tmp_path).preset("full")
    folder = paths.study("translation")
    (folder / "figures").mkdir(parents=True)
    (folder / "tables").mkdir()
    (folder / "figures/f.svg").write_text("<svg></svg>")
    (folder / "tables/t.csv").write_text("a\n1\n")
    section = {
        "study": "translation",
        "drawn": "",
        "title": evil,
        "question": evil,
        "protocol": evil,
        "datasets": [{"name": evil, "kind": evil}],
        "seeds": [3],
        "runs": 1,
        "networks": 3,
        "networks_at_most": 9,
        "diverged": 1,
        "tables": [table],
        "figures": [figure],
        "made": {"commit": [evil], "device": [evil], "torch": [evil], "wall_minutes": 1.0},
    }
    write_json(folder / "section.json", section)
    write_json(folder / "verdicts.json", [verdict])
    for name in ("verdicts", "looks", "per_seed"):
        (folder / f"{name}.csv").write_text("claim\nT1\n")
    render(paths, ["translation"], {evil: [evil, evil]})
    page = (paths.report / "index.html").read_text()
    assert "alert(" in page
    assert "<script>alert" not in page
    assert 'alt="<' not in page


def test_provenance_holds_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "INDUCTIVE_MIRROR", "PASSWORD"):
        monkeypatch.setenv(name, "hush-hush")
    monkeypatch.setenv("INDUCTIVE_MIRROR", "https://user:hush-hush@host/mirror")
    facts = str(provenance.describe(torch.device("cpu"), 1, 1.0))
    assert "hush" not in facts
    assert str(Path.home()) not in facts
    assert os.uname().nodename not in facts


def test_errors_do_not_contain_the_password_of_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, params: dict[str, Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("inductive.data.fetch.PAUSE", 0.0)
    monkeypatch.setattr("inductive.data.fetch._download", _refuse)
    monkeypatch.setenv("INDUCTIVE_MIRROR", "https://user:hush-hush@localhost/mirror")
    params["data"]["cora"]["kind"] = "real"
    with pytest.raises(InputError) as error:
        _make_cora(params, tmp_path)
    assert "localhost/mirror" in str(error.value)
    assert "hush" not in str(error.value)


@pytest.mark.pipeline
@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root, to become a user")
def test_root_is_not_needed(tmp_path: Path) -> None:
    """The command runs for a user who owns only the folder."""
    project = Project(tmp_path / "project")
    project.write_params(project.read_params() | {"studies": ["convolution"]})
    for path in (tmp_path, *tmp_path.rglob("*")):
        os.chown(path, 65534, 65534)
    for above in tmp_path.parents:
        if above.owner() == "root" and str(above).startswith("/tmp/"):
            above.chmod(0o755)
    python = Path(sys.executable).resolve()
    if not os.access(python, os.X_OK) or str(python).startswith("/root"):
        pytest.skip("this Python is in a folder of root")
    subprocess.run(
        [sys.executable, "-m", "inductive", "plan"],
        cwd=project.folder,
        env={"PYTHONPATH": "src", "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)},
        user=65534,
        check=True,
        capture_output=True,
    )
