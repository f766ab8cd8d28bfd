"""Measured cost of a computation: time, and memory that torch allocates."""

import contextlib
import ctypes
import math
import os
import time
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch.profiler import ProfilerActivity, profile

ROUNDS = 5
"""Rounds of measurements, of which the median counts."""
SHORTEST = 2.0
"""Milliseconds that one measurement takes at least; clocks and calls distort shorter ones."""
_M_TRIM_THRESHOLD, _M_MMAP_MAX = -1, -4  # of glibc's malloc.h


def interleaved_milliseconds(
    works: Sequence[Callable[[], object]], device: torch.device | None = None, rounds: int = ROUNDS
) -> np.ndarray:
    """(rounds, W): the time of each of W works in each round, in milliseconds.

    On a CPU it is the time that its processors spend on this process, so that waiting for other
    jobs of the machine does not count; on a GPU the time that passes.

    Every round times every work once, so that a change in the speed of the machine affects all of
    them alike. A work that takes less than SHORTEST is repeated within a measurement, which is then
    the mean of its runs. Each work is first run untimed.
    """
    _keep_freed_memory()
    on_gpu = device is not None and device.type == "cuda"
    clock = time.perf_counter if on_gpu else time.process_time

    def timed(work: Callable[[], object], runs: int) -> float:
        start = clock()
        for _ in range(runs):
            work()
        if on_gpu:
            torch.cuda.synchronize(device)
        return 1000 * (clock() - start) / runs

    def repetitions(work: Callable[[], object]) -> int:
        first = timed(work, 1)  # with costs that occur only once
        again = timed(work, 1) if first < 10 * SHORTEST else first
        return math.ceil(SHORTEST / max(again, 0.001))

    runs = [repetitions(work) for work in works]
    return np.array(
        [[timed(work, n) for work, n in zip(works, runs, strict=True)] for _ in range(rounds)]
    )


def _keep_freed_memory() -> None:
    """Have the C library keep freed memory for this process, where it is glibc.

    It returns large blocks to the system by default, and every new one costs page faults: from a
    size on that depends on earlier allocations a pass takes up to twice as long.
    """
    with contextlib.suppress(AttributeError, OSError, TypeError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)
        mallopt(_M_MMAP_MAX, 0)


def timing_spread(times: np.ndarray) -> float:
    """The interquartile range over the median of times (rounds, W) over rounds, the largest of W.

    It says how noisy the machine was: 0 where every round took the same time.
    """
    low, middle, high = np.percentile(times, [25, 50, 75], axis=0)
    return float(((high - low) / middle).max())


def growing(times: Sequence[float], least: int = 2) -> slice:
    """The largest of some sizes, at which constant costs no longer matter.

    `times` are in the order of the sizes, which start with the smallest. Taken are the sizes of the
    larger half from the first one on whose time is at least four times that of the smallest size,
    so that constant costs are at most a quarter of it; and always the `least` largest sizes.
    """
    enough = np.array(times) >= 4 * times[0]
    start = int(enough.argmax()) if enough.any() else len(times)
    return slice(max(0, min(max(start, len(times) // 2), len(times) - least)), None)


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The slope of a straight line that is fitted on logarithmic axes."""
    return float(np.polyfit(np.log(sizes), np.log(costs), 1)[0])


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
