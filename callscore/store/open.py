"""Opening DuckDB files: settings that hold for every connection, and DuckDB's errors as callscore's own."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from callscore.errors import StoreBusyError, StoreError

__all__ = ["connect", "connect_archive", "store_errors"]

# Nothing is ever fetched from the network, and a run that also holds models keeps to a bounded share of memory.
_SETTINGS: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "1GB",
    "threads": "2",
}


@dataclass(frozen=True, slots=True)
class _Sign:
    """Texts by which a DuckDB error is recognised (DuckDB has no error numbers), and what to tell the user."""

    texts: tuple[str, ...]
    message: str
    hint: str


_SIGNS: Final = (
    _Sign(
        ("no space left", "file too large", "disk quota", "not enough space", "disk full", "out of disk"),
        "the disk is full: the database could not be written",
        "free some space and run it again; finished calls are kept",
    ),
    _Sign(
        ("permission denied", "read-only file system", "operation not permitted"),
        "no permission to open the database",
        "check the owner of the file and of its folder",
    ),
    _Sign(("version number", "newer version of duckdb"), "the file was written by a newer DuckDB", "install a newer callscore"),
    _Sign(
        ("not a valid duckdb", "corrupt", "checksum", "could not read enough bytes", "serializ", "is a directory"),
        "the file is no DuckDB database or is damaged",
        "put a copy in its place: the one ending in .read.duckdb beside it (the last that readers saw), or a backup",
    ),
)


def connect(path: Path, *, read_only: bool, memory: str = "", threads: int = 0) -> duckdb.DuckDBPyConnection:
    """Open `path`; `memory` ("200MB") and `threads` replace the limits of a single connection where several are open.

    Raises:
        StoreBusyError: if another process holds it.
        StoreError: if it is missing, no DuckDB file, damaged, too new or not accessible.
    """
    with store_errors(path):
        limits = {"memory_limit": memory or _SETTINGS["memory_limit"], "threads": str(threads or _SETTINGS["threads"])}
        connection = duckdb.connect(str(path), read_only=read_only, config={**_SETTINGS, **limits})
        connection.execute("SET TimeZone = 'UTC'")
        return connection


def connect_archive(path: Path) -> duckdb.DuckDBPyConnection:
    """Open `path` to read it through once, as one of several processes that do; see connect."""
    return connect(path, read_only=True, memory="80MB", threads=1)


@contextlib.contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Turn DuckDB's errors inside the context into StoreError or StoreBusyError about `path`."""
    try:
        yield
    except duckdb.Error as exc:
        raise _translate(exc, path) from exc


def _translate(exc: duckdb.Error, path: Path) -> StoreError:
    text = str(exc)
    low = text.lower()
    if "could not set lock" in low or "conflicting lock" in low or isinstance(exc, duckdb.ConnectionException):
        pid = re.search(r"PID (\d+)", text)
        by = f"process {pid.group(1)}" if pid else "another program"
        return StoreBusyError(f"the database is held by {by}", where=str(path), hint="wait until it ends, or close it there")
    for sign in _SIGNS:
        if any(known in low for known in sign.texts):
            return StoreError(sign.message, where=str(path), hint=sign.hint)
    return StoreError(f"the database cannot be used: {_first_line(text)}", where=str(path))


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0].removeprefix("IO Error: ").rstrip(".!") if text.strip() else "no reason given"
