"""What contrastive learning keeps, and what its projection throws away.

SimCLR on galaxies: two views of a picture should lie close, all others apart. Which temperature,
which views, what happens without negatives, and how much of the picture f and g still know.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from inductive.data.registry import resolve
from inductive.errors import InputError
from inductive.run import Run, code_of

if TYPE_CHECKING:
    import torch

    from inductive.data.images import Images, Split
    from inductive.training.image_task import ImageTask
    from inductive.training.members import Members
    from inductive.training.tidy import Tidy

TITLE = "Contrastive learning"
QUESTION = "What does a network know that was only told which two views are of one picture?"
PROTOCOL = (
    "An encoder f and a projection g trained with InfoNCE on two random views of each galaxy; "
    "judged by a linear classifier and by neighbours on f and on g, against supervised and "
    "untrained f."
)


def runs(params: dict[str, Any]) -> list[Run]:
    """The temperature grid, other batches, no rotation, no negatives, and supervised."""
    block = params["contrastive"]
    dataset = resolve("galaxy10", params["data"]["galaxy10"])
    base = {"objective": "InfoNCE"} | block["base"]
    choices = {f"temperature-{t:g}": {"temperature": t} for t in block["temperatures"]}
    choices |= {f"batch-{b}": {"batch_size": b} for b in block["batch_sizes"]}
    choices["no-rotation"] = {"rotation": False}
    choices["no-negatives"] = {"objective": "alignment"}
    choices["supervised"] = {"objective": "supervised"}
    shared = ("epochs", "learning_rate", "weight_decay", "size", "projection", "split", "precision")
    numbers = {k: block[k] for k in shared}
    wanted: dict[str, dict[str, Any]] = {}
    for name, choice in choices.items():
        chosen = base | choice
        if chosen not in wanted.values():  # the base is a point of every grid
            wanted[name] = chosen
    if base not in wanted.values():
        raise InputError(
            f"contrastive.base: temperature {base['temperature']} and batch_size "
            f"{base['batch_size']} are in neither temperatures nor batch_sizes"
        )
    return [
        Run(
            study="contrastive",
            variant=name,
            labels={k: chosen[k] for k in ("objective", "temperature", "batch_size", "rotation")}
            | {"variant": name, "base": chosen == base},
            training=numbers | chosen,
            evaluation=block["evaluation"],
            seeds=tuple(block["seeds"]),
            dataset=dataset,
            code=code_of(__name__, dataset),
        )
        for name, chosen in wanted.items()
    ]


def splits(run: Run, images: "Images") -> "Callable[[int], Split]":
    """A stratified split for each seed."""
    from functools import cache

    from inductive.data.images import split_by_share
    from inductive.training.randomness import seed_for

    numbers = run.training["split"]
    shares = numbers["validation"], numbers["test"]

    @cache
    def split(seed: int) -> "Split":
        return split_by_share(images, shares, seed_for("split", seed) % 2**32, stratified=True)

    return split


def task(run: Run, data: "Images", device: "torch.device") -> "ImageTask":
    """How a run is trained. Only `supervised` looks at labels."""
    from inductive.studies.contrastive_task import ContrastiveTask
    from inductive.training.image_task import without_test

    split = splits(run, data)
    return ContrastiveTask(run.training, without_test(data, split, run.seeds), split, device)


def evaluate(
    run: Run, data: "Images", trained: "dict[str, Members]", device: "torch.device"
) -> "Tidy":
    """Probes on f and g by number of labels; alignment, uniformity, rank and cosines of the views.

    Of the last epoch: a contrastive loss chooses no epoch for the probes. `split` says whether f
    or g was read. Untrained networks are judged in the same way.
    """
    from inductive.studies.contrastive_probe import probe, views_of_test
    from inductive.studies.contrastive_task import ContrastiveTask
    from inductive.training.members import Members
    from inductive.training.tidy import Tidy

    judge = ContrastiveTask(run.training, data, splits(run, data), device)
    tidy = Tidy(run.seeds)
    untrained = Members.initialise(judge.build, run.seeds, device)
    for selection, members in {"untrained": untrained, "last": trained["last"]}.items():
        for representation in ("f", "g"):
            probe(tidy, judge, members, selection, representation, run.evaluation)
            views_of_test(tidy, judge, members, selection, representation)
    return tidy
