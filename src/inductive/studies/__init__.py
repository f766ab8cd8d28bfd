"""The studies: one module each, with its pictures in a second one named <study>_views.

A study module offers, and nothing else is asked of it:

- `TITLE`, `QUESTION`, `PROTOCOL`: what the report says first
- `runs(params) -> list[Run]`: what varies (imports no torch: Snakemake calls it while parsing)
- `task(run, data, device) -> Task`: how a run is trained
- `evaluate(run, data, trained, device) -> Tidy`: how it is judged
- `verify(run, device) -> Tidy`: for runs without a dataset, in place of the last two

and its views module

- `tables(results)` and `figures(results)`
"""

from importlib import import_module
from types import ModuleType

from inductive.errors import InputError, unknown

STUDIES = (
    "translation",
    "rotation",
    "galaxy",
    "contrastive",
    "segmentation",
    "citation",
    "oversmoothing",
    "aggregation",
    "graph_algebra",
    "language",
    "positions",
    "attention",
    "gradients",
    "geometry",
    "convolution",
)


def load(name: str) -> ModuleType:
    """The module of a study by its name."""
    if name not in STUDIES:
        raise InputError(unknown("study", name, STUDIES))
    return import_module(f"inductive.studies.{name}")


def load_views(name: str) -> ModuleType:
    """The module that draws a study."""
    load(name)
    return import_module(f"inductive.studies.{name}_views")
