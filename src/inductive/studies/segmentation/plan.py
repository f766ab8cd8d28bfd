"""The runs of the study."""

from collections.abc import Iterator
from typing import Any

from inductive.core.errors import InputError
from inductive.core.run import Run
from inductive.data.registry import Datasets
from inductive.studies.segmentation.settings import Settings


def runs(settings: Settings, datasets: Datasets) -> list[Run]:
    """Every variant at the base depth, those of `sweep_variants` at the other depths, every fold.

    Raises InputError for an unknown variant, a fold that does not exist, and crops that cannot be
    halved `depth` times.
    """
    dataset = datasets.resolve("membranes")
    names = ("epochs", "batch_size", "learning_rate", "crop", "crops_per_image", "precision")
    shared = settings.model_dump(include=set(names)) | {"folds": settings.parts}
    _check_folds(settings)
    planned = []
    for name, choice in _cases(settings):
        _check_crop(settings.crop, choice["depth"])
        for fold in settings.folds:
            planned.append(
                Run(
                    study="segmentation",
                    variant=f"{name}-depth{choice['depth']}-fold{fold}",
                    labels={
                        "variant": name,
                        "depth": choice["depth"],
                        "base": choice["depth"] == settings.depth,
                        "fold": fold,
                    },
                    training=shared | choice | {"fold": fold},
                    evaluation=settings.evaluation.model_dump(),
                    seeds=settings.seeds.seeds,
                    looks=settings.seeds.looks,
                    dataset=dataset,
                )
            )
    return planned


def _cases(settings: Settings) -> Iterator[tuple[str, dict[str, Any]]]:
    """Names of variants, and their training settings."""
    for name in settings.sweep_variants:
        if name not in settings.variants:
            raise InputError(f"segmentation.sweep_variants: no variant is called '{name}'")
    base = settings.plain.model_dump() | {"channels": settings.channels}
    choices = {
        name: base | variant.model_dump(exclude_none=True)
        for name, variant in settings.variants.items()
    }
    for name, choice in choices.items():
        yield name, choice | {"depth": settings.depth}
    for depth in settings.depths:
        for name, choice in choices.items():
            if depth != settings.depth and name in settings.sweep_variants:
                yield name, choice | {"depth": depth}


def _check_crop(crop: int, depth: int) -> None:
    if crop % 2**depth:
        raise InputError(
            f"segmentation.crop: {crop} pixels cannot be halved {depth} times; a multiple of "
            f"{2**depth} can"
        )


def _check_folds(settings: Settings) -> None:
    for fold in settings.folds:
        if fold >= settings.parts:
            raise InputError(
                f"segmentation.folds: {fold} is not one of {settings.parts} parts, counted from 0"
            )
