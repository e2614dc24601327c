"""The run lock: one writing process per database, free again the moment that process is gone."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from callscore.errors import StoreBusyError, StoreError
from callscore.store.paths import lock_path

__all__ = ["hold_run_lock"]

# POSIX locks do not exclude the process that holds them, so one process keeps its own list.
_held: set[Path] = set()


@contextlib.contextmanager
def hold_run_lock(db: Path) -> Iterator[None]:
    """Hold the run lock of `db` while the context lasts.

    A POSIX record lock (fcntl) belongs to the process and not to the descriptor, so forked workers that outlive a killed run
    do not keep it, unlike flock.

    Raises:
        StoreBusyError: if a process, this one included, holds it already.
        StoreError: if the lock file cannot be made.
    """
    path = lock_path(db).absolute()
    if path in _held:
        raise _busy(db, str(os.getpid()))
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as exc:
        raise StoreError(
            f"the run lock cannot be made: {exc.strerror}",
            where=str(path),
            hint="check the folder's permissions and free space",
        ) from exc
    try:
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            raise _busy(db, os.pread(descriptor, 32, 0).decode(errors="replace").strip()) from exc
        # The number only makes the message to others better: a full disk must not stop the run here.
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        _held.add(path)
        try:
            yield
        finally:
            _held.discard(path)
    finally:
        os.close(descriptor)


def _busy(db: Path, pid: str) -> StoreBusyError:
    by = f" (process {pid})" if pid.isdigit() else ""
    return StoreBusyError(
        f"another run{by} is writing to the database",
        where=str(db),
        hint="wait until it ends; reports work meanwhile",
    )
