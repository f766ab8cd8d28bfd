"""Published files: from a mirror or from upstream, verified, or not at all.

A thin layer over pooch, which downloads and hashes. What pooch leaves open is settled here:
several sources in order, a file that takes its name only once its checksum is right, and a wrong
file that is put aside for inspection and named in the error.
"""

import errno
import os
import re
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from inductive.errors import InputError

if TYPE_CHECKING:
    from inductive.data.sources import RemoteFile, Source

MIRROR = "INDUCTIVE_MIRROR"
ATTEMPTS = 3
PAUSE = 1.0  # seconds before the second attempt; doubled before each further one
TIMEOUT = 30  # seconds without an answer
GRACE = 60.0  # seconds before a download can be called too slow
SLOWEST = 1000  # bytes a second, on average, that a download must make


class _UnsuitableError(Exception):
    """This source did not give the file; the next one may."""


def fetch(name: str, source: "Source", folder: Path) -> None:
    """Bring all files of a dataset into `folder`. Files already there and right are kept.

    Sources are tried in order: INDUCTIVE_MIRROR (a folder or a URL prefix, laid out
    <dataset>/<file>), then the dataset's upstreams.
    Raises InputError that names the dataset, what was tried and the mirror variable.
    """
    folder.mkdir(parents=True, exist_ok=True)
    mirror = os.environ.get(MIRROR, "")
    prefixes = [f"{mirror.rstrip('/')}/{name}/"] if mirror else []
    prefixes += source.upstreams
    for file, expected in source.files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or not _is_right(path, expected):
            _fetch_file(name, file, expected, prefixes, path)


def _fetch_file(
    name: str, file: str, expected: "RemoteFile", prefixes: list[str], path: Path
) -> None:
    failures = []
    for prefix in prefixes:
        url = f"{prefix}{file}" if prefix.endswith("/") else prefix
        shown = re.sub(r"//[^/@]*@", "//", url)  # an address may hold a password
        get = _download if "://" in url else _copy
        try:
            return _obtain(url, expected, path, get)
        except _UnsuitableError as failure:
            failures.append(f"{shown} ({failure})")
    hint = "" if os.environ.get(MIRROR) else f"; {MIRROR} may name a folder or URL that has it"
    raise InputError(f"dataset {name}: no source gave {file}: tried {', '.join(failures)}{hint}")


def _obtain(url: str, expected: "RemoteFile", path: Path, get: Callable[[str, Path], None]) -> None:
    """One source, with retries. The file appears at `path` whole and verified, or not at all."""
    partial = path.with_name(f".{path.name}.part")
    for attempt in range(ATTEMPTS):
        try:
            get(url, partial)
            if _is_right(partial, expected):
                partial.replace(path)
                return
            algorithm, wanted = expected.checksum
            found = _hash(partial, algorithm)
            size = partial.stat().st_size
            if size < expected.size:
                raise ConnectionError(f"truncated: {size} of {expected.size} bytes")
            aside = path.with_name(f"{path.name}.wrong-{found[:8]}")
            partial.replace(aside)
            raise _UnsuitableError(
                f"wrong checksum: {algorithm} {found[:16]}… instead of {wanted[:16]}…; "
                f"not used, left at {aside}"
            )
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise InputError(f"{path}: the disk is full; nothing was lost") from None
            last = attempt == ATTEMPTS - 1
            if last or get is _copy or _is_final(error):
                raise _UnsuitableError(_describe(error)) from None
            time.sleep(PAUSE * 2**attempt)
        finally:
            partial.unlink(missing_ok=True)


def _copy(url: str, path: Path) -> None:
    shutil.copyfile(url, path)


def _download(url: str, path: Path) -> None:
    """Raises an OSError for all that can go wrong, a server that only drips among it."""
    import pooch

    downloader = pooch.HTTPDownloader(progressbar=True, timeout=TIMEOUT)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            downloader(url, str(path), None)
        except BaseException as failure:  # whatever it is, it is raised again below
            failures.append(failure)

    # A time limit on every answer does not bound a file that comes byte by byte, so it is watched.
    # A thread that is given up ends with the program; it writes to a file that has no name then.
    thread = threading.Thread(target=work, daemon=True)
    begun = time.monotonic()
    thread.start()
    while thread.is_alive():
        thread.join(0.2)
        waited = time.monotonic() - begun
        size = path.stat().st_size if path.is_file() else 0
        if thread.is_alive() and waited > GRACE and size < SLOWEST * waited:
            raise TimeoutError(f"too slow: {size} bytes in {waited:.0f} s")
    if failures:
        raise failures.pop()  # what is kept of a failure would keep its connection open


def _is_final(error: OSError) -> bool:
    """A client error (404, say) will not go away; a server error or a lost connection may."""
    response = getattr(error, "response", None)
    return response is not None and 400 <= response.status_code < 500


def _describe(error: OSError) -> str:
    response = getattr(error, "response", None)
    if response is not None:
        return f"HTTP {response.status_code}"
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if str(error).startswith(("truncated", "too slow")):
        return str(error)
    return "truncated" if "IncompleteRead" in str(error) else "no connection"


def _is_right(path: Path, expected: "RemoteFile") -> bool:
    algorithm, wanted = expected.checksum
    return _hash(path, algorithm) == wanted


def _hash(path: Path, algorithm: str) -> str:
    import pooch

    return str(pooch.file_hash(str(path), alg=algorithm))
