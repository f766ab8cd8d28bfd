"""Provenance of a result: code, libraries, machine."""

import datetime
import platform
import resource
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

_LIBRARIES = ("torch", "numpy", "scipy", "pandas", "safetensors", "snakemake", "dvc")


def describe(device: torch.device, threads: int, wall_seconds: float) -> dict[str, Any]:
    """Date, commit, versions, device, threads, wall seconds and peak memory of this process."""
    cuda = device.type == "cuda"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak_mib = peak / (2**20 if sys.platform == "darwin" else 2**10)
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": git_commit(),
        "versions": {"python": platform.python_version()} | _versions(),
        "device": torch.cuda.get_device_name(device) if cuda else platform.machine() + " CPU",
        "threads": threads,
        "wall_seconds": round(wall_seconds, 1),
        "peak_memory_mib": round(peak_mib),
        "peak_device_memory_mib": round(torch.cuda.max_memory_allocated() / 2**20)
        if cuda
        else None,
    }


def _versions() -> dict[str, str]:
    """Installed versions; libraries that are not installed are left out."""
    versions = {}
    for name in _LIBRARIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions


def git_commit() -> str:
    """The commit of this package's code, '+' added where its working tree has changes.

    'unknown' where git does not track this file, as in an installed package.
    """
    try:
        _git("ls-files", "--error-unmatch", Path(__file__).name)
        return _git("describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*arguments: str) -> str:
    folder = Path(__file__).parent
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
