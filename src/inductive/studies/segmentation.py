"""What skip connections carry.

U-Nets with and without skips on cells and their membranes: as they are, with the channels of the
one without raised until both have the same number of parameters, at several depths, and with the
remedies of the original paper.
"""

from typing import TYPE_CHECKING, Any

from inductive.data.registry import resolve
from inductive.errors import InputError
from inductive.run import Run, code_of

if TYPE_CHECKING:
    import torch

    from inductive.data.segments import Segments
    from inductive.studies.segmentation_task import SegmentationTask
    from inductive.training.members import Members
    from inductive.training.tidy import Tidy

TITLE = "Segmentation"
QUESTION = "What do skip connections carry that a network cannot do without?"
PROTOCOL = (
    "U-Nets with and without skip connections, trained on crops of images of cells, judged on "
    "whole held-out images: overlap of cells, and how well their boundaries are found."
)


def runs(params: dict[str, Any]) -> list[Run]:
    """Every variant at the base depth, and with, without and matched at the other depths."""
    block = params["segmentation"]
    dataset = resolve("membranes", params["data"]["membranes"])
    shared = ("epochs", "batch_size", "learning_rate", "crop", "crops_per_image", "precision")
    numbers = {k: block[k] for k in shared}
    base = {"depth": block["depth"], "channels": block["channels"]} | block["plain"]
    cases = [(name, base | (choice or {})) for name, choice in block["variants"].items()]
    compared = {k: v or {} for k, v in block["variants"].items() if k in block["sweep_variants"]}
    for depth in block["depths"]:
        if depth != block["depth"]:
            cases += [(n, base | choice | {"depth": depth}) for n, choice in compared.items()]
    unknown = set(block["sweep_variants"]) - set(compared)
    if unknown:
        raise InputError(f"segmentation.sweep_variants: no variant is called '{unknown.pop()}'")
    wanted = []
    for name, chosen in cases:
        stride = 2 ** chosen["depth"]
        if block["crop"] % stride:
            raise InputError(
                f"segmentation.crop: {block['crop']} pixels cannot be halved {chosen['depth']} "
                f"times; a multiple of {stride} can"
            )
        for fold in block["folds"]:
            if fold >= block["parts"]:
                raise InputError(
                    f"segmentation.folds: {fold} is not one of {block['parts']} parts, counted "
                    "from 0"
                )
            wanted.append(
                Run(
                    study="segmentation",
                    variant=f"{name}-depth{chosen['depth']}-fold{fold}",
                    labels={
                        "variant": name,
                        "depth": chosen["depth"],
                        "base": chosen["depth"] == block["depth"],
                        "fold": fold,
                    },
                    training=numbers | chosen | {"fold": fold, "folds": block["parts"]},
                    evaluation=block["evaluation"],
                    seeds=tuple(block["seeds"]),
                    dataset=dataset,
                    code=code_of(__name__, dataset),
                )
            )
    return wanted


def task(run: Run, data: "Segments", device: "torch.device") -> "SegmentationTask":
    """How a run is trained."""
    from inductive.studies.segmentation_task import SegmentationTask

    return SegmentationTask(run.training, data, device)


def evaluate(
    run: Run, data: "Segments", trained: "dict[str, Members]", device: "torch.device"
) -> "Tidy":
    """Dice, IoU and accuracy of cells and F1 of boundaries, on whole held-out images.

    Beside them what a mask without any membrane gets, the yardstick of a network that has learnt
    nothing. Of the last epoch: the held-out images are also those whose loss is watched while
    training, so they must not choose one. Counts are added up over images before a ratio is taken.
    """
    import numpy as np

    from inductive.studies.segmentation_metrics import boundary_f1, overlap
    from inductive.studies.segmentation_task import SegmentationTask
    from inductive.training.tidy import Tidy

    judge, tidy = SegmentationTask(run.training, data, device), Tidy(run.seeds)
    members = trained["last"]
    for part in ("train", "validation"):
        cells = judge.predict_whole(members, part)
        truth = judge.truth(part)
        for metric, values in overlap(cells, truth).items():
            tidy.add(values, "last", part, metric)
        blank = np.ones_like(cells)
        for metric, values in overlap(blank, truth).items():
            tidy.add(values, "last", part, f"{metric}, everything cell")
        for tolerance in run.evaluation["tolerances"]:
            found = [boundary_f1(c, truth, tolerance) for c in cells]
            tidy.add(found, "last", part, "boundary F1", "tolerance", tolerance)
            if tolerance == min(run.evaluation["tolerances"]):
                tidy.add(found, "last", part, "boundary F1")
                nothing = [boundary_f1(c, truth, tolerance) for c in blank]
                tidy.add(nothing, "last", part, "boundary F1, everything cell")
    tidy.add_constant(sum(p[0].numel() for p in members.parameters.values()), "parameters")
    return tidy
