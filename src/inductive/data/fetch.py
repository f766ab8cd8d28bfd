"""Downloads published files from a mirror or from upstream, and verifies them.

A thin layer over pooch, which downloads and hashes. This module adds several sources in order, file
names that are given only after the checksum is verified, and the quarantine of wrong files, which
the error names.
"""

import errno
import os
import re
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pooch

from inductive.core.errors import InputError
from inductive.data.sources import RemoteFile, Source

MIRROR = "INDUCTIVE_MIRROR"
ATTEMPTS = 3
PAUSE = 1.0  # seconds before the second attempt; doubled before each further one
TIMEOUT = 30  # seconds without an answer
GRACE = 60.0  # seconds after which the speed of a download is checked
SLOWEST = 1000  # bytes per second, on average, below which a download is given up


class _UnsuitableError(Exception):
    """This source did not provide the file; the next one is tried."""


def fetch(name: str, source: Source, folder: Path) -> None:
    """Download all files of a data set into `folder`. Files with the right checksum are kept.

    Sources are tried in order: INDUCTIVE_MIRROR (a folder or a URL prefix, laid out
    <dataset>/<file>), then the data set's upstreams.
    Raises InputError that names the data set, what was tried and the mirror variable.
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


def check_mirror() -> None:
    """Raise InputError where INDUCTIVE_MIRROR is set to neither a URL nor a folder that exists."""
    mirror = os.environ.get(MIRROR, "")
    if mirror and "://" not in mirror and not Path(mirror).is_dir():
        raise InputError(f"{MIRROR}: '{mirror}' is neither a folder nor a URL")


def _fetch_file(
    name: str, file: str, expected: RemoteFile, prefixes: list[str], path: Path
) -> None:
    failures = []
    for prefix in prefixes:
        url = f"{prefix}{file}" if prefix.endswith("/") else prefix
        shown = re.sub(r"//[^/@]*@", "//", url)  # an address may contain a password
        get = _download if "://" in url else _copy
        try:
            return _obtain(url, expected, path, get)
        except _UnsuitableError as failure:
            failures.append(f"{shown} ({failure})")
    hint = "" if os.environ.get(MIRROR) else f"; {MIRROR} may name a folder or URL that has it"
    raise InputError(f"dataset {name}: no source gave {file}: tried {', '.join(failures)}{hint}")


def _obtain(url: str, expected: RemoteFile, path: Path, get: Callable[[str, Path], None]) -> None:
    """One source, with retries. Only a complete and verified file gets the name `path`."""
    partial = path.with_name(f".{path.name}.part")
    for attempt in range(ATTEMPTS):
        try:
            get(url, partial)
            if _is_right(partial, expected):
                partial.replace(path)
                return
            _quarantine(partial, expected, path)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise InputError(f"{path}: the disk is full; no other file has changed") from None
            last = attempt == ATTEMPTS - 1
            if last or get is _copy or _is_final(error):
                raise _UnsuitableError(_describe(error)) from None
            time.sleep(PAUSE * 2**attempt)
        finally:
            partial.unlink(missing_ok=True)


def _quarantine(partial: Path, expected: RemoteFile, path: Path) -> None:
    """Rename a wrong file and raise _UnsuitableError; ConnectionError where it is only cut off."""
    size = partial.stat().st_size
    if size < expected.size:
        raise ConnectionError(f"truncated: {size} of {expected.size} bytes")
    algorithm, checksum = expected.checksum
    actual = _hash(partial, algorithm)
    quarantined = path.with_name(f"{path.name}.wrong-{actual[:8]}")
    partial.replace(quarantined)
    raise _UnsuitableError(
        f"wrong checksum: {algorithm} {actual[:16]}… instead of {checksum[:16]}…; "
        f"not used, left at {quarantined}"
    )


def _copy(url: str, path: Path) -> None:
    shutil.copyfile(url, path)


def _download(url: str, path: Path) -> None:
    """Raises an OSError for every failure, also for a server that sends too slowly."""
    downloader = pooch.HTTPDownloader(progressbar=True, timeout=TIMEOUT)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            downloader(url, str(path), None)
        except BaseException as failure:  # raised again below, in the thread that waits
            failures.append(failure)

    # TIMEOUT limits each answer but not a file that arrives byte by byte, so its size is checked.
    # An abandoned thread ends with the program; its file has been unlinked before.
    thread = threading.Thread(target=work, daemon=True)
    start = time.monotonic()
    thread.start()
    while thread.is_alive():
        thread.join(0.2)
        waited = time.monotonic() - start
        size = path.stat().st_size if path.is_file() else 0
        if thread.is_alive() and waited > GRACE and size < SLOWEST * waited:
            raise TimeoutError(f"too slow: {size} bytes in {waited:.0f} s")
    if failures:
        raise failures.pop()  # a failure in the list would keep its connection open


def _is_final(error: OSError) -> bool:
    """Whether a retry is useless: after a client error (such as 404), not after a server error."""
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


def _is_right(path: Path, expected: RemoteFile) -> bool:
    algorithm, checksum = expected.checksum
    return _hash(path, algorithm) == checksum


def _hash(path: Path, algorithm: str) -> str:
    return str(pooch.file_hash(str(path), alg=algorithm))
