"""Every data set: its kinds, and which modules fetch, read, generate and load it.

Modules are given by name and imported when they are needed, so that planning imports no torch.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from inductive.core.errors import InputError, unknown
from inductive.core.files import digest, read_json, write_json
from inductive.core.files import sha256 as sha256_of_file
from inductive.core.fingerprint import fingerprint
from inductive.core.layout import Layout
from inductive.core.run import DatasetSpec
from inductive.data.fetch import check_mirror, fetch
from inductive.data.settings import DataSettings
from inductive.data.sources import published
from inductive.data.storage import Arrays, load_facts, save_arrays


@dataclass(frozen=True)
class Dataset:
    """The modules of one data set; a kind that it does not have has no module."""

    loader: str
    """Offers `load(spec, folder)`: the arrays of any kind -> an object in memory."""
    real: str | None = None
    """Offers `read(spec, folder)`: the published files, which sources.yaml lists -> `Arrays`."""
    generated: str | None = None
    """Offers `VERSION`, `check(settings, key)` and `generate(settings)` -> `Arrays`."""
    own: str | None = None
    """Offers `read(spec, folder)`, `own_files(settings, key)`, the files that must exist, and
    `check_own(settings, key)`."""

    def maker(self, kind: str) -> str | None:
        """The module that determines the arrays of a kind."""
        makers = {"real": self.real, "generated": self.generated, "own": self.own}
        return makers.get(kind)


_FORMATS, _GENERATED = "inductive.data.formats", "inductive.data.generated"
_IMAGES, _OWN_IMAGES = "inductive.data.images", f"{_FORMATS}.image_files"

DATASETS = {
    "boxes": Dataset(f"{_GENERATED}.boxes", generated=f"{_GENERATED}.boxes"),
    "cora": Dataset(
        "inductive.data.graph",
        real=f"{_FORMATS}.planetoid",
        generated=f"{_GENERATED}.citation",
        own=f"{_FORMATS}.planetoid",
    ),
    "mnist": Dataset(_IMAGES, real=f"{_FORMATS}.torchvision_files", own=_OWN_IMAGES),
    "cifar10": Dataset(
        _IMAGES,
        real=f"{_FORMATS}.torchvision_files",
        generated=f"{_GENERATED}.objects",
        own=_OWN_IMAGES,
    ),
    "galaxy10": Dataset(
        _IMAGES,
        real=f"{_FORMATS}.galaxy10",
        generated=f"{_GENERATED}.galaxies",
        own=_OWN_IMAGES,
    ),
    "membranes": Dataset(
        "inductive.data.segments",
        real=f"{_FORMATS}.masks",
        generated=f"{_GENERATED}.membranes",
        own=f"{_FORMATS}.masks",
    ),
    "celltypegraph": Dataset(
        "inductive.data.tissues",
        real=f"{_FORMATS}.celltypegraph",
        generated=f"{_GENERATED}.tissues",
        own=f"{_FORMATS}.celltypegraph",
    ),
    "grimm": Dataset(
        "inductive.data.text",
        real=f"{_FORMATS}.text",
        generated=f"{_GENERATED}.tales",
        own=f"{_FORMATS}.text",
    ),
    "neighbourhoods": Dataset(
        "inductive.data.neighbourhoods", generated=f"{_GENERATED}.neighbourhoods"
    ),
}


@dataclass(frozen=True)
class Datasets:
    """The data sets of one set of parameters, which studies resolve during planning."""

    settings: DataSettings
    layout: Layout

    def resolve(self, name: str, **extra: Any) -> DatasetSpec:
        """The identity of a data set, of the kind in the settings.

        `extra` are generated settings that a study adds or replaces (the protocol of the boxes).
        Raises InputError for a data set that does not exist or was removed, for a kind that it does
        not have, for generated settings that contradict each other, and for own files that are
        missing or not readable.
        """
        if name not in DATASETS:
            raise InputError(unknown("dataset", name, DATASETS))
        block = getattr(self.settings, name)
        key = f"data.{name}"
        if block is None:
            raise InputError(f"{key}: removed by an overlay, but a selected study needs it")
        settings = block.model_dump()
        kind = settings.pop("kind")
        maker = DATASETS[name].maker(kind)
        if maker is None:
            raise InputError(f"{key}.kind: {name} has no kind '{kind}'")
        if kind == "real":
            check_mirror()
            settings, sha256 = {}, published(name).sha256
        elif kind == "generated":
            settings = settings.get("generated", settings) | extra
            generator = import_module(maker)
            generator.check(settings, key)
            sha256 = digest([maker, generator.VERSION, settings], length=64)
        else:
            settings.pop("generated", None)
            if not settings["path"]:
                raise InputError(
                    f"{key}.path: must name your files, because kind is own; it is empty"
                )
            sha256 = _own_sha256(name, settings, self.layout)
        return DatasetSpec(name, kind, settings, sha256, fingerprint([maker]))


def modules_of(spec: DatasetSpec) -> list[str]:
    """The modules whose code determines the data of a run: its data set's loader and maker."""
    dataset = DATASETS[spec.name]
    modules = (dataset.loader, dataset.maker(spec.kind))
    return list(dict.fromkeys(module for module in modules if module))


