"""Side by side with the stock recipes, in one process with one thread: `make bench`.

Each pair does the same work: the same network, the same data, the same number of epochs, validation
after every one. All stock recipes are timed first, in a fresh allocator; this project's code then
runs as a job does (`training.machine.prepare`). Quote the ratio, not the seconds, and run it on an
idle machine. Writes benchmarks/results.md.
"""

import datetime
import platform
import statistics
import sys
import time
from collections.abc import Callable

import citation
import graphs
import language
import torch
import translation
import vision
from common import ROOT

from inductive.core.files import write_text
from inductive.training import machine

ROUNDS = 3


def seconds(work: Callable[[], None], rounds: int = ROUNDS) -> float:
    """The median over rounds."""
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def main() -> None:
    """Time all pairs, and write the table."""
    torch.set_num_threads(1)
    networks, grid = citation.pairs(), translation.pairs()
    others, tissues = vision.pairs() | language.pairs(), graphs.pairs()

    def measure(side: str) -> dict[str, float]:
        work = {name: getattr(pair, side) for name, pair in (networks | grid | others).items()}
        for name in others:
            work[name]()  # not timed
        times = {name: seconds(work[name]) for name in (*networks, *grid)}
        times["whole grid of networks"] = sum(times[name] for name in grid)
        times |= {name: seconds(work[name]) for name in others}
        return times | {name: seconds(getattr(pair, side), 1) for name, pair in tissues.items()}

    stock = measure("stock")
    machine.prepare("cpu", threads=1)
    write(stock, measure("ours"))


def write(stock: dict[str, float], ours: dict[str, float]) -> None:
    """benchmarks/results.md, and the same on standard output."""
    lines = [
        "# Against the stock recipes",
        "",
        f"{datetime.datetime.now(datetime.UTC).date()}, {platform.machine()} CPU, one thread, "
        f"torch {torch.__version__}, Python {platform.python_version()}; median of {ROUNDS} "
        "rounds, one seed. Made by `make bench`.",
        "",
        "Graph networks: PyG's GCNConv (cached) and GATConv with dense features on a graph of",
        "Cora's size. Convolutional networks: a DataLoader loop with torch's `padding_mode`,",
        f"{translation.EPOCHS} epochs. Images: a DataLoader with a transform for each image and "
        "torch's defaults,",
        f"{vision.EPOCHS} epochs; here rotation and segmentation train, and rotation is evaluated, "
        "in bfloat16, channels last. Tissues:",
        f"PyG's GCN and DataLoader, one graph per batch, {graphs.EPOCHS} epochs, one round. "
        "Language: the laptop's",
        "model, windows through a DataLoader, naive attention; writing without a cache.",
        "",
        "| work | stock (s) | here (s) | times faster |",
        "| --- | ---: | ---: | ---: |",
    ]
    for name, theirs in stock.items():
        lines.append(f"| {name} | {theirs:.2f} | {ours[name]:.2f} | {theirs / ours[name]:.2f} |")
    text = "\n".join([*lines, "", *graphs.growth()]) + "\n"
    write_text(ROOT / "benchmarks/results.md", text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
