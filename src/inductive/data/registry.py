"""Every dataset: its kinds, where it comes from, what it may be used for. Imports no torch."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inductive.code import fingerprint
from inductive.data.sources import published
from inductive.data.spec import DatasetSpec
from inductive.errors import InputError, unknown
from inductive.store import DATA, digest, read_json, write_json
from inductive.store import sha256 as sha256_of_file

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Dataset:
    """A dataset in up to three kinds. Modules are named, not imported: the parser needs neither."""

    module: str
    """Offers `load(spec)`."""
    real: bool = False
    """Published files, in sources.yaml."""
    generator: str | None = None
    """A module that offers `VERSION`, `check(settings, key)` and `generate(settings)`, which gives
    arrays by name and facts."""
    own: str | None = None
    """A module that offers `own_files(settings, key)`, what must be there, and
    `check_own(settings, key)`."""
    reader: str | None = None
    """A module that offers `read(spec)`: files (real or own) into arrays and facts, once. Without
    one, `load` reads the files themselves."""

    def makers(self, kind: str) -> list[str]:
        """The modules that decide what the arrays of a kind hold."""
        maker = self.generator if kind == "generated" else self.reader
        return [maker] if maker else []


_IMAGES: dict[str, Any] = {
    "module": "inductive.data.images",
    "real": True,
    "own": "inductive.data.image_files",
    "reader": "inductive.data.image_files",
}

DATASETS = {
    "boxes": Dataset("inductive.data.boxes", generator="inductive.data.boxes"),
    "cora": Dataset(
        "inductive.data.planetoid",
        real=True,
        generator="inductive.data.citation_twin",
        own="inductive.data.planetoid",
    ),
    "mnist": Dataset(**_IMAGES),
    "cifar10": Dataset(**_IMAGES, generator="inductive.data.upright_twin"),
    "galaxy10": Dataset(**_IMAGES, generator="inductive.data.galaxy_twin"),
    "membranes": Dataset(
        "inductive.data.segments",
        real=True,
        generator="inductive.data.cell_twin",
        own="inductive.data.segments",
        reader="inductive.data.segments",
    ),
    "celltypegraph": Dataset(
        "inductive.data.celltypegraph",
        real=True,
        generator="inductive.data.tissue_twin",
        own="inductive.data.celltypegraph",
        reader="inductive.data.celltypegraph",
    ),
    "grimm": Dataset(
        "inductive.data.text",
        real=True,
        generator="inductive.data.tale_twin",
        own="inductive.data.text",
    ),
    "neighbourhoods": Dataset(
        "inductive.data.neighbourhoods", generator="inductive.data.neighbourhoods"
    ),
}


def resolve(name: str, settings: dict[str, Any], **extra: Any) -> DatasetSpec:
    """The spec of a dataset from its block of `data:` in the parameters.

    `extra` are settings that a study adds for its own variant (the protocol of the boxes, say).
    Raises InputError for a kind that the dataset does not have, and for own files that are not as
    they must be.
    """
    if name not in DATASETS:
        raise InputError(unknown("dataset", name, DATASETS))
    dataset, kind = DATASETS[name], settings["kind"]
    key = f"data.{name}"
    if kind == "real" and dataset.real:
        _check_mirror()
        return DatasetSpec(name, kind, {}, published(name).sha256, _code(dataset, kind))
    if kind == "generated" and dataset.generator:
        generator = import_module(dataset.generator)
        chosen = dict(settings.get("generated", settings)) | extra
        chosen.pop("kind", None)
        generator.check(chosen, key)
        sha256 = digest([dataset.generator, generator.VERSION, chosen], length=64)
        return DatasetSpec(name, kind, chosen, sha256, _code(dataset, kind))
    if kind == "own" and dataset.own:
        if not settings["path"]:
            raise InputError(
                f"{key}.path: kind is own, so this must name your files; found nothing"
            )
        chosen = {k: v for k, v in settings.items() if k not in ("kind", "generated")}
        return DatasetSpec(name, kind, chosen, _own_sha256(name, chosen), _code(dataset, kind))
    raise InputError(f"{key}.kind: {name} has no kind '{kind}'")


def _code(dataset: Dataset, kind: str) -> str:
    makers = dataset.makers(kind)
    return fingerprint(makers) if makers else ""


def _check_mirror() -> None:
    mirror = os.environ.get("INDUCTIVE_MIRROR", "")
    if mirror and "://" not in mirror and not Path(mirror).is_dir():
        raise InputError(f"INDUCTIVE_MIRROR: '{mirror}' is neither a folder nor a URL")


def _own_sha256(name: str, settings: dict[str, Any]) -> str:
    """The hash of a user's files and of how they are to be read.

    Files are hashed again only where a size or a time of change differs.
    """
    module, key = import_module(str(DATASETS[name].own)), f"data.{name}"
    own: list[Path] = module.own_files(settings, key)
    stamp = [[str(f.resolve()), f.stat().st_size, f.stat().st_mtime_ns] for f in own]
    stored = DATA / ".own.json"
    known = read_json(stored) if stored.is_file() else {}
    place = digest([name, stamp], length=32)
    if place not in known:
        module.check_own(settings, key)
        root = Path(settings["path"])
        lines = [f"{sha256_of_file(f)}  {_below(f, root)}\n" for f in own]
        known[place] = hashlib.sha256("".join(lines).encode()).hexdigest()
        write_json(stored, known)
    reading = {option: value for option, value in settings.items() if option != "path"}
    return digest([known[place], reading], length=64)


def _below(file: Path, root: Path) -> str:
    return file.relative_to(root).as_posix() if root.is_dir() else file.name


def make(spec: DatasetSpec) -> None:
    """Bring a dataset onto this disk, verified: fetch it, generate it, or check the user's files.

    Its card is written last, so a card says that everything else is there.
    """
    dataset = DATASETS[spec.name]
    card: dict[str, Any] = {
        "name": spec.name,
        "kind": spec.kind,
        "sha256": spec.sha256,
        "settings": spec.settings,
    }
    if spec.kind == "real":
        from inductive.data.fetch import fetch

        source = published(spec.name)
        fetch(spec.name, source, spec.folder)
        card |= {"licence": source.licence, "citation": source.citation}
        card |= {"upstreams": list(source.upstreams)}
    if spec.kind == "generated":
        generator = import_module(str(dataset.generator))
        card |= {"generator": f"{dataset.generator} {generator.VERSION}"}
        card |= {"facts": _write(spec, generator.generate(spec.settings))}
    elif dataset.reader:
        card |= {"facts": _write(spec, import_module(dataset.reader).read(spec))}
    elif spec.kind == "own":
        import_module(str(dataset.own)).check_own(spec.settings, f"data.{spec.name}")
    write_json(spec.card, card)


def _write(spec: DatasetSpec, made: "tuple[dict[str, np.ndarray], dict[str, Any]]") -> Any:
    """Keep a dataset's arrays in its folder; gives its facts."""
    import numpy as np
    from safetensors.numpy import save

    from inductive.store import write_bytes

    arrays, facts = made
    # safetensors writes memory as it lies, and would take columns for rows.
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    write_bytes(spec.folder / "arrays.safetensors", save(whole))
    return facts


def load(spec: DatasetSpec) -> Any:
    """A dataset in memory, as its module gives it. InputError where it is not on this disk."""
    if not spec.card.is_file():
        raise InputError(f"{spec.card}: no such file; `snakemake --cores 1 data` makes it")
    dataset = DATASETS[spec.name]
    if spec.kind == "own" and _own_sha256(spec.name, spec.settings) != spec.sha256:
        raise InputError(f"data.{spec.name}.path: {spec.settings['path']} has changed; start again")
    loader: Callable[[DatasetSpec], Any] = import_module(dataset.module).load
    return loader(spec)


def facts(spec: DatasetSpec) -> dict[str, Any]:
    """What is known about a dataset beyond its arrays (the Bayes accuracy, say)."""
    return dict(read_json(spec.card).get("facts", {}))
