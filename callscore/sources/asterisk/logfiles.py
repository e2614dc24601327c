"""Log files that grow and are rotated: found with their older parts, and read only where they hold the time asked for.

A file is looked through once, block by block, for the times in it; then only blocks that may hold what is wanted are read, so
that a year of calls costs little when a night is asked for, and memory does not grow with the file. Files stay open until
close(): one that is renamed meanwhile is read to its end, and what is appended meanwhile is left for the next time.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Final, cast
from zoneinfo import ZoneInfo

from callscore.errors import SourceError
from callscore.outside.pages import Reject

__all__ = ["EPOCHS", "STAMPS", "Block", "LogFile", "decode", "find_rotated", "stamp_range"]

STAMPS: Final = re.compile(rb"[12]\d{3}-\d\d-\d\d[ T]\d\d:\d\d:\d\d")
EPOCHS: Final = re.compile(rb"(?m)^\"?(?:[A-Z_]+\",\")?(\d{10})(?=[|.\",])")
"""Seconds at the beginning of a line, or behind the type of an event."""
_BLOCK_BYTES: Final = 1 << 20
_HEAD_BYTES: Final = 1 << 16
_COMPRESSED: Final = (".gz", ".bz2", ".xz")
_DAMAGED: Final = (EOFError, OSError, zlib.error, lzma.LZMAError)


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of a file: where they begin, and the first and last time in them; both are empty if there is none."""

    offset: int
    n_bytes: int
    line: int
    first: bytes
    last: bytes

    def may_hold(self, first: bytes, last: bytes) -> bool:
        """Tell whether a time from `first` to `last` may be in it; where no time is to be seen, it may."""
        return not self.first or (self.last >= first and self.first <= last)


class LogFile:
    """One file, looked through.

    Args:
        path: what to read; compressed files are unpacked to a temporary file.
        stamps: returns, for the first line, what finds the times in the file.

    Raises:
        SourceError: if it cannot be read.
    """

    def __init__(self, path: Path, stamps: Callable[[bytes], re.Pattern[bytes]]) -> None:
        self.name = path.name
        self.rejects: list[Reject] = []
        is_packed = path.suffix in _COMPRESSED
        try:
            self._file = self._unpack(path) if is_packed else path.open("rb")
        except OSError as exc:
            raise SourceError(f"the file cannot be read: {exc.strerror or type(exc).__name__}", where=str(path)) from exc
        self.head = self._file.readline(_HEAD_BYTES).rstrip(b"\r\n")
        self.blocks: list[Block] = []
        self._tail: Block | None = None
        self._look_through(stamps(self.head))
        if is_packed:
            self.take_tail()

    def take_tail(self) -> None:
        """Read the last line although it has no end: nothing is going to be appended to this file."""
        if self._tail is not None:
            self.blocks.append(self._tail)
            self._tail = None

    def lines(self, first: bytes = b"", last: bytes = b"\xff") -> Iterator[tuple[int, bytes]]:
        """Yield the number and bytes of each line in blocks that may hold times from `first` to `last`."""
        for block in self.blocks:
            if block.may_hold(first, last):
                self._file.seek(block.offset)
                yield from enumerate(self._file.read(block.n_bytes).split(b"\n"), block.line)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _unpack(self, path: Path) -> IO[bytes]:
        unpacked = cast("IO[bytes]", tempfile.TemporaryFile())  # noqa: SIM115 - closed with the file
        try:
            with path.open("rb") as raw, _unpacking(raw, path.suffix) as packed:
                shutil.copyfileobj(packed, unpacked, _BLOCK_BYTES)
        except (FileNotFoundError, PermissionError):
            raise
        except _DAMAGED:
            self.rejects.append(
                Reject(where=path.name, reason="the compressed file is damaged; what could be unpacked was read")
            )
        unpacked.seek(0)
        return unpacked

    def _look_through(self, stamps: re.Pattern[bytes]) -> None:
        size = self._file.seek(0, 2)
        offset, line = 0, 1
        while offset < size:
            self._file.seek(offset)
            data = self._file.read(min(_BLOCK_BYTES, size - offset))
            if not data:
                return  # it was cut off meanwhile
            end = data.rfind(b"\n") + 1
            is_tail = not end and offset + len(data) >= size
            data = data[:end] if end else data
            found = stamps.findall(data)
            times = (min(found, default=b""), max(found, default=b""))
            block = Block(offset, len(data), line, *(time.replace(b"T", b" ") for time in times))
            if is_tail:
                self._tail = block
            else:
                self.blocks.append(block)
            line += data.count(b"\n")
            offset += len(data)


def find_rotated(path: Path) -> tuple[Path, ...]:
    """Return a log and its older parts beside it (.1, .2.gz, -20260301), by name.

    Raises:
        SourceError: if there is none.
    """
    if not path.parent.is_dir():
        raise SourceError("there is no such folder", where=str(path.parent), hint="check the path")
    stem, suffix = re.escape(path.stem), re.escape(path.suffix)
    pattern = re.compile(rf"{stem}(?:[.-]\d[\d-]*)?{suffix}(?:[.-]\d[\d-]*)?(?:\.gz|\.bz2|\.xz)?")
    try:
        found = sorted(item for item in path.parent.iterdir() if pattern.fullmatch(item.name) and item.is_file())
    except OSError as exc:
        raise SourceError(f"the folder cannot be read: {exc.strerror}", where=str(path.parent)) from exc
    if not found:
        raise SourceError("there is no such file", where=str(path), hint="check the path")
    return tuple(found)


def stamp_range(start: datetime, end: datetime, zone: str) -> tuple[str, str]:
    """Return the first and the last time, as written, that can mean a moment from `start` to `end`: in GMT, or in a zone.

    >>> stamp_range(datetime(2026, 3, 1, 21, tzinfo=UTC), datetime(2026, 3, 2, 21, tzinfo=UTC), "Europe/Moscow")
    ('2026-03-01 20:00:00', '2026-03-03 01:00:00')
    """
    texts = [f"{_written(at, name):%Y-%m-%d %H:%M:%S}" for at in (start, end) for name in (zone, "UTC")]
    hour = timedelta(hours=1)  # an hour comes twice when clocks are set back
    first = datetime.fromisoformat(min(texts[:2])) - hour
    last = datetime.fromisoformat(max(texts[2:])) + hour
    return f"{first:%Y-%m-%d %H:%M:%S}", f"{last:%Y-%m-%d %H:%M:%S}"


def _written(at: datetime, zone: str) -> datetime:
    return at.astimezone(UTC if zone == "UTC" else ZoneInfo(zone))


def _unpacking(raw: IO[bytes], suffix: str) -> IO[bytes]:
    if suffix == ".gz":
        return cast("IO[bytes]", gzip.GzipFile(fileobj=raw))
    return cast("IO[bytes]", bz2.BZ2File(raw) if suffix == ".bz2" else lzma.LZMAFile(raw))


def decode(line: bytes) -> str:
    """Return a line as text: UTF-8, or the Russian Windows code page where it is not that."""
    line = line.rstrip(b"\r")
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1251", "replace")
