"""A small GPT: training against a plain loop, generating with a cache against without one."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from inductive.config import resolve
from inductive.data import registry
from inductive.nn.gpt import GPT, Shape
from inductive.nn.sampling import Sampling, continue_text
from inductive.plan import Plan
from inductive.run import Run
from inductive.studies import load
from inductive.training.members import Members
from inductive.training.randomness import Draws

CPU = torch.device("cpu")
STEPS = 100
TOKENS = 512
PARAMS = {
    "preset": "laptop",
    "studies": ["language"],
    "data": {"grimm": {"kind": "generated", "generated": {"seed": 0, "characters": 120000}}},
    "language": {"clean": {"report_every": STEPS}},
}


class Windows(Dataset[tuple[Tensor, Tensor]]):
    """Every window of a text and the same one further on."""

    def __init__(self, tokens: Tensor, block: int) -> None:
        self.tokens, self.block = tokens, block

    def __len__(self) -> int:
        return len(self.tokens) - self.block

    def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
        window = self.tokens[i : i + self.block + 1]
        return window[:-1], window[1:]


def pairs() -> dict[str, tuple[Callable[[], None], Callable[[], None]]]:
    """Name -> the stock recipe and ours, which do the same work."""
    plan = Plan(resolve(overrides=PARAMS))
    for spec in plan.datasets.values():
        registry.make(spec)
    run = next(r for r in plan.runs["language"] if r.labels["base"])
    return {
        f"language: training, {STEPS} steps": (lambda: _stock(run), lambda: _ours(run)),
        f"language: writing {TOKENS} characters": (
            lambda: _write(cached=False),
            lambda: _write(cached=True),
        ),
    }


def _stock(run: Run) -> None:
    """Windows through a DataLoader, all scores in memory, torch's AdamW."""
    task = load("language").task(run, registry.load(run.data), CPU)
    shape = vars(task.shape) | {"attention": "naive"}
    torch.manual_seed(0)
    model, numbers = GPT(Shape(**shape)), run.training
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=tuple(numbers["betas"]))
    windows = Windows(task.tokens["train"], numbers["block"])
    loader = DataLoader(windows, numbers["batch_size"], shuffle=True)
    for _, (x, y) in zip(range(STEPS), loader, strict=False):
        loss = F.cross_entropy(model(x).flatten(0, 1), y.flatten())
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), numbers["clip"])
        optimizer.step()


def _ours(run: Run) -> None:
    """The steps of one epoch, as the loop makes them."""
    task = load("language").task(run, registry.load(run.data), CPU)
    members = Members.initialise(task.build, [0], CPU)
    optimizer = task.optimizer(members.parameters)
    for step in task.steps(members, Draws([0], CPU)):
        optimizer.zero_grad()
        step.loss.sum().backward()
        optimizer.step()


def _write(*, cached: bool) -> None:
    torch.manual_seed(0)
    model = GPT(Shape(80, layers=4, heads=4, width=128, block=TOKENS + 1, longest=TOKENS + 1))
    prompt = torch.zeros(1, 1, dtype=torch.int64)
    continue_text(model.eval(), prompt, TOKENS, Sampling(), torch.Generator(), cached=cached)
