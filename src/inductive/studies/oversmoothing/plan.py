"""Every remedy at its depths, on every graph. Imports no torch."""

from inductive.core.errors import InputError, unknown
from inductive.core.run import Run
from inductive.data.registry import Datasets
from inductive.data.tissues import check_split
from inductive.studies.oversmoothing.settings import Settings


def runs(settings: Settings, datasets: Datasets) -> list[Run]:
    """The runs, graph by graph. InputError where there is none, or for an unknown remedy."""
    remedies = settings.remedies.entries()
    planned = []
    for name, graph_settings in settings.graphs.entries().items():
        dataset = datasets.resolve(name)
        common = graph_settings.model_dump(exclude={"depths"})
        if name == "celltypegraph":
            common["split"] = settings.split.model_dump()
            check_split(dataset, common["split"])
        for remedy, depths in graph_settings.depths.items():
            if remedy not in remedies:
                raise InputError(
                    f"oversmoothing.graphs.{name}.depths: {unknown('remedy', remedy, remedies)}"
                )
            overrides = remedies[remedy].model_dump(exclude_none=True)
            planned += [
                Run(
                    study="oversmoothing",
                    variant=f"{name}-{remedy}-{depth}",
                    labels={"graph": name, "remedy": remedy, "depth": depth},
                    training=common | {"remedy": remedy, "depth": depth} | overrides,
                    evaluation={},
                    seeds=settings.seeds.seeds,
                    looks=settings.seeds.looks,
                    dataset=dataset,
                )
                for depth in depths
            ]
    if not planned:
        raise InputError("oversmoothing.graphs: all lists of depths are empty; one is needed")
    return planned
