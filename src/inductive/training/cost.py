"""What a piece of work costs here and now, measured: time, and memory that torch allocates."""

import os
import time
from collections.abc import Callable

import torch


def milliseconds(work: Callable[[], object], device: torch.device | None = None) -> float:
    """The least of three passes: other programs only ever add to a time."""

    def pass_once() -> float:
        begun = time.perf_counter()
        work()
        if device is not None and device.type == "cuda":
            torch.cuda.synchronize(device)
        return time.perf_counter() - begun

    pass_once()
    return 1000 * min(pass_once() for _ in range(3))


def peak_bytes(work: Callable[[], object], device: torch.device | None = None) -> int:
    """The most memory that torch held at once during `work`, beyond what was there before."""
    if device is not None and device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        work()
        return torch.cuda.max_memory_allocated(device) - before
    os.environ.setdefault("KINETO_LOG_LEVEL", "5")  # the profiler reports on itself otherwise
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as recorded:
        work()
    held = largest = 0
    for event in recorded.profiler.kineto_results.events():
        if event.name() == "[memory]":
            held += event.nbytes()
            largest = max(largest, held)
    return largest
