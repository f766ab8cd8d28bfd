"""A small GPT: training against a plain loop, generating with a cache against without one."""

from dataclasses import replace

import torch
import torch.nn.functional as F
from common import CPU, SEED, Pair, load_data, make_task, planned_runs
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from inductive.core.run import Run
from inductive.data.text import Text
from inductive.nn.gpt import GPT
from inductive.nn.gpt_config import GPTConfig
from inductive.nn.sampling import Sampling, continue_text
from inductive.training.ensemble import Ensemble
from inductive.training.random_streams import RandomStreams

STEPS = 100
TOKENS = 512
OVERRIDES = {
    "preset": "laptop",
    "data": {"grimm": {"kind": "generated", "generated": {"seed": 0, "characters": 120000}}},
    "language": {"clean": {"report_every": STEPS}},
}


class Windows(Dataset[tuple[Tensor, Tensor]]):
    """Every window of a text and the same window one token later."""

    def __init__(self, tokens: Tensor, block: int) -> None:
        self.tokens, self.block = tokens, block

    def __len__(self) -> int:
        return len(self.tokens) - self.block

    def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
        window = self.tokens[i : i + self.block + 1]
        return window[:-1], window[1:]


def pairs() -> dict[str, Pair]:
    """Name -> the stock recipe and ours."""
    runs = planned_runs("language", OVERRIDES).values()
    run = next(run for run in runs if run.labels["base"])
    text = load_data(run)
    return {
        f"language: training, {STEPS} steps": Pair(
            lambda: train_stock(run, text), lambda: train_one_epoch(run, text)
        ),
        f"language: writing {TOKENS} characters": Pair(
            lambda: write(cached=False), lambda: write(cached=True)
        ),
    }


def train_stock(run: Run, text: Text) -> None:
    """Windows through a DataLoader, all scores in memory, torch's AdamW."""
    task, training = make_task(run, text), run.training
    torch.manual_seed(0)
    model = GPT(replace(task.config, attention="naive"))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=tuple(training["betas"]))
    windows = Windows(task.tokens["train"], training["block"])
    loader = DataLoader(windows, training["batch_size"], shuffle=True)
    for _, (x, y) in zip(range(STEPS), loader, strict=False):
        loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), training["clip"])
        optimizer.step()


def train_one_epoch(run: Run, text: Text) -> None:
    """The steps of one epoch, as the training loop makes them."""
    task = make_task(run, text)
    ensemble = Ensemble.initialise(task.build, [SEED], CPU)
    optimizer = task.optimizer(ensemble.parameters)
    for step in task.steps(ensemble, RandomStreams([SEED], CPU)):
        optimizer.zero_grad()
        step.loss.sum().backward()
        optimizer.step()


def write(*, cached: bool) -> None:
    """Continue one character by TOKENS more, with random weights."""
    torch.manual_seed(0)
    longest = TOKENS + 1
    model = GPT(GPTConfig(80, layers=4, heads=4, width=128, block=longest, longest=longest))
    prompt = torch.zeros(1, 1, dtype=torch.int64)
    continue_text(model.eval(), prompt, TOKENS, Sampling(), torch.Generator(), cached=cached)
