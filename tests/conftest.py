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
    """params.yaml with everything cut down to seconds. Two studies are asked for, all would run."""
    params: dict[str, Any] = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["studies"] = ["translation", "citation"]
    _small_vision(params)
    _small_graphs(params)
    _small_language(params)
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
        "draws": {"data_seeds": [7], "paddings": ["valid"], "seeds": 3},
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


def _small_vision(params: dict[str, Any]) -> None:
    data = params["data"]
    for name, numbers in {
        "cifar10": {"train": 48, "test": 20, "size": 16},
        "galaxy10": {"images": 100, "size": 24},
        "membranes": {"images": 4, "size": 48, "cell": 20, "membrane": 4},
    }.items():
        data[name]["kind"] = "generated"
        data[name]["generated"] |= numbers
    variants = params["rotation"]["variants"]
    params["rotation"] |= {
        "seeds": 3,
        "epochs": 2,
        "batch_size": 16,
        "datasets": {"cifar10": {"train": 32, "validation": 16, "test": 20}},
        "variants": {k: variants[k] for k in ("plain", "augmented", "p4")},
        "evaluation": {"angles": [0, 45, 90, 180, 270, 360]},
    }
    variants = params["galaxy"]["variants"]
    params["galaxy"] |= {
        "seeds": 3,
        "epochs": 2,
        "batch_size": 20,
        "variants": {k: variants[k] for k in ("plain", "dropout", "augmented", "class-weights")},
    }
    params["contrastive"] |= {
        "seeds": 3,
        "epochs": 2,
        "size": 16,
        "base": {"temperature": 0.2, "batch_size": 16, "rotation": True},
        "temperatures": [0.2],
        "batch_sizes": [16],
        "evaluation": {"labels": [20, 60], "neighbours": 3},
    }
    variants = params["segmentation"]["variants"]
    params["segmentation"] |= {
        "seeds": 3,
        "epochs": 2,
        "batch_size": 2,
        "crop": 32,
        "crops_per_image": 1,
        "channels": 3,
        "depth": 2,
        "depths": [2],
        "parts": 2,
        "folds": [1],
        "variants": {k: variants[k] for k in ("skips", "no-skips-matched", "border-weighted")},
        "sweep_variants": ["skips"],
    }


def _small_graphs(params: dict[str, Any]) -> None:
    tissues = {"specimens": 10, "stages": 2, "cells": 60}
    params["data"]["celltypegraph"] |= {"kind": "generated"}
    params["data"]["celltypegraph"]["generated"] |= tissues
    params["data"]["neighbourhoods"] |= {"nodes": 90, "degree": 4}
    graphs = params["oversmoothing"]["graphs"]
    graphs["celltypegraph"] |= {"hidden": 4, "epochs": 2, "depths": {"none": [1, 3], "self": [3]}}
    graphs["cora"] |= {"hidden": 4, "epochs": 2, "depths": {"none": [2], "gcnii": [3]}}
    params["oversmoothing"]["seeds"] = 3
    tasks = params["aggregation"]["tasks"]
    both = {"softmax": [0, "inf"], "exponents": [1], "learnt": {"softmax": [1]}}
    learnt, fixed = {"exponents": [0], "learnt": {"power": [1]}}, {"power": [2], "exponents": [1]}
    tasks = {
        "neighbourhoods-max": tasks["neighbourhoods-max"] | {"epochs": 3, "grid": both},
        "cora": tasks["cora"] | {"epochs": 2, "hidden": 4, "grid": learnt},
        "celltypegraph": tasks["celltypegraph"] | {"epochs": 2, "hidden": 4, "grid": fixed},
    }
    params["aggregation"] |= {"seeds": 3, "tasks": tasks}
    params["aggregation"]["limits"] |= {"nodes": 12, "parameters": [10, 1000, 10000]}
    cost = {"nodes": 50, "width": 4, "edges": [100, 200], "dense_nodes": [20, 40]}
    params["graph_algebra"] |= {"seeds": 3, "cost": cost}
    params["gradients"]["seeds"] = params["convolution"]["seeds"] = 3
    params["positions"] |= {
        "seeds": 3,
        "codes": {"p": 16, "n": 12, "longest": 24},
        "scores": {"p": 16, "n": 12},
        "dimensions": {"widths": [16, 64], "n": 8},
    }
    params["geometry"] |= {
        "seeds": 3,
        "projection": {"points": 20, "dimension": 50, "epsilons": [0.5, 0.9], "draws": 3},
        "orthogonal": {"dimensions": [4, 8], "deltas": [0.5], "patience": 50, "most": 40},
        "angles": {"dimensions": [2, 16], "pairs": 100},
    }


def _small_language(params: dict[str, Any]) -> None:
    params["data"]["grimm"] = {
        "kind": "generated",
        "path": None,
        "generated": {"seed": 0, "characters": 3000},
    }
    language = params["language"]
    tiny = {"model": "tiny", "block": 8, "batch_size": 4, "steps": 6, "report_every": 3}
    language |= {
        "seeds": 3,
        "models": {"tiny": {"layers": 1, "heads": 2, "width": 8}},
        "course": language["course"] | tiny | {"watched": 4},
        "clean": language["clean"] | tiny | {"watched": 4, "warmup": 2, "window": 3},
        "positions": ["none", "learned", "sinusoidal", "rope", "alibi"],
        "blocks": [8],
        "mlp_layers": [1, 4],
        "evaluation": {
            "stretch": [0.5, 1, 4],
            "windows": 5,
            "samples": {
                "count": 2,
                "prompt": 5,
                "characters": 12,
                "temperatures": [0.65, 1.0],
                "top_p": [0.85, 0.9],
                "top_k": [5],
            },
            "verbatim": {"prompts": 3, "prompt": 5, "characters": 4},
            "prompts": [
                {"text": "Once ", "temperature": 0.7, "top_p": 0.9},
                {"text": "‘Once", "temperature": 0.7, "top_p": 0.9},
            ],
        },
    }
    params["attention"] |= {"seeds": 3}
    params["attention"]["cost"] |= {"width": 8, "window": 8, "tokens": [32, 64, 128]}


@pytest.fixture
def params() -> dict[str, Any]:
    """Small parameters, seeds as lists, as the studies get them."""
    small = small_params()
    for block in small.values():
        if isinstance(block, dict) and "seeds" in block:
            block["seeds"] = list(range(block["seeds"]))
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
