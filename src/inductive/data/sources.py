"""Addresses and checksums of the published files."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml


@dataclass(frozen=True)
class RemoteFile:
    """A published file: its checksum, and its size in bytes where that is known."""

    sha256: str = ""
    size: int = 0
    md5: str = ""
    """Where no sha256 is published."""

    @property
    def checksum(self) -> tuple[str, str]:
        """Algorithm and value."""
        return ("sha256", self.sha256) if self.sha256 else ("md5", self.md5)


@dataclass(frozen=True)
class Source:
    """Published files and their addresses, in the order in which they are tried.

    An upstream that ends in a slash is a prefix of the files' names; any other is the address of
    the only file.
    """

    files: dict[str, RemoteFile]
    upstreams: tuple[str, ...]
    licence: str
    citation: str

    @property
    def sha256(self) -> str:
        """One hash over all files."""
        lines = [f"{file.checksum[1]}  {name}\n" for name, file in sorted(self.files.items())]
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def published(name: str) -> Source:
    """The published files of a data set, from sources.yaml. KeyError where there are none."""
    return _sources()[name]


@cache
def _sources() -> dict[str, Source]:
    text = files("inductive.data").joinpath("sources.yaml").read_text(encoding="utf-8")
    return {
        name: Source(
            files={file: RemoteFile(**facts) for file, facts in entry["files"].items()},
            upstreams=tuple(entry["upstreams"]),
            licence=entry["licence"],
            citation=entry["citation"],
        )
        for name, entry in yaml.safe_load(text).items()
    }
