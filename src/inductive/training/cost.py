"""Measured cost of a computation: time, and memory that torch allocates."""

import os
import time
from collections.abc import Callable

import torch
from torch.profiler import ProfilerActivity, profile


def milliseconds(work: Callable[[], object], device: torch.device | None = None) -> float:
    """The shortest of three runs after an untimed one: other programs can only lengthen a run."""

    def seconds() -> float:
        start = time.perf_counter()
        work()
        if device is not None and device.type == "cuda":
            torch.cuda.synchronize(device)
        return time.perf_counter() - start

    seconds()
    return 1000 * min(seconds() for _ in range(3))


def peak_bytes(work: Callable[[], object], device: torch.device | None = None) -> int:
    """The largest number of bytes that torch held during `work`, beyond those before it."""
    if device is not None and device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        work()
        return torch.cuda.max_memory_allocated(device) - before
    os.environ.setdefault("KINETO_LOG_LEVEL", "5")  # the profiler logs its own steps otherwise
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as recorded:
        work()
    held = largest = 0
    for event in recorded.profiler.kineto_results.events():
        if event.name() == "[memory]":
            held += event.nbytes()
            largest = max(largest, held)
    return largest
