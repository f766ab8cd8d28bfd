"""Shared fixtures: small parameters, a small graph, and copies of the project to run things in."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml

ROOT = Path(__file__).resolve().parents[1]

torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _in_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("INDUCTIVE_MIRROR", raising=False)


def small_params() -> dict[str, Any]:
    """params.yaml with everything cut down to seconds, nothing left out."""
    params: dict[str, Any] = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["data"]["boxes"] |= {"train": 40, "validation": 20, "test": 20}
    params["data"]["cora"]["kind"] = "generated"
    params["data"]["cora"]["generated"] |= {
        "class_sizes": [60, 50, 40],
        "edges": 300,
        "words": 80,
        "words_per_node": 6,
        "train_per_class": 5,
        "validation": 30,
        "test": 60,
    }
    paddings = params["translation"]["course"]["paddings"]
    params["translation"] |= {
        "seeds": 3,
        "epochs": 2,
        "batch_size": 20,
        "course": {"nets": ["Net1"], "paddings": {k: paddings[k] for k in ("valid", "circular")}},
        "clean": {"nets": ["Net1"], "modes": ["zeros"], "amounts": [1]},
        "evaluation": {"shifts": [0, 16]},
    }
    params["citation"] |= {
        "seeds": 3,
        "epochs": 5,
        "splits": ["public"],
        "evaluation": {"edge_noise": [0.0, 1.0], "feature_noise": [0.0, 0.5]},
    }
    params["citation"]["random_split"] |= {"train_per_class": 5, "validation_per_class": 5}
    return params


@pytest.fixture
def params() -> dict[str, Any]:
    """Small parameters, seeds as lists, as the studies get them."""
    small = small_params()
    for study in ("translation", "citation"):
        small[study]["seeds"] = list(range(small[study]["seeds"]))
    return small


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
        """What a command prints; fails the test where its exit code surprises."""
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
        """'<rule> <run, study or dataset>' of every job that a dry run lists."""
        text = self.snakemake("-n", *arguments)
        jobs, rule = [], ""
        for line in text.splitlines():
            if line.startswith(("rule ", "localrule ")):
                rule = line.split()[1].rstrip(":")
                jobs.append(rule)
            elif line.strip().startswith("wildcards:") and jobs and jobs[-1] == rule:
                named = dict(part.split("=") for part in line.split(":")[1].strip().split(", "))
                name = named.get("run") or named.get("study") or named.get("name", "")
                jobs[-1] = f"{rule} {name}"
        return sorted(job for job in jobs if job != "all")

    def files(self, pattern: str) -> dict[str, bytes]:
        """Relative path -> content."""
        found = sorted(p for p in self.folder.glob(pattern) if p.is_file())
        return {str(p.relative_to(self.folder)): p.read_bytes() for p in found}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


@pytest.fixture
def make_project(tmp_path: Path) -> Callable[[str], Project]:
    return lambda name: Project(tmp_path / name)
