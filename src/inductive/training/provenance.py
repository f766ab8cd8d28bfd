"""Who made a result: code, libraries, machine."""

import datetime
import platform
import resource
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch

_LIBRARIES = ("torch", "numpy", "scipy", "pandas", "safetensors", "snakemake", "dvc")


def describe(
    device: torch.device, threads: int, wall_seconds: float, seeds_together: int
) -> dict[str, Any]:
    """Commit, versions, device, threads, wall seconds and peak memory of this process."""
    cuda = device.type == "cuda"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak_mib = peak / (2**20 if sys.platform == "darwin" else 2**10)
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": git_commit(),
        "versions": {"python": platform.python_version()} | _versions(),
        "device": torch.cuda.get_device_name(device) if cuda else platform.machine() + " CPU",
        "threads": threads,
        "seeds_together": seeds_together,
        "wall_seconds": round(wall_seconds, 1),
        "peak_memory_mib": round(peak_mib),
        "peak_device_memory_mib": round(torch.cuda.max_memory_allocated() / 2**20)
        if cuda
        else None,
    }


def _versions() -> dict[str, str]:
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def git_commit() -> str:
    """The commit of the working tree, '+' added where it has changes; 'unknown' outside git."""
    command = ["git", "describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()
