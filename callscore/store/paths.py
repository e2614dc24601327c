"""Where the files beside a database lie. Pure; touches no disk."""

from __future__ import annotations

from pathlib import Path

__all__ = ["lock_path", "published_path"]


def published_path(db: Path) -> Path:
    """Return the read-only copy that reports, the review page and `callscore sql` open.

    >>> published_path(Path("data/callscore.duckdb")).name
    'callscore.read.duckdb'
    """
    return db.with_name(f"{db.stem}.read{db.suffix}")


def lock_path(db: Path) -> Path:
    """Return the file whose lock a writing run holds; it stays behind, the lock does not.

    >>> lock_path(Path("data/callscore.duckdb")).name
    'callscore.duckdb.lock'
    """
    return db.with_name(f"{db.name}.lock")
