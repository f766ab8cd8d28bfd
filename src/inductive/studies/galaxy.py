"""A small network on Galaxy10, and how it overfits.

The course's network, data and thirty epochs, with one random split for all seeds; then the same on
stratified splits, a new one each seed, alone and with each remedy against overfitting.
"""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from inductive.data.registry import resolve
from inductive.run import Run, code_of

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from inductive.data.images import Images, Split
    from inductive.training.image_task import ImageTask
    from inductive.training.members import Members
    from inductive.training.tidy import Tidy

TITLE = "Galaxies"
QUESTION = "When does a small network stop learning and start memorising, and what helps?"
PROTOCOL = (
    "Two 5×5 convolutions and three linear layers on galaxies, by their shape; 80 % of the "
    "pictures to train, 10 % to validate after every epoch, 10 % to test."
)


def runs(params: dict[str, Any]) -> list[Run]:
    """The course protocol, and every variant of the clean one."""
    block = params["galaxy"]
    dataset = resolve("galaxy10", params["data"]["galaxy10"])
    numbers = {k: block[k] for k in ("batch_size", "epochs", "learning_rate", "split")}
    plain = {"dropout": 0.0, "weight_decay": 0.0, "augmented": False, "class_weights": False}
    variants: list[tuple[str, str, dict[str, Any]]] = [("course", "plain", {})]
    variants += [("clean", name, choice or {}) for name, choice in block["variants"].items()]
    return [
        Run(
            study="galaxy",
            variant=f"{protocol}-{name}",
            labels={"protocol": protocol, "variant": name},
            training=numbers | plain | choice | {"stratified": protocol == "clean"},
            evaluation={},
            seeds=tuple(block["seeds"]),
            dataset=dataset,
            code=code_of(__name__, dataset),
        )
        for protocol, name, choice in variants
    ]


def splits(run: Run, images: "Images") -> "Callable[[int], Split]":
    """The course's one split for all seeds, or a stratified one for each."""
    from functools import cache

    from inductive.data.images import split_by_share
    from inductive.training.randomness import seed_for

    numbers = run.training["split"]
    shares = numbers["validation"], numbers["test"]

    @cache
    def split(seed: int) -> "Split":
        if run.training["stratified"]:
            own = seed_for("split", seed) % 2**32
            return split_by_share(images, shares, own, stratified=True)
        return split_by_share(images, shares, numbers["seed"], stratified=False)

    return split


def task(run: Run, data: "Images", device: "torch.device") -> "ImageTask":
    """How a run is trained."""
    from inductive.studies.galaxy_task import GalaxyTask
    from inductive.training.image_task import without_test

    split = splits(run, data)
    visible = without_test(data, split, run.seeds)
    return GalaxyTask(run.training, visible, split, device, run.seeds[0])


def evaluate(
    run: Run, data: "Images", trained: "dict[str, Members]", device: "torch.device"
) -> "Tidy":
    """Loss and accuracy untrained and of both selections, recall of every class, confusion."""
    from inductive.studies.galaxy_task import GalaxyTask
    from inductive.training.classification import loss_and_accuracy
    from inductive.training.members import Members
    from inductive.training.tidy import Tidy

    judge = GalaxyTask(run.training, data, splits(run, data), device, run.seeds[0])
    tidy = Tidy(run.seeds)
    untrained = Members.initialise(judge.build, run.seeds, device)
    for selection, members in {"untrained": untrained, **trained}.items():
        for part in ("train", "validation", "test"):
            scores, labels = judge.predict_part(members, part)
            for metric, values in loss_and_accuracy(scores, labels).items():
                tidy.add(values, selection, part, metric)
                if metric == "loss":
                    share = values / math.log(data.num_classes)
                    tidy.add(share, selection, part, "loss, share of chance")
            if part == "test":
                _by_class(tidy, selection, scores.argmax(-1), labels, data.num_classes)
    return tidy


def _by_class(
    tidy: "Tidy", selection: str, found: "Tensor", labels: "Tensor", num_classes: int
) -> None:
    """Counts of every pair of true and found class, recall of each class and their mean."""
    import torch

    pairs = labels * num_classes + found
    counts = torch.stack([p.bincount(minlength=num_classes**2) for p in pairs]).float()
    confusion = counts.view(-1, num_classes, num_classes)
    recall = confusion.diagonal(dim1=1, dim2=2) / confusion.sum(2)  # NaN where a class is absent
    tidy.add(recall.nanmean(1), selection, "test", "balanced accuracy")
    for true in range(num_classes):
        tidy.add(recall[:, true], selection, "test", "recall", "class", true)
        for guess in range(num_classes):
            pair = f"{true}>{guess}"
            tidy.add(confusion[:, true, guess], selection, "test", "confusion", "pair", pair)
