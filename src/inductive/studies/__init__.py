"""The studies: one folder per study, discovered automatically. How to write a study:

A study is a package with `__init__.py` (TITLE, QUESTION, PROTOCOL), `settings.py` (Settings),
`plan.py` (runs), `metrics.py` (METRICS), `evaluate.py` (evaluate or measure), `task.py` where
networks are trained, `report.py` (tables, figures), and, where it judges claims, `claims.yaml` and
`published.yaml`. A user's own studies are in a folder that `studies_path` names.
"""

import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from inductive.core import fingerprint
from inductive.core.errors import InputError, unknown
from inductive.core.metric import TRAINED, Metric
from inductive.core.parameters import parse_yaml, read_yaml
from inductive.core.settings import Settings
from inductive.studies.checks import check_parts

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Study:
    """One study. Its modules are imported on first access."""

    name: str
    folder: Path

    def module(self, part: str = "") -> ModuleType:
        """The study's package, or the module of that name in it."""
        return import_module(".".join(filter(None, (__name__, self.name, part))))

    @property
    def settings(self) -> type[Settings]:
        """The model of its block of params.yaml."""
        model: type[Settings] = self.module("settings").Settings
        return model

    @property
    def metrics(self) -> dict[str, Metric]:
        """Every metric of its measurements."""
        metrics: dict[str, Metric] = self.module("metrics").METRICS
        return metrics | TRAINED

    @property
    def prose(self) -> dict[str, str]:
        """The texts at the beginning of the report."""
        module = self.module()
        return {key: getattr(module, key.upper()) for key in ("title", "question", "protocol")}

    @cached_property
    def claims(self) -> list[dict[str, Any]]:
        """The claims that it judges. A source that is in sources.yaml has its title, date and link.

        Raises InputError for a document that is not there.
        """
        return [_with_source(self.folder, claim) for claim in self._yaml("claims.yaml") or []]

    @cached_property
    def published(self) -> dict[str, Any]:
        """Published values, for comparison only: no result depends on them."""
        return dict(self._yaml("published.yaml") or {})

    def _yaml(self, name: str) -> Any:
        file = self.folder / name
        return parse_yaml(file) if file.is_file() else None


@cache
def sources() -> dict[str, dict[str, Any]]:
    """Key -> title, date and link of every document and paper whose claims are judged."""
    return read_yaml(HERE / "sources.yaml")


def _with_source(folder: Path, claim: Any) -> Any:
    source = claim.get("source") if isinstance(claim, dict) else None
    if not isinstance(source, dict) or "document" not in source:
        return claim
    if source["document"] not in sources():
        where = f"{folder / 'claims.yaml'}: {claim.get('id')}: source"
        raise InputError(f"{where}: {unknown('document', source['document'], sources())}")
    known = {key: str(value) for key, value in sources()[source["document"]].items()}
    return claim | {"source": source | known}


def extend(folders: Iterable[Path]) -> None:
    """Also find studies in these folders. InputError where there is no such folder."""
    for folder in folders:
        if not folder.is_dir():
            raise InputError(f"studies_path: {folder} is not a folder")
        if str(folder) not in __path__:
            __path__.append(str(folder))
            fingerprint.extend(folder)


def discover() -> dict[str, Study]:
    """Name -> study, of all folders. InputError for two of one name, or one without a part."""
    studies: dict[str, Study] = {}
    for parent in __path__:
        for plan in sorted(Path(parent).glob("*/plan.py")):
            if not plan.with_name("__init__.py").is_file():
                raise InputError(f"{plan.parent}: a study without __init__.py")
        for info in pkgutil.iter_modules([parent]):
            folder = Path(parent) / info.name
            if not info.ispkg or folder == HERE / "shared":
                continue
            if info.name in studies:
                other = studies[info.name].folder
                raise InputError(f"{folder}: a study of the name '{info.name}' is in {other}, too")
            if parent != str(HERE):
                check_parts(folder)
            studies[info.name] = Study(info.name, folder)
    return studies


def load(name: str) -> Study:
    """A study by its name. InputError where there is none."""
    studies = discover()
    if name not in studies:
        raise InputError(unknown("study", name, studies))
    return studies[name]
