"""The runs of the galaxy study."""

from inductive.core.run import Run
from inductive.data.registry import Datasets
from inductive.studies.galaxy.settings import Settings, Variant


def runs(settings: Settings, datasets: Datasets) -> list[Run]:
    """The course protocol, and every variant of the clean one."""
    dataset = datasets.resolve("galaxy10")
    shared = settings.model_dump(include={"batch_size", "epochs", "learning_rate", "split"})
    variants = [("course", "plain", Variant())]
    variants += [("clean", name, variant) for name, variant in settings.variants.items()]
    return [
        Run(
            study="galaxy",
            variant=f"{protocol}-{name}",
            labels={"protocol": protocol, "variant": name},
            training=shared | variant.model_dump() | {"stratified": protocol == "clean"},
            evaluation={},
            seeds=settings.seeds.seeds,
            looks=settings.seeds.looks,
            dataset=dataset,
        )
        for protocol, name, variant in variants
    ]
