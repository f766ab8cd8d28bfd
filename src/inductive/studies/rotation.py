"""Does a convolutional network know a rotated object?

The course's network on upright pictures, the same with every picture turned at random while it
trains, and its twins on the groups of quarter turns (Cohen and Welling 2016), of the same size.
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

TITLE = "Rotation"
QUESTION = "Does a convolutional network know a rotated object?"
PROTOCOL = (
    "Three 3×3 convolutions with 2×2 pooling, one hidden layer; trained upright, augmented with "
    "any rotation, or built from group convolutions with as many parameters; tested at every angle."
)


def runs(params: dict[str, Any]) -> list[Run]:
    """Every variant on every dataset."""
    block, wanted = params["rotation"], []
    numbers = {k: block[k] for k in ("batch_size", "epochs", "learning_rate", "precision")}
    for name, sizes in block["datasets"].items():
        dataset = resolve(name, params["data"][name])
        for variant, choice in block["variants"].items():
            datasets = choice.get("datasets")
            if datasets is not None and name not in datasets:
                continue
            wanted.append(
                Run(
                    study="rotation",
                    variant=f"{name}-{variant}",
                    labels={"dataset": name, "variant": variant},
                    training=numbers
                    | {"sizes": sizes}
                    | {k: choice[k] for k in ("group", "pictures", "disc")},
                    evaluation=block["evaluation"],
                    seeds=tuple(block["seeds"]),
                    dataset=dataset,
                    code=code_of(__name__, dataset),
                )
            )
    if not wanted:
        raise InputError("rotation.variants: none of them is for any of rotation.datasets")
    return wanted


def splits(run: Run, images: "Images") -> "Callable[[int], Split]":
    """A member's split: its own training and validation images; the published test images."""
    from inductive.data.images import split_by_count
    from inductive.training.randomness import numpy_generator

    def split(seed: int) -> "Split":
        return split_by_count(images, run.training["sizes"], numpy_generator("split", seed))

    return split


def task(run: Run, data: "Images", device: "torch.device") -> "ImageTask":
    """How a run is trained: on pictures that are `upright`, `rotated` once each, or `augmented`."""
    from inductive.studies.rotation_task import RotationTask
    from inductive.training.image_task import without_test

    split = splits(run, data)
    return RotationTask(run.training, without_test(data, split, run.seeds), split, device)


def evaluate(
    run: Run, data: "Images", trained: "dict[str, Members]", device: "torch.device"
) -> "Tidy":
    """Accuracy as trained, upright and at every angle; agreement with itself; equivariance by
    layer.

    `accuracy` without an axis is on test pictures that are turned as the validation pictures are.
    The sweep is of the last epoch, as published. `consistency` is the share of pictures that get
    the class they get upright, whether right or wrong. What a group promises holds to rounding:
    `change of scores` and `equivariance error` are in float32, whatever was trained in.
    """
    import torch

    from inductive.studies.rotation_task import RotationTask, on_the_circle
    from inductive.training.tidy import Tidy

    judge, tidy = RotationTask(run.training, data, splits(run, data), device), Tidy(run.seeds)
    for selection, members in trained.items():
        for part in ("train", "validation", "test"):
            scores, labels = judge.predict_part(members, part)
            correct = (scores.argmax(-1) == labels).float().mean(1)
            tidy.add(correct, selection, part, "accuracy")
    members = trained["last"]
    labels = torch.stack([judge.labels[judge.numbers(seed, "test")] for seed in run.seeds])
    home = judge.at_angle(members, 0.0, "bilinear").argmax(-1)
    tidy.add((home == labels).float().mean(1), "last", "test", "accuracy, upright")
    by_angle, agreement = [], []
    for angle in run.evaluation["angles"]:
        for interpolation in ("bilinear", "nearest"):
            found = judge.at_angle(members, angle, interpolation).argmax(-1)
            accuracy = (found == labels).float().mean(1)
            if interpolation == "nearest":
                tidy.add(accuracy, "last", "test", "accuracy, nearest", "angle", angle)
                continue
            same = (found == home).float().mean(1)
            by_angle.append(accuracy)
            agreement.append(same)
            tidy.add(accuracy, "last", "test", "accuracy", "angle", angle)
            tidy.add(same, "last", "test", "consistency", "angle", angle)
    curve = torch.stack(by_angle)
    weights = on_the_circle(run.evaluation["angles"]).to(device)[:, None]
    tidy.add((weights * curve).sum(0), "last", "test", "mean over angles")
    tidy.add(curve.min(0).values, "last", "test", "least over angles")
    tidy.add(curve.max(0).values - curve.min(0).values, "last", "test", "range over angles")
    agreed = (weights * torch.stack(agreement)).sum(0)
    tidy.add(agreed, "last", "test", "mean consistency")
    for angle in (90, 180, 270):
        change = judge.change_of_scores(members, angle)
        tidy.add(change, "last", "test", "change of scores", "angle", angle)
    tidy.add(judge.on_rotated(members, labels), "last", "test", "accuracy, rotated once")
    errors = judge.equivariance(members)
    for layer, values in enumerate(errors.unbind(1)):
        tidy.add(values, "last", "test", "equivariance error", "layer", layer + 1)
    tidy.add_constant(sum(p[0].numel() for p in members.parameters.values()), "parameters")
    return tidy
