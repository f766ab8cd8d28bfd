"""Inductive: a reproducible atlas of the inductive biases of neural networks.

import inductive
atlas = inductive.load_results("results/quick")
atlas.measurements("rotation")                          # a data frame
net = atlas.network("rotation", "cifar10-p4", seed=0)   # a torch module
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inductive import studies
    from inductive.api import Atlas, load_results
    from inductive.core.errors import InputError

__version__ = "0.2.0"
__all__ = ["Atlas", "InputError", "load_results", "studies"]

_HOMES = {
    "Atlas": "inductive.api",
    "load_results": "inductive.api",
    "InputError": "inductive.core.errors",
}


def __getattr__(name: str) -> object:
    """Import public names on first access: most jobs need neither pandas nor torch."""
    if name == "studies":
        return import_module("inductive.studies")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'inductive' has no attribute '{name}'")
