"""The device, its threads and its determinism: the only module that configures torch."""

import ctypes
import os
import platform

import torch

from inductive.core.errors import InputError


def prepare(device: str, threads: int) -> torch.device:
    """The device that `auto | cpu | cuda | mps` means on this machine, with torch set up for it.

    Deterministic algorithms only, float32 products in full precision, `threads` threads.
    Raises InputError where this machine has no such device.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.set_num_threads(threads)
    # Equivalent to use_deterministic_algorithms(True), which also imports the compiler: that takes
    # longer than most evaluations.
    torch.set_deterministic_debug_mode("error")
    # Deterministic mode also fills every new tensor, so that reads of unwritten memory repeat.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    is_available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if device == "auto":
        device = "cuda" if is_available["cuda"] else "cpu"
    if not is_available[device]:
        available = ", ".join(name for name, value in is_available.items() if value)
        raise InputError(
            f"training.device: this machine has no '{device}' (available: {available})"
        )
    if device == "cpu":
        keep_memory()
    return torch.device(device)


def keep_memory() -> None:
    """Make glibc keep freed memory instead of returning it to the system after every operation.

    Activations of tens of MB are above its threshold for fresh pages, and zeroing fresh pages takes
    a third of a training step of the convolutional networks.
    """
    if platform.system() == "Linux" and platform.libc_ver()[0] == "glibc":
        mmap_threshold, trim_threshold, top_pad = -3, -1, -2  # M_* constants of malloc.h
        libc = ctypes.CDLL(None)
        libc.mallopt(mmap_threshold, 1 << 30)
        libc.mallopt(trim_threshold, (1 << 31) - 1)
        libc.mallopt(top_pad, 1 << 28)


def seeds_together(setting: str | int, device: torch.device) -> int:
    """How many seeds are trained as one ensemble; `auto` is 1 on a CPU, where that is faster."""
    if setting == "auto":
        return 1 if device.type == "cpu" else 100
    return int(setting)
