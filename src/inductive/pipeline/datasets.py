"""The step that makes one data set."""

from pathlib import Path

from inductive.core.errors import InputError, unknown
from inductive.core.files import read_json
from inductive.core.layout import Layout
from inductive.core.run import DatasetSpec
from inductive.data.registry import make


def make_planned(folder: Path, plan: Path, root: Path = Path()) -> None:
    """Fetch, generate or check the data set of this folder in `plan`."""
    specs = read_json(plan)
    if str(folder) not in specs:
        raise InputError(f"{plan}: {unknown('dataset', folder, specs)}")
    make(DatasetSpec(**specs[str(folder)]), Layout(root))
