"""A line now and then that says how far training is."""

import sys
import time


class Progress:
    """Prints `label: seeds 3-3 of 10, epoch 17/50, ..., about 2 min left` every few seconds."""

    def __init__(self, label: str, total_epochs: int, every: float = 10.0) -> None:
        self.label, self.total, self.every = label, total_epochs, every
        self.begun = self.last = time.monotonic()
        self.done = 0
        self.skipped = 0

    def skip(self, epochs: int) -> None:
        """Epochs that need no training: done before a resume, or cut off by early stopping."""
        self.skipped += epochs

    def epoch(self, where: str, metrics: str) -> None:
        """One more epoch is done."""
        self.done += 1
        now = time.monotonic()
        if now - self.last >= self.every:
            self.last = now
            remaining = self.total - self.done - self.skipped
            left = (now - self.begun) / self.done * remaining
            print(
                f"{self.label}: {where}, {metrics}, {_duration(left)} left",
                file=sys.stderr,
                flush=True,
            )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"about {max(seconds, 0):.0f} s"
    return f"about {seconds / 60:.0f} min" if seconds < 5400 else f"about {seconds / 3600:.1f} h"
