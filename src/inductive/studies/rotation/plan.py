"""The runs of the study."""

from inductive.core.errors import InputError
from inductive.core.run import Run
from inductive.data.registry import Datasets
from inductive.studies.rotation.settings import Settings


def runs(settings: Settings, datasets: Datasets) -> list[Run]:
    """Every variant on every data set that it is for. InputError where none is left."""
    shared = settings.model_dump(include={"batch_size", "epochs", "learning_rate", "precision"})
    planned = []
    for name, sizes in settings.datasets.items():
        dataset = datasets.resolve(name)
        for variant, choice in settings.variants.items():
            if choice.datasets is not None and name not in choice.datasets:
                continue
            training = shared | {"sizes": sizes.model_dump()}
            planned.append(
                Run(
                    study="rotation",
                    variant=f"{name}-{variant}",
                    labels={"dataset": name, "variant": variant},
                    training=training | choice.model_dump(exclude={"datasets"}),
                    evaluation=settings.evaluation.model_dump(),
                    seeds=settings.seeds.seeds,
                    looks=settings.seeds.looks,
                    dataset=dataset,
                )
            )
    if not planned:
        raise InputError("rotation.variants: none of them is for any of rotation.datasets")
    return planned
