"""The measurements of the translation study."""

from functools import partial
from typing import Any

import torch
from torch import Tensor

from inductive.core.run import Run
from inductive.data.generated.boxes import Boxes
from inductive.studies.shared.outcomes import add_mean
from inductive.studies.translation.task import on_device, predict
from inductive.training.ensemble import Ensemble
from inductive.training.measurements import MeasurementTable


def evaluate(
    run: Run, data: Boxes, trained: dict[str, Ensemble], device: torch.device
) -> MeasurementTable:
    """Accuracy on every split, accuracy and consistency against the shift, sizes of maps.

    The test split is the drawn test images with the bands swapped; in the course protocol these and
    the validation images repeat the first training images. `heldout` is new draws
    from the training distribution. Consistency is the share of images whose predicted class is that
    of the same image without a shift (Zhang, arXiv:1904.11486), whether right or wrong.
    """
    table = MeasurementTable(run.seeds)
    for selection, ensemble in trained.items():
        for split in ("train", "validation", "heldout", "test"):
            images, labels = on_device(data, split, device, data.swap if split == "test" else 0)
            correct = predict(ensemble, images).argmax(-1) == labels  # (S, N)
            held_out = split != "train"
            add_mean(table, correct, "accuracy", same=held_out, selection=selection, split=split)
    ensemble = trained["best"]
    images, labels = on_device(data, "test", device)
    unshifted = predict(ensemble, images).argmax(-1)  # (S, N)
    for shift in run.evaluation["shifts"]:
        images, _ = on_device(data, "test", device, shift)
        predicted = predict(ensemble, images).argmax(-1)
        add = partial(add_mean, table, selection="best", split="test", shift=shift)
        add(predicted == labels, "accuracy", same=True)
        add(predicted == unshifted, "consistency", same=False)
    _add_map_sizes(table, ensemble, images[:1])
    return table


def _add_map_sizes(table: MeasurementTable, ensemble: Ensemble, image: Tensor) -> None:
    """The side of each layer's feature map for an image (1, 3, size, size), measured and by the
    formula."""
    features: Any = ensemble.module.features
    weights = {name: p[0] for name, p in ensemble.parameters.items()}
    x = image
    for i, (layer, formula) in enumerate(zip(features.layers, features.sizes[1:], strict=True)):
        prefix = f"features.layers.{i}."
        own = {n.removeprefix(prefix): p for n, p in weights.items() if n.startswith(prefix)}
        x = torch.func.functional_call(layer, own, (x,))
        table.add_constant(x.shape[-1], "map size", layer=i + 1)
        table.add_constant(formula, "map size by formula", layer=i + 1)
