"""Every model on every kind of split. Imports no torch."""

from inductive.core.run import Run
from inductive.data.registry import Datasets
from inductive.studies.citation.settings import Settings


def runs(settings: Settings, datasets: Datasets) -> list[Run]:
    """The runs, split by split."""
    dataset = datasets.resolve("cora")
    planned = []
    for split in settings.splits:
        for model, network in settings.models.entries().items():
            training = {"model": model, "split": split, "epochs": settings.epochs}
            training |= network.model_dump()
            if split == "random":
                training["random_split"] = settings.random_split.model_dump()
            planned.append(
                Run(
                    study="citation",
                    variant=f"{model}-{split}",
                    labels={"model": model, "on": split},
                    training=training,
                    evaluation=settings.evaluation.model_dump(),
                    seeds=settings.seeds.seeds,
                    looks=settings.seeds.looks,
                    dataset=dataset,
                )
            )
    return planned
