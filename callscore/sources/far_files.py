"""Files that lie elsewhere (S3, SFTP): listed, looked at and read in pieces; never changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from callscore.errors import RecordingError

__all__ = ["EMPTY_BYTES", "FarFile", "FarFiles", "download", "shown"]

PIECE_BYTES: Final = 4 * 1024 * 1024
MAX_FILE_BYTES: Final = 2 * 1024**3
EMPTY_BYTES: Final = 44
"""A file of this length holds the header of a WAV and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FarFile:
    """A file as listed. `key` is its path below the bucket, or on the server; `changed_at` is aware UTC.

    `mark` changes whenever the content does (an ETag, a time); it is compared with itself only, because the ETag of a file
    that came in several parts is no hash of it.
    """

    key: str
    n_bytes: int
    changed_at: datetime
    mark: str


class FarFiles(Protocol):
    """A place with files. Each method raises SourceError and its subclasses only, but for what `read` says."""

    @property
    def host(self) -> str:
        """The host, for messages."""
        ...

    @property
    def clock_skew_s(self) -> float | None:
        """How far the other clock is ahead of ours; None: it did not say."""
        ...

    def iter_files(self, folder: str) -> Iterator[FarFile]:
        """Yield the files in `folder` (ends in "/", or is empty) and below it; nothing if there is no such folder."""
        ...

    def stat(self, key: str) -> FarFile | None:
        """Return one file as it is now; None if it is gone."""
        ...

    def read(self, key: str, start: int, end: int) -> bytes:
        """Return the bytes from `start` up to `end`; fewer where the file ends.

        Raises:
            RecordingError: if this one file cannot be read: gone, no rights, in cold storage.
        """
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


def download(files: FarFiles, file: FarFile, target: Path) -> None:
    """Fetch a file to `target`, going on from where an earlier attempt ended; it has its name only when it is whole.

    Raises:
        RecordingError: if it changed meanwhile, or is not as long as it was said to be.
        SourceError: if the place cannot be reached.
        OSError: if the disk is full or cannot be written.
    """
    if file.n_bytes > MAX_FILE_BYTES:
        raise RecordingError(f"the recording is larger than {MAX_FILE_BYTES // 2**30} GiB")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    with part.open("ab") as stream:
        if stream.tell() > file.n_bytes:
            stream.truncate(0)
        while (at := stream.tell()) < file.n_bytes:
            end = min(at + PIECE_BYTES, file.n_bytes)
            data = files.read(file.key, at, end)
            if len(data) != end - at:
                break
            stream.write(data)
    now = files.stat(file.key)
    if part.stat().st_size != file.n_bytes or now is None or (now.n_bytes, now.mark) != (file.n_bytes, file.mark):
        part.unlink()
        raise RecordingError("the recording came with another length, or changed while it was read; it may not be ready yet")
    part.replace(target)


def shown(key: str) -> str:
    """Return a key for messages: long numbers, which may be phones, lose all but their last two digits.

    >>> shown("2026/03/02/100200_in_79000000101_101.mp3")
    '2026/03/02/100200_in_*01_101.mp3'
    """
    return re.sub(r"\d{5,}(?=\d\d(?!\d))", "*", re.sub(r"[\x00-\x1f\x7f]", " ", key)[-200:])
