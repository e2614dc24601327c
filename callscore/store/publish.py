"""The copy of the database that readers open: made from a checkpointed file, swapped in by rename."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Final

from callscore.errors import StoreError

__all__ = ["copy_database", "sync_folder"]

_CHUNK_BYTES: Final = 16 * 1024 * 1024


def copy_database(descriptor: int, target: Path) -> None:
    """Put a copy of the file behind `descriptor` at `target`, whole or not at all; readers of the old copy keep it.

    The caller passes an open descriptor and keeps it open while DuckDB has the file: POSIX locks vanish when *any* descriptor
    of the process to that file is closed, so opening and closing the file here would drop DuckDB's lock.

    Raises:
        StoreError: if the copy cannot be written; the old one then stays.
    """
    fresh = target.with_name(f"{target.name}.new")
    try:
        with fresh.open("wb") as copy:
            _copy_bytes(descriptor, copy.fileno())
            os.fsync(copy.fileno())
        fresh.replace(target)
        sync_folder(target.parent)
    except OSError as exc:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
        raise StoreError(
            f"the readers' copy could not be written: {exc.strerror}",
            where=str(target),
            hint="free some space or check the folder, then callscore db publish; the results themselves are saved",
        ) from exc


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy_bytes(source: int, target: int) -> None:
    size, at = os.fstat(source).st_size, 0
    while at < size:
        at += _copy_some(source, target, at, min(_CHUNK_BYTES, size - at))


def _copy_some(source: int, target: int, at: int, count: int) -> int:
    if hasattr(os, "copy_file_range"):
        # Shares the blocks on file systems that can (btrfs, xfs); not every one can at all, then plain reads do.
        with contextlib.suppress(OSError):
            if done := os.copy_file_range(source, target, count, offset_src=at):
                return done
    data = memoryview(os.pread(source, count, at))
    if not data:
        raise OSError(0, "the database shrank while it was copied")
    done = len(data)
    while data:
        data = data[os.write(target, data) :]
    return done
