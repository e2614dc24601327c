"""What a person does to a database by hand: publish, back up, migrate."""

from __future__ import annotations

import os
from pathlib import Path

from callscore.errors import StoreBusyError, StoreError
from callscore.store.migrate import check_version, migrations
from callscore.store.open import connect
from callscore.store.paths import published_path
from callscore.store.publish import copy_database
from callscore.store.session import open_store
from callscore.store.work import require_database

__all__ = ["backup_store", "migrate_store", "pending_migrations", "publish_store"]


def publish_store(path: Path) -> Path:
    """Refresh the copy that readers open and return where it is.

    Raises:
        StoreBusyError: if a run is in progress (it publishes by itself).
        StoreError: if there is no database or the copy cannot be written.
    """
    require_database(path)
    with open_store(path) as writer:
        writer.publish()
    return published_path(path.absolute())


def backup_store(path: Path, target: Path) -> None:
    """Write a whole copy of the database to `target`; during a run, the state that the run published last.

    Raises:
        StoreError: if there is no database, `target` exists already, or it cannot be written.
    """
    if target.exists():
        raise StoreError("the backup's file exists already", where=str(target), hint="choose another name")
    try:
        source = publish_store(path)
    except StoreBusyError:
        source = published_path(path.absolute())
        if not source.exists():
            raise
    try:
        descriptor = os.open(source, os.O_RDONLY)
    except OSError as exc:
        raise StoreError(f"the readers' copy cannot be read: {exc.strerror}", where=str(source)) from exc
    try:
        copy_database(descriptor, target)
    finally:
        os.close(descriptor)


def pending_migrations(path: Path) -> tuple[str, ...]:
    """Return the names of the schema steps that a database lacks.

    Raises:
        StoreBusyError: if a run is in progress.
        StoreError: if there is no database or a newer callscore wrote it.
    """
    require_database(path)
    connection = connect(path, read_only=True)
    try:
        version = check_version(connection, path)
    finally:
        connection.close()
    return tuple(migration.name for migration in migrations() if migration.version > version)


def migrate_store(path: Path) -> tuple[str, ...]:
    """Bring a database to the newest schema and return the names of the steps that were applied.

    Raises:
        StoreBusyError: if a run is in progress.
        StoreError: if there is no database, a newer callscore wrote it, or a step fails; then nothing has changed.
    """
    pending = pending_migrations(path)
    with open_store(path):
        return pending
