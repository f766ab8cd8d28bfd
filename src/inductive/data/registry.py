"""Every dataset: its kinds, where it comes from, what it may be used for. Imports no torch."""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from inductive.code import fingerprint
from inductive.data.spec import DatasetSpec
from inductive.errors import InputError, unknown
from inductive.store import DATA, digest, read_json, write_json


@dataclass(frozen=True)
class RemoteFile:
    """A published file: its checksum and its size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Source:
    """Published files, with the prefixes under which they are served, in the order to be tried."""

    files: dict[str, RemoteFile]
    upstreams: tuple[str, ...]
    licence: str
    citation: str

    @property
    def sha256(self) -> str:
        """One hash over all files."""
        lines = [f"{file.sha256}  {name}\n" for name, file in sorted(self.files.items())]
        return hashlib.sha256("".join(lines).encode()).hexdigest()


@dataclass(frozen=True)
class Dataset:
    """A dataset in up to three kinds. Modules are named, not imported: the parser needs neither."""

    module: str
    """Offers `load(spec)`."""
    real: Source | None = None
    generator: str | None = None
    """A module that offers `VERSION`, `check(settings, key)` and `generate(settings)`, which gives
    arrays by name and facts."""
    own: str | None = None
    """A module that offers `own_files(settings)`, what must be there, and `check_own(settings)`."""


_PLANETOID = "af6abf468a772cc055bec88c52e4d6f51b7c37e3"

CORA = Source(
    files={
        f"ind.cora.{part}": RemoteFile(sha256, size)
        for part, sha256, size in [
            ("allx", "9419ba2f26f5c35243db64aba110e0f35a04851609e0dc5433450676ca6b8543", 257305),
            ("ally", "2b998f5cc7fedc86e7f97ca2498f47a1ffc1462c29e2d578b23bf3f62b6e7d71", 47959),
            ("graph", "58f13302f39dde8852dad6fe6d15b89b077b6d7f837626bce671ef80344b383d", 59847),
            (
                "test.index",
                "297ce89af2b51a6a194181c7dbe1796c6a1cf9cd9349a88383b1b1e227867875",
                5000,
            ),
            ("tx", "b9afbaa4a400df991f6f02ef677e1e44da55ffc04801fd02f9e673987829226a", 148025),
            ("ty", "41f5ac76596a1699cc33f53084a2419e92961c42bb75f36fc38e616d348532ad", 28135),
            ("x", "23cfa55d91c6f624233f5eb7b6e3f141f1bd2b2ae39608a63cf5d084bb27baab", 22119),
            ("y", "94465c14eb53e04ca262198dcbb2521ee8af60fb3f3d546cd6ca24a511b0e7d1", 4054),
        ]
    },
    upstreams=(
        f"https://raw.githubusercontent.com/kimiyoung/planetoid/{_PLANETOID}/data/",
        f"https://github.com/kimiyoung/planetoid/raw/{_PLANETOID}/data/",
    ),
    licence="no licence stated upstream; fetched, never redistributed",
    citation="Sen et al. 2008, Collective classification in network data; "
    "split of Yang, Cohen, Salakhutdinov 2016",
)

DATASETS = {
    "boxes": Dataset(module="inductive.data.boxes", generator="inductive.data.boxes"),
    "cora": Dataset(
        module="inductive.data.planetoid",
        real=CORA,
        generator="inductive.data.citation_twin",
        own="inductive.data.planetoid",
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
        return DatasetSpec(name, kind, {}, dataset.real.sha256)
    if kind == "generated" and dataset.generator:
        generator = import_module(dataset.generator)
        chosen = dict(settings.get("generated", settings)) | extra
        chosen.pop("kind", None)
        generator.check(chosen, key)
        sha256 = digest([dataset.generator, generator.VERSION, chosen], length=64)
        return DatasetSpec(name, kind, chosen, sha256, fingerprint([dataset.generator]))
    if kind == "own" and dataset.own:
        if not settings["path"]:
            raise InputError(f"{key}.path: kind is own, so this must name a folder; found nothing")
        chosen = {"path": str(settings["path"]), "name": settings["name"]}
        return DatasetSpec(name, kind, chosen, _content_sha256(dataset.own, chosen))
    raise InputError(f"{key}.kind: {name} has no kind '{kind}'")


def _check_mirror() -> None:
    mirror = os.environ.get("INDUCTIVE_MIRROR", "")
    if mirror and "://" not in mirror and not Path(mirror).is_dir():
        raise InputError(f"INDUCTIVE_MIRROR: '{mirror}' is neither a folder nor a URL")


def _content_sha256(module: str, settings: dict[str, Any]) -> str:
    """The hash of a user's files, computed again only where a size or a time of change differs."""
    files: list[Path] = import_module(module).own_files(settings)
    stamp = [[str(f.resolve()), f.stat().st_size, f.stat().st_mtime_ns] for f in files]
    cache = DATA / ".own.json"
    known = read_json(cache) if cache.is_file() else {}
    key = digest(stamp, length=32)
    if key not in known:
        import_module(module).check_own(settings)
        lines = [f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {f.name}\n" for f in files]
        known[key] = hashlib.sha256("".join(lines).encode()).hexdigest()
        write_json(cache, known)
    return known[key]


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

        assert dataset.real is not None
        fetch(spec.name, dataset.real, spec.folder)
        card |= {"licence": dataset.real.licence, "citation": dataset.real.citation}
        card |= {"upstreams": list(dataset.real.upstreams)}
    elif spec.kind == "generated":
        from safetensors.numpy import save

        from inductive.store import write_bytes

        generator = import_module(str(dataset.generator))
        arrays, facts = generator.generate(spec.settings)
        write_bytes(spec.folder / "arrays.safetensors", save(arrays))
        card |= {"facts": facts, "generator": f"{dataset.generator} {generator.VERSION}"}
    else:
        import_module(str(dataset.own)).check_own(spec.settings)
    write_json(spec.card, card)


def load(spec: DatasetSpec) -> Any:
    """A dataset in memory, as its module gives it. InputError where it is not on this disk."""
    if not spec.card.is_file():
        raise InputError(f"{spec.card}: no such file; `snakemake --cores 1 data` makes it")
    dataset = DATASETS[spec.name]
    if spec.kind == "own" and _content_sha256(str(dataset.own), spec.settings) != spec.sha256:
        raise InputError(f"data.{spec.name}.path: {spec.settings['path']} has changed; start again")
    loader: Callable[[DatasetSpec], Any] = import_module(dataset.module).load
    return loader(spec)


def facts(spec: DatasetSpec) -> dict[str, Any]:
    """What is known about a dataset beyond its arrays (the Bayes accuracy, say)."""
    return dict(read_json(spec.card).get("facts", {}))
