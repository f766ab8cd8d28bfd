"""Progress of training, as one line on stderr every few seconds."""

import sys
import time


class Progress:
    """Prints `label: seed 3, epoch 17/50, ..., about 2 min left` every `every` seconds."""

    def __init__(self, label: str, total_epochs: int, every: float = 10.0) -> None:
        self.label, self.total, self.every = label, total_epochs, every
        self.begun = self.last = time.monotonic()
        self.done = 0
        self.skipped = 0

    def skip(self, epochs: int) -> None:
        """Count epochs that need no training: done before a resume, or cut by early stopping."""
        self.skipped += epochs

    def epoch(self, position: str, metrics: str) -> None:
        """Count one more epoch as done."""
        self.done += 1
        now = time.monotonic()
        if now - self.last >= self.every:
            self.last = now
            remaining = self.total - self.done - self.skipped
            seconds_left = (now - self.begun) / self.done * remaining
            print(
                f"{self.label}: {position}, {metrics}, {_duration(seconds_left)} left",
                file=sys.stderr,
                flush=True,
            )


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"about {max(seconds, 0):.0f} s"
    return f"about {seconds / 60:.0f} min" if seconds < 5400 else f"about {seconds / 3600:.1f} h"
