"""Results on disk: where each lies, and how it is written so that it is whole or absent."""

import errno
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from inductive.errors import InputError

RESULTS = Path("results")
DATA = Path("data")
AHEAD = 5.0
"""Seconds by which a file server's clock may be ahead of ours."""


def digest(content: object, length: int = 8) -> str:
    """A short hash of anything that JSON can hold; equal content, equal hash."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:length]


@contextmanager
def atomic(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """A temporary file beside `path` that takes its name when the block ends well.

    Where `durable`, it is flushed to the disk first, so that a power failure, too, leaves either
    the old file or the new one.
    Raises InputError where the disk is full; the old file is still there then.
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
        temporary.chmod(0o666 & ~mask)  # mkstemp's are private, results are not
        temporary.replace(path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise InputError(f"{path}: the disk is full; nothing that was there is lost") from None
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
    """Write JSON atomically, indented for people."""
    write_text(path, json.dumps(content, indent=1, sort_keys=True, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """The content of a JSON file; InputError where it is missing or not JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except json.JSONDecodeError as error:
        raise InputError(f"{path}: not valid JSON: {error}") from None


def write_if_changed(path: Path, content: object, made_from_it: Path | None = None) -> None:
    """Write JSON only where it differs from what lies there, so that its age means something.

    In one line and not flushed: there may be tens of thousands of such files, and one that a power
    failure spoils differs, so it is written again.
    It is then younger than `made_from_it`, a file that is to be made again, even where a clock was
    set back since that one was made.
    """
    text = json.dumps(content, sort_keys=True, allow_nan=False) + "\n"
    if path.is_file() and path.read_text(encoding="utf-8", errors="replace") == text:
        return
    with atomic(path, durable=False) as temporary:
        temporary.write_text(text, encoding="utf-8")
    if made_from_it and made_from_it.is_file():
        made = made_from_it.stat().st_mtime
        if made >= path.stat().st_mtime:
            os.utime(path, (made + 1, made + 1))


def settle(*folders: Path) -> None:
    """Date to now whatever the folders (or files) have from the future, after a clock was set back.

    Snakemake tells what is out of date by age, and stops where what it has just made is older than
    what that was made from.
    """
    now = time.time()
    for path in (found for folder in folders for found in (folder, *folder.rglob("*"))):
        with suppress(FileNotFoundError):
            if path.lstat().st_mtime > now + AHEAD:
                os.utime(path, (now, now), follow_symlinks=False)


def sha256(path: Path) -> str:
    """Of a file's content."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def seal_of(path: Path) -> Path:
    """Where the checksum of a file is kept that has none in a run.json."""
    return path.with_name(f"{path.name}.sha256")


def seal(path: Path) -> None:
    """Record a file's checksum beside it, as `sha256sum --check` reads it."""
    write_text(seal_of(path), f"{sha256(path)}  {path.name}\n")


def check_seal(path: Path) -> None:
    """Raise InputError where a file is not as it was when it was sealed."""
    try:
        recorded = seal_of(path).read_text(encoding="utf-8", errors="replace").split(" ")[0]
    except FileNotFoundError:
        raise InputError(
            f"{seal_of(path)}: no such file; delete {path} too, to make both"
        ) from None
    check_sha256(path, recorded)


def check_sha256(path: Path, recorded: str) -> None:
    """Raise InputError where a file is missing or another one than was recorded."""
    if not path.is_file():
        raise InputError(f"{path}: no such file")
    if sha256(path) != recorded:
        raise InputError(
            f"{path}: damaged, its sha256 is not the one recorded when it was made; "
            f"delete {path.parent} to have it made again"
        )


def run_folder(preset: str, study: str, run_id: str) -> Path:
    """results/<preset>/runs/<study>/<variant>-<hash8>."""
    return RESULTS / preset / "runs" / study / run_id


def study_folder(preset: str, study: str) -> Path:
    """results/<preset>/studies/<study>: its plan, tables, figures and verdicts."""
    return RESULTS / preset / "studies" / study


def report_folder(preset: str) -> Path:
    """results/<preset>/report."""
    return RESULTS / preset / "report"


def aside(preset: str, study: str, run_id: str, evaluation_file: str) -> Path:
    """Where a training job lays the evaluation that it has made already, for the job that asks."""
    return RESULTS / ".scratch" / preset / "evaluations" / study / run_id / evaluation_file


def scratch_folder(preset: str, study: str, run_id: str) -> Path:
    """Where unfinished training is kept. No rule declares it, so no engine deletes it."""
    return RESULTS / ".scratch" / preset / study / run_id