def make(spec: DatasetSpec, layout: Layout) -> None:
    """Store a data set on this disk: fetch and verify it, generate it, or read the user's files.

    Its card is written last, so a data set with a card is complete.
    """
    folder, maker = layout.dataset(spec), _maker(spec)
    card: dict[str, Any] = {
        "name": spec.name,
        "kind": spec.kind,
        "sha256": spec.sha256,
        "settings": spec.settings,
    }
    content: Arrays
    if spec.kind == "generated":
        generator = import_module(maker)
        card |= {"generator": f"{maker} {generator.VERSION}"}
        content = generator.generate(spec.settings)
    else:
        if spec.kind == "real":
            source = published(spec.name)
            fetch(spec.name, source, folder)
            card |= {"licence": source.licence, "citation": source.citation}
            card |= {"upstreams": list(source.upstreams)}
        located = replace(spec, settings=_located(spec.settings, layout))
        content = import_module(maker).read(located, folder)
    arrays, facts = content
    save_arrays(folder, arrays)
    write_json(layout.card(spec), card | {"facts": facts})


def load(spec: DatasetSpec, layout: Layout) -> Any:
    """A data set in memory. InputError where it is not on this disk or own files have changed."""
    card = layout.card(spec)
    if not card.is_file():
        raise InputError(f"{card}: no such file; `snakemake --cores 1 data` makes it")
    if spec.kind == "own" and _own_sha256(spec.name, spec.settings, layout) != spec.sha256:
        raise InputError(f"data.{spec.name}.path: {spec.settings['path']} has changed; start again")
    return import_module(DATASETS[spec.name].loader).load(spec, layout.dataset(spec))


def facts(spec: DatasetSpec, layout: Layout) -> dict[str, Any]:
    """Facts about a data set beyond its arrays, such as the Bayes accuracy."""
    return load_facts(layout.dataset(spec))


def _maker(spec: DatasetSpec) -> str:
    maker = DATASETS[spec.name].maker(spec.kind)
    assert maker is not None, spec.id
    return maker


def _located(settings: dict[str, Any], layout: Layout) -> dict[str, Any]:
    """Settings of an own data set whose path, where it is relative, is relative to the project."""
    return settings | {"path": str(layout.root / settings["path"])} if "path" in settings else {}


def _own_sha256(name: str, settings: dict[str, Any], layout: Layout) -> str:
    """The hash of a user's files and of the settings by which they are read.

    Files are checked and hashed again only where a size or a modification time differs.
    """
    module, key = import_module(str(DATASETS[name].own)), f"data.{name}"
    located = _located(settings, layout)
    files: list[Path] = module.own_files(located, key)
    stamp = [[str(f.resolve()), f.stat().st_size, f.stat().st_mtime_ns] for f in files]
    cache = layout.data / ".own.json"
    hashes = read_json(cache) if cache.is_file() else {}
    entry = digest([name, stamp], length=32)
    if entry not in hashes:
        module.check_own(located, key)
        hashes[entry] = _hash_files(files, Path(located["path"]))
        write_json(cache, hashes)
    reading = {option: value for option, value in settings.items() if option != "path"}
    return digest([hashes[entry], reading], length=64)


def _hash_files(files: Iterable[Path], root: Path) -> str:
    """One hash over the content of files and their names below `root`."""
    lines = []
    for file in files:
        name = file.relative_to(root).as_posix() if root.is_dir() else file.name
        lines.append(f"{sha256_of_file(file)}  {name}\n")
    return hashlib.sha256("".join(lines).encode()).hexdigest()
