"""The journal of the trainer's desk: one file, one entry a line, only ever added to.

Several servers may write to one journal. An entry counts once its line is whole and on the disk; what a power cut or a full
disk left of a line is set aside and said plainly, and the next entry begins a line of its own.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from callscore.errors import StoreBusyError, StoreError
from callscore.review.entries import Entry, from_json, to_json
from callscore.store.publish import sync_folder

__all__ = ["Journal", "JournalPart", "locked", "new_id", "reviews_folder"]

_PATIENCE_S: Final = 10.0
_STEP_S: Final = 0.02
_TAIL_BYTES: Final = 65_536
_LEAST_STEP: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalPart:
    """Entries in the order of the file; `end` is the byte behind the last whole line: where to go on reading.

    `start` is the byte that was read from: 0 where another journal lies in the place of the one read before. `notes` say in
    plain words what was set aside.
    """

    entries: tuple[Entry, ...]
    notes: tuple[str, ...]
    end: int
    start: int = 0


def reviews_folder(db: Path) -> Path:
    """Return the folder of the desk's files for a database.

    >>> reviews_folder(Path("data/callscore.duckdb")).as_posix()
    'data/reviews'
    """
    return db.parent / "reviews"


def new_id() -> str:
    """Return a fresh id for an entry, an appeal, a clip, a session or a sample."""
    return uuid.uuid4().hex


class Journal:
    """The entries of one workspace; safe for any number of threads and processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "journal.jsonl"

    @property
    def path(self) -> Path:
        """The file; it need not exist yet."""
        return self._path

    def append(self, *entries: Entry) -> tuple[Entry, ...]:
        """Write entries, nobody else's between them, and return them as written once they are on the disk.

        `at` never goes back within the file: where the clock was set back it is the last entry's time and a microsecond, so
        that the order of times is the order of the file.

        Raises:
            StoreError: if they cannot be written; what was written before is safe.
            StoreBusyError: if another server holds the journal for ten seconds.
        """
        if not entries:
            return ()
        with _disk_errors(self._path):
            self._folder.mkdir(parents=True, exist_ok=True)
            with locked(self._folder / "journal.lock"):
                return self._append(entries)

    def read(self, after: int = 0) -> JournalPart:
        """Return the entries behind byte `after`, an `end` that was returned before; all of them where that does not fit.

        Raises:
            StoreError: if the file is there and cannot be read.
        """
        try:
            with _disk_errors(self._path), self._path.open("rb") as file:
                start = after if _is_line_start(file.fileno(), after) else 0
                file.seek(start)
                data = file.read()
        except FileNotFoundError:
            missing = ("the journal is gone: it had been read before",) if after else ()
            return JournalPart(entries=(), notes=missing, end=0)
        entries, notes, end = _parse(data, start)
        if start != after:
            notes.insert(0, "the journal is not the one that was read before; all of it is read again")
        if end < start + len(data) and self._is_torn(end):
            notes.append(f"the last entry of the journal (at byte {end}) was not written to its end and is set aside")
        return JournalPart(entries=tuple(entries), notes=tuple(notes), end=end, start=start)

    def _append(self, entries: Sequence[Entry]) -> tuple[Entry, ...]:
        is_new = not self._path.exists()
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
        try:
            size = os.fstat(descriptor).st_size
            last = _last_at(descriptor, size)
            written: list[Entry] = []
            for entry in entries:
                at = entry.at if last is None else max(entry.at, last + _LEAST_STEP)
                written.append(replace(entry, at=at))
                last = at
            torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            text = "".join(f"{to_json(entry)}\n" for entry in written)
            _write(descriptor, ("\n" if torn else "").encode() + text.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            sync_folder(self._folder)
        return tuple(written)

    def _is_torn(self, end: int) -> bool:
        """Tell whether the line at `end` stays unfinished while nobody writes."""
        try:
            with locked(self._folder / "journal.lock"), self._path.open("rb") as file:
                file.seek(end)
                return b"\n" not in file.read()
        except (OSError, StoreError):
            return False


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, against threads and processes, for the moment of a write.

    flock, not a POSIX record lock: that one does not keep threads apart, and is lost when the process closes the file
    elsewhere.

    Raises:
        StoreBusyError: if it stays taken for ten seconds.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    try:
        deadline = time.monotonic() + _PATIENCE_S
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise StoreBusyError(
                        "another server holds the file of reviews", where=str(path), hint="try again; end a server that hangs"
                    ) from None
                time.sleep(_STEP_S)
        yield
    finally:
        os.close(descriptor)


def _parse(data: bytes, start: int) -> tuple[list[Entry], list[str], int]:
    entries: list[Entry] = []
    notes: list[str] = []
    at = 0
    while (stop := data.find(b"\n", at)) >= 0:
        line = data[at:stop]
        if line.strip():
            try:
                entries.append(from_json(line.decode()))
            except ValueError as exc:
                reason = "it is no text" if isinstance(exc, UnicodeDecodeError) else str(exc)[:200]
                notes.append(f"a line of the journal (at byte {start + at}) is no entry and is set aside: {reason}")
        at = stop + 1
    return entries, notes, start + at


def _is_line_start(descriptor: int, at: int) -> bool:
    return at == 0 or (at > 0 and os.pread(descriptor, 1, at - 1) == b"\n")


def _last_at(descriptor: int, size: int) -> datetime | None:
    """Return the time of the last entry that can be read, None where there is none."""
    span = _TAIL_BYTES
    while True:
        start = max(0, size - span)
        lines = os.pread(descriptor, size - start, start).split(b"\n")
        # The first piece may be the end of a longer line.
        for line in reversed(lines if start == 0 else lines[1:]):
            with contextlib.suppress(ValueError):
                return from_json(line.decode()).at
        if start == 0:
            return None
        span *= 16


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


@contextlib.contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as exc:
        raise StoreError(
            f"the journal of reviews cannot be used: {exc.strerror or exc}",
            where=str(path),
            hint="free some space or check the folder's permissions; what was written before is safe",
        ) from exc
