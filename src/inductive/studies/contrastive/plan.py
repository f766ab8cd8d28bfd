"""The runs of the contrastive study."""

from typing import Any

from inductive.core.errors import InputError
from inductive.core.run import Run
from inductive.data.registry import Datasets
from inductive.studies.contrastive.settings import Settings

SHARED = {"epochs", "learning_rate", "weight_decay", "size", "projection", "split", "precision"}


def runs(settings: Settings, datasets: Datasets) -> list[Run]:
    """The temperature grid, other batch sizes, no rotation, no negatives, and supervised."""
    dataset = datasets.resolve("galaxy10")
    shared = settings.model_dump(include=SHARED)
    base = {"objective": "InfoNCE"} | settings.base.model_dump()
    return [
        Run(
            study="contrastive",
            variant=name,
            labels={k: choice[k] for k in ("objective", "temperature", "batch_size", "rotation")}
            | {"variant": name, "base": choice == base},
            training=shared | choice,
            evaluation=settings.evaluation.model_dump() | {"examples": choice == base},
            seeds=settings.seeds.seeds,
            looks=settings.seeds.looks,
            dataset=dataset,
        )
        for name, choice in _variants(settings, base).items()
    ]


def _variants(settings: Settings, base: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Name -> objective, temperature, batch size and rotation; none of them twice."""
    changes: dict[str, dict[str, Any]] = {
        f"temperature-{t:g}": {"temperature": t} for t in settings.temperatures
    }
    changes |= {f"batch-{b}": {"batch_size": b} for b in settings.batch_sizes}
    changes["no-rotation"] = {"rotation": False}
    changes["no-negatives"] = {"objective": "alignment"}
    changes["supervised"] = {"objective": "supervised"}
    variants: dict[str, dict[str, Any]] = {}
    for name, change in changes.items():
        choice = base | change
        if choice not in variants.values():  # the base is a point of both grids
            variants[name] = choice
    if base not in variants.values():
        raise InputError(
            f"contrastive.base: temperature {base['temperature']} and batch_size "
            f"{base['batch_size']} are in neither temperatures nor batch_sizes"
        )
    return variants
