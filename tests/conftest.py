"""Shared fixtures: small parameters, their runs and data, and copies of the project."""

import copy
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

from inductive.core.explain import validate
from inductive.core.layout import Layout
from inductive.core.parameters import merge
from inductive.core.run import Run
from inductive.data import registry
from inductive.data.settings import DataSettings
from inductive.pipeline.plan import identify
from inductive.studies import load

ROOT = Path(__file__).resolve().parents[1]

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _in_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("INDUCTIVE_MIRROR", raising=False)


def small_params() -> dict[str, Any]:
    """params.yaml merged with tests/small.yaml. Two studies are selected; all can be run."""
    base = yaml.safe_load((ROOT / "params.yaml").read_text())
    return merge(base, yaml.safe_load((ROOT / "tests/small.yaml").read_text()))


@pytest.fixture
def params() -> dict[str, Any]:
    """Small parameters as plain data; a test may change them."""
    return copy.deepcopy(small_params())


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """The layout of a temporary folder."""
    return Layout(tmp_path / "root")


@pytest.fixture
def make_runs(layout: Layout) -> Callable[..., list[Run]]:
    """The runs of a study on small parameters, with `changes` merged into its block, and `data`
    into the block of data."""

    def make(
        study: str,
        changes: Mapping[str, Any] | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> list[Run]:
        params, known = small_params(), load(study)
        block = merge(params[study], changes or {})
        settings = validate(known.settings, block, "test", study)
        datasets = registry.Datasets(
            validate(DataSettings, merge(params["data"], data or {}), "test", "data"), layout
        )
        return [identify(run) for run in known.module("plan").runs(settings, datasets)]

    return make


@pytest.fixture
def make_data(layout: Layout) -> Callable[[Run], Any]:
    """The data of a run, made in the temporary folder of `layout`."""

    def make(run: Run) -> Any:
        if not layout.card(run.data).is_file():
            registry.make(run.data, layout)
        return registry.load(run.data, layout)

    return make


class Project:
    """A copy of the working tree with small parameters, and commands run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
        files = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for name in files.splitlines():
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        self.write_params(small_params())

    def write_params(self, params: dict[str, Any]) -> None:
        (self.folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))

    def read_params(self) -> dict[str, Any]:
        loaded: dict[str, Any] = yaml.safe_load((self.folder / "params.yaml").read_text())
        return loaded

    def run(self, *command: str, ok: bool = True, **environment: str) -> str:
        """The output of a command; the test fails if its exit code is not the expected one."""
        venv = str(Path(sys.executable).parent)
        env = os.environ | {
            "PATH": f"{venv}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(self.folder / "src"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "NO_COLOR": "1",
        }
        done = subprocess.run(
            command, cwd=self.folder, env=env | environment, capture_output=True, text=True
        )
        text = done.stdout if "--json" in command else done.stdout + done.stderr
        assert (done.returncode == 0) == ok, text[-4000:]
        return text

    def inductive(self, *arguments: str, ok: bool = True) -> str:
        return self.run(sys.executable, "-m", "inductive", *arguments, ok=ok)

    def snakemake(self, *arguments: str, ok: bool = True, **environment: str) -> str:
        return self.run("snakemake", "--cores", "2", *arguments, ok=ok, **environment)

    def planned(self, *arguments: str) -> list[str]:
        """'<rule> <run, study or data set>' of every job that a dry run lists."""
        text = self.snakemake("-n", *arguments)
        jobs, rule = [], ""
        for line in text.splitlines():
            if started := re.match(r"(?:local)?(?:rule|checkpoint) (\w+):", line):
                rule = started[1]
                jobs.append(rule)
            elif line.strip().startswith("wildcards:") and jobs and jobs[-1] == rule:
                named = dict(part.split("=") for part in line.split(":")[1].strip().split(", "))
                name = named.get("run") or named.get("study") or named.get("name", "")
                jobs[-1] = f"{rule} {name}"
        return sorted(job for job in jobs if job != "all")

    def files(self, pattern: str) -> dict[str, bytes]:
        """Relative path -> content."""
        paths = sorted(p for p in self.folder.glob(pattern) if p.is_file())
        return {str(p.relative_to(self.folder)): p.read_bytes() for p in paths}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


@pytest.fixture
def make_project(tmp_path: Path) -> Callable[[str], Project]:
    return lambda name: Project(tmp_path / name)
