"""Reads image files from a tar archive without unpacking it to the disk.

A member that is a link or a device, or whose path leads outside, is an error.
"""

import lzma
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from inductive.core.errors import InputError
from inductive.data.formats.picture import SUFFIXES

ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2")
LARGEST = 64 << 20  # bytes of one image file, far more than any picture of these data sets has


def archived_images(
    path: Path, where: str, *, contents: bool = True
) -> Iterator[tuple[str, bytes]]:
    """Name and content (empty without `contents`) of every image in an archive, in its order.

    Raises InputError, which begins with `where`, for anything unsafe or damaged.
    """
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                if not _is_image(member, where):
                    continue
                stream = archive.extractfile(member) if contents else None
                yield PurePosixPath(member.name).as_posix(), stream.read() if stream else b""
            _read_to_end(archive)
    except (tarfile.TarError, EOFError, OSError, lzma.LZMAError, zlib.error) as error:
        raise InputError(f"{where}: not a readable archive: {error}") from None


def _is_image(member: tarfile.TarInfo, where: str) -> bool:
    """Whether a member is an image to read. InputError for an unsafe or too large member."""
    name = PurePosixPath(member.name)
    if name.is_absolute() or ".." in name.parts:
        raise InputError(f"{where}: the path '{member.name}' leads out of the archive")
    if member.isdir():
        return False
    if not member.isfile():
        kind = "a link" if member.issym() or member.islnk() else "a device"
        raise InputError(f"{where}: '{member.name}' is {kind}; only files are read")
    hidden = any(part.startswith(".") for part in name.parts if part != ".")
    if name.suffix.lower() not in SUFFIXES or hidden:
        return False
    if member.size > LARGEST:
        raise InputError(
            f"{where}: '{member.name}' has {member.size >> 20} MiB; at most "
            f"{LARGEST >> 20} are read"
        )
    return True


def _read_to_end(archive: tarfile.TarFile) -> None:
    """Raise TarError where a damaged header ended the reading before the archive's end.

    Only zeros follow the last member. Reading them also checks a compressed archive's checksum.
    """
    assert archive.fileobj is not None
    while rest := archive.fileobj.read(1 << 20):
        if any(rest):
            raise tarfile.TarError("damaged in the middle")
