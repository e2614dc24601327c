"""The files that an exchange leaves in a folder, also in zip archives, as texts to read."""

from __future__ import annotations

import errno
import glob
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Final

from callscore.crm.commerceml.documents import XmlText
from callscore.errors import SourceError

__all__ = ["arrival", "find_files", "open_file", "unpack"]

MAX_UNPACKED_BYTES: Final = 1024**3
_SUFFIXES: Final = (".xml", ".zip")


def find_files(path: Path) -> list[Path]:
    """Return the files in a folder, one file, or those that a pattern such as `exchange/orders-*.xml` names.

    Raises:
        SourceError: if there is no such folder or file; a pattern may name nothing.
    """
    if path.is_dir():
        found = [item for item in path.iterdir() if item.suffix.lower() in _SUFFIXES and not item.name.startswith((".", "~"))]
    elif path.is_file():
        found = [path]
    elif any(sign in str(path) for sign in "*?["):
        found = [Path(name) for name in glob.glob(str(path), recursive=True)]  # noqa: PTH207 - Path.glob takes no whole path
    else:
        raise SourceError("there is no such folder or file", where=str(path), hint="check path; is the share mounted?")
    return sorted(item for item in found if item.is_file())


def unpack(name: str, arrived_at: datetime, source: Callable[[], IO[bytes]]) -> Iterator[XmlText]:
    """Yield the XML texts in a zip archive; each is unpacked when it is opened, which raises OSError where it is broken.

    Raises:
        zipfile.BadZipFile: it is only half there, or too big when unpacked.
        OSError: it cannot be read.
    """
    with source() as stream, zipfile.ZipFile(stream) as archive:
        members = [item for item in archive.infolist() if item.filename.lower().endswith(".xml")]
    if sum(item.file_size for item in members) > MAX_UNPACKED_BYTES:
        raise zipfile.BadZipFile("too big")
    for item in members:
        opening = partial(_open_member, source, item.filename)
        yield XmlText(name=f"{name}/{Path(item.filename).name}", arrived_at=arrived_at, open=opening)


def open_file(path: Path) -> IO[bytes]:
    """Open a file to read its bytes."""
    return path.open("rb")


def arrival(path: Path) -> datetime:
    """Return when a file was last written.

    Raises:
        OSError: if it is gone.
    """
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _open_member(source: Callable[[], IO[bytes]], filename: str) -> IO[bytes]:
    try:
        with source() as stream, zipfile.ZipFile(stream) as archive:
            return io.BytesIO(archive.read(filename))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError, KeyError) as exc:
        # A wrong checksum, a compression that is not known here, a password.
        raise OSError(errno.EIO, "the archive is broken or locked") from exc
