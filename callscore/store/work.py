"""A folder for the intermediate files of one command, and the store as it is now under a name of its own."""

from __future__ import annotations

import contextlib
import fcntl
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from callscore.errors import StoreError
from callscore.store.migrate import check_version, migrations
from callscore.store.open import connect
from callscore.store.paths import published_path
from callscore.store.publish import copy_database

__all__ = ["require_database", "take_snapshot", "work_folder"]


@contextlib.contextmanager
def work_folder(db: Path) -> Iterator[Path]:
    """Give an empty folder beside `db` that is gone afterwards; what killed commands left behind goes as well.

    The folder is held by flock, so that one in use is told from one that was left. Where the database's folder is read-only the
    system's folder for temporary files serves.

    Raises:
        StoreError: if the folder cannot be made.
    """
    db = db.absolute()
    parent = db.parent if os.access(db.parent, os.W_OK) else Path(tempfile.gettempdir())
    prefix = f".{db.name}.work-"
    for left in parent.glob(f"{glob.escape(prefix)}*"):
        _remove_if_left(left)
    try:
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as exc:
        raise StoreError(
            f"no folder for intermediate files can be made: {exc.strerror}", where=str(parent), hint="free some space there"
        ) from exc
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def take_snapshot(db: Path, folder: Path) -> Path:
    """Return a file in `folder` that holds what readers see of `db` at this moment, whatever is published later.

    A second name of the same bytes where the file system allows it, else a copy.

    Raises:
        StoreError: if there is no database, no readers' copy, or one of another schema.
    """
    require_database(db)
    copy, snapshot = published_path(db.absolute()), folder / "store.duckdb"
    if not copy.exists():
        raise StoreError("the database has no copy for readers", where=str(copy), hint="callscore db publish")
    try:
        os.link(copy, snapshot)
    except OSError:
        descriptor = os.open(copy, os.O_RDONLY | os.O_CLOEXEC)
        try:
            copy_database(descriptor, snapshot)
        finally:
            os.close(descriptor)
    connection = connect(snapshot, read_only=True)
    try:
        if check_version(connection, db) < migrations()[-1].version:
            raise StoreError("the database has an older schema", where=str(db), hint="callscore db migrate")
    finally:
        connection.close()
    return snapshot


def require_database(db: Path) -> None:
    """Refuse to go on without a database, which opening for writing would otherwise make.

    Raises:
        StoreError: if there is none.
    """
    if not db.exists():
        raise StoreError("there is no database yet", where=str(db), hint="callscore ingest, or name the database with --db")


def _remove_if_left(folder: Path) -> None:
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(descriptor)
