"""The device, its threads and its determinism: set here and nowhere else."""

import ctypes
import os
import platform

import torch

from inductive.errors import InputError


def prepare(device: str, threads: int) -> torch.device:
    """The device that `auto | cpu | cuda | mps` means here, with torch set up for it.

    Deterministic algorithms only, full float32 products, `threads` threads.
    Raises InputError where the device is not there.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.set_num_threads(threads)
    # Unlike use_deterministic_algorithms(True), of which it is the meaning, this does not import
    # the compiler, which would take longer than most evaluations.
    torch.set_deterministic_debug_mode("error")
    # That would also fill every new tensor, to make reads of unwritten memory repeatable.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if device == "auto":
        device = "cuda" if there["cuda"] else "cpu"
    if not there[device]:
        found = ", ".join(name for name, is_there in there.items() if is_there)
        raise InputError(f"training.device: '{device}' is not on this machine (found: {found})")
    if device == "cpu":
        keep_memory()
    return torch.device(device)


def keep_memory() -> None:
    """Have glibc keep freed memory instead of returning it to the system after every operation.

    Activations of tens of MB are above its threshold for fresh pages, and zeroing fresh pages costs
    a third of a training step of the convolutional networks.
    """
    if platform.system() == "Linux" and platform.libc_ver()[0] == "glibc":
        mmap_threshold, trim_threshold, top_pad = -3, -1, -2
        libc = ctypes.CDLL(None)
        libc.mallopt(mmap_threshold, 1 << 30)
        libc.mallopt(trim_threshold, (1 << 31) - 1)
        libc.mallopt(top_pad, 1 << 28)


def seeds_together(setting: str | int, device: torch.device) -> int:
    """How many seeds are trained as one batch. On a CPU one after another is faster."""
    if setting == "auto":
        return 1 if device.type == "cpu" else 100
    return int(setting)
