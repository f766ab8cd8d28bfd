"""Two models by shares of wrong labels. Imports no torch: Snakemake plans before every run."""

from itertools import product

from inductive.core.run import Run
from inductive.data.registry import Datasets

from .settings import Settings


def runs(settings: Settings, datasets: Datasets) -> list[Run]:
    """One run trains all seeds of one model with one share of wrong labels."""
    training = settings.model_dump(exclude={"seeds", "noise"})
    return [
        Run(
            study="label_noise",
            variant=f"{model}-{noise:g}",
            labels={"model": model, "wrong": f"{noise:g}"},
            training=training | {"neighbours": model == "neighbours", "noise": noise},
            evaluation={},
            seeds=settings.seeds.seeds,
            looks=settings.seeds.looks,
            dataset=datasets.resolve("cora"),
        )
        for model, noise in product(("words", "neighbours"), settings.noise)
    ]
