"""Opening the store: one writer under the run lock, any number of readers on the published copy."""

from __future__ import annotations

import contextlib
import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb

from callscore.errors import StoreBusyError, StoreError
from callscore.store.lock import hold_run_lock
from callscore.store.migrate import check_version, migrate, migrations
from callscore.store.open import connect, store_errors
from callscore.store.paths import published_path
from callscore.store.publish import copy_database, sync_folder
from callscore.store.read import StoreReader
from callscore.store.write import StoreWriter

__all__ = ["open_reader", "open_store"]

_log = logging.getLogger(__name__)

# A reader that opened the database itself (no copy was there yet) is gone within this time; another program may not be.
_BUSY_PATIENCE_S: Final = 3.0
_BUSY_STEP_S: Final = 0.1


@contextlib.contextmanager
def open_store(path: Path) -> Iterator[StoreWriter]:
    """Open the database for writing, made or migrated where needed.

    The readers' copy is refreshed at the end, and at once where a killed run left it behind.

    Raises:
        StoreBusyError: at once if another run holds it.
        StoreError: if it cannot be made, opened or migrated; then nothing has changed.
    """
    path = path.absolute()
    _make_folder(path.parent)
    with hold_run_lock(path):
        if not path.exists():
            _create(path)
        is_stale = _is_copy_stale(path)
        connection = _connect_patiently(path)
        # Open as long as DuckDB is: see copy_database.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            is_stale |= bool(migrate(connection, path))
            writer = StoreWriter(connection, path, descriptor)
            if is_stale:
                writer.publish()
            with _published_at_end(writer):
                yield writer
        finally:
            with contextlib.suppress(duckdb.Error):
                connection.close()
            os.close(descriptor)


@contextlib.contextmanager
def open_reader(path: Path) -> Iterator[StoreReader]:
    """Open the published copy of the database read-only; the database itself where there is no usable copy.

    Raises:
        StoreBusyError: if there is no copy yet and a run holds the database.
        StoreError: if there is no database, or it is damaged, older or newer than this callscore.
    """
    path = path.absolute()
    if not path.exists():
        raise StoreError("there is no database yet", where=str(path), hint="callscore ingest, or name the database with --db")
    connection = _connect_copy(published_path(path)) or connect(path, read_only=True)
    try:
        if check_version(connection, path) < migrations()[-1].version:
            raise StoreError("the database has an older schema", where=str(path), hint="callscore db migrate")
        yield StoreReader(connection, path)
    finally:
        connection.close()


@contextlib.contextmanager
def _published_at_end(writer: StoreWriter) -> Iterator[None]:
    try:
        yield
    except BaseException:
        # The error that ended the run is the one to show, not a second one.
        with contextlib.suppress(StoreError):
            writer.publish_rest()
        raise
    writer.publish_rest()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise StoreError(f"the database's folder cannot be made: {exc.strerror}", where=str(folder)) from exc


def _create(path: Path) -> None:
    """Make an empty database and its copy under other names and rename them, so that a kill leaves all or nothing."""
    fresh = path.with_name(f"{path.name}.new")
    try:
        # What an earlier database of this name left behind must not be read as belonging to the new one.
        for stale in (fresh, path.with_name(f"{fresh.name}.wal"), path.with_name(f"{path.name}.wal")):
            stale.unlink(missing_ok=True)
        connection = connect(fresh, read_only=False)
        try:
            migrate(connection, fresh)
            with store_errors(path):
                connection.execute("CHECKPOINT")
        finally:
            connection.close()
        descriptor = os.open(fresh, os.O_RDONLY)
        try:
            os.fsync(descriptor)
            copy_database(descriptor, published_path(path))
        finally:
            os.close(descriptor)
        fresh.replace(path)
        sync_folder(path.parent)
    except OSError as exc:
        raise StoreError(f"the database cannot be made: {exc.strerror}", where=str(path)) from exc
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)


def _is_copy_stale(path: Path) -> bool:
    """Tell whether the readers' copy may lack something: a killed run did not publish, or another program wrote."""
    copy = published_path(path)
    if not copy.exists() or path.with_name(f"{path.name}.wal").exists():
        return True
    return path.stat().st_mtime_ns > copy.stat().st_mtime_ns


def _connect_patiently(path: Path) -> duckdb.DuckDBPyConnection:
    deadline = time.monotonic() + _BUSY_PATIENCE_S
    while True:
        try:
            return connect(path, read_only=False)
        except StoreBusyError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_BUSY_STEP_S)


def _connect_copy(copy: Path) -> duckdb.DuckDBPyConnection | None:
    """Open the published copy; None where it is missing, damaged or of an older schema than this callscore reads."""
    if not copy.exists():
        return None
    try:
        connection = connect(copy, read_only=True)
    except StoreError as exc:
        _log.warning("the readers' copy cannot be used: %s", exc.message)
        return None
    if check_version(connection, copy) < migrations()[-1].version:
        connection.close()
        return None
    return connection
