"""Files that are whole or absent: atomic writes, checksums, JSON."""

import errno
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from inductive.core.errors import InputError

CLOCK_TOLERANCE = 5.0
"""Seconds by which a file server's clock may be ahead of this machine's."""


def digest(content: object, length: int = 8) -> str:
    """A short hash of anything that JSON can hold; equal content, equal hash."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:length]


@contextmanager
def atomic(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """A temporary file beside `path` that takes its name when the block ends without an error.

    Where `durable`, it is flushed to the disk first, so that a power failure, too, leaves either
    the old file or the new one.
    Raises InputError where the disk is full; the old file is then unchanged.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        if durable:
            with open(temporary, "rb") as stream:
                os.fsync(stream.fileno())
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)  # mkstemp creates private files
        temporary.replace(path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise InputError(f"{path}: the disk is full; the old file is unchanged") from None
        raise
    finally:
        temporary.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file atomically."""
    with atomic(path) as temporary:
        temporary.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write a text file atomically."""
    write_bytes(path, content.encode())


def write_json(path: Path, content: object) -> None:
    """Write indented JSON atomically."""
    write_text(path, json.dumps(content, indent=1, sort_keys=True, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """The content of a JSON file; InputError where it is missing or not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not valid JSON: {error}") from None


def write_if_changed(path: Path, content: object, output: Path | None = None) -> None:
    """Write JSON only where it differs from the file's content, so that its age shows changes.

    One line, not flushed to the disk: there may be tens of thousands of such files, and one that a
    power failure damages differs and is written again.
    The file is then younger than `output`, which is made from it and must be made again, even where
    the clock was set back since `output` was made.
    """
    text = json.dumps(content, sort_keys=True, allow_nan=False) + "\n"
    if path.is_file() and path.read_text(encoding="utf-8", errors="replace") == text:
        return
    with atomic(path, durable=False) as temporary:
        temporary.write_text(text, encoding="utf-8")
    if output and output.is_file():
        made = output.stat().st_mtime
        if made >= path.stat().st_mtime:
            os.utime(path, (made + 1, made + 1))


def clamp_future_mtimes(*folders: Path) -> None:
    """Set every modification time in the future to now, after a clock was set back.

    Snakemake decides by age what is out of date, and stops where a new output is older than its
    input.
    """
    now = time.time()
    for path in (inner for folder in folders for inner in (folder, *folder.rglob("*"))):
        with suppress(FileNotFoundError):
            if path.lstat().st_mtime > now + CLOCK_TOLERANCE:
                os.utime(path, (now, now), follow_symlinks=False)


def sha256(path: Path) -> str:
    """The SHA-256 of a file's content."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def checksums(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Name -> sha256 of files in a folder, as a `run.json` or `evaluation.json` records them."""
    return {name: sha256(folder / name) for name in names}


def verify_checksums(folder: Path, recorded: dict[str, str]) -> None:
    """Raise InputError for the first file that is missing or differs from what was recorded."""
    for name, checksum in recorded.items():
        verify_checksum(folder / name, checksum)


def verify_checksum(path: Path, recorded: str) -> None:
    """Raise InputError where a file is missing or its content differs from what was recorded."""
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    if sha256(path) != recorded:
        raise InputError(
            f"{path}: damaged, its sha256 is not the one recorded when it was made; "
            f"delete {path.parent} to have it made again"
        )
