"""The store's tables as Parquet files, a folder per table and day, for BI tools."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from callscore.errors import ConfigError
from callscore.store.asked import Queries

__all__ = ["ParquetJob", "WrittenTable", "write_parquet"]

# Tables with a row per call or more go by the call's day; tables that are small are one file each.
_BY_CALL: Final = ("call_scores", "call_metrics", "verdicts", "flags")
_WORDS: Final = ("turns", "words", "evidence")
_WHOLE: Final = ("operator_scores", "conversion_correlations", "criteria")
# What tells who the client is or repeats what was said.
_PERSONAL: Final = {
    "calls": ("client_phone", "recording", "recording_path"),
    "pbx_calls": ("client_phone",),
    "outcomes": ("client_phone", "client_phones", "client_id", "number"),
    "verdicts": ("evidence_text", "reason"),
    "flags": ("detail",),
}
_RANGE: Final = "($first_day::DATE IS NULL OR local_time({at})::DATE >= $first_day::DATE)"
_DAY: Final = "coalesce(local_time({at})::DATE::VARCHAR, 'unknown') AS day"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParquetJob:
    """What to write: local days from `first_day` on, with or without transcripts; `is_masked`: without what is personal."""

    folder: Path
    first_day: date | None = None
    with_words: bool = False
    is_masked: bool = False


@dataclass(frozen=True, slots=True)
class WrittenTable:
    """A table that was written: into `days` folders; 0 for a single file."""

    name: str
    days: int


def write_parquet(queries: Queries, job: ParquetJob) -> Iterator[WrittenTable]:
    """Write the tables and yield each when it is there; a day is replaced whole, and goes where no call of it is left.

    Raises:
        ConfigError: if the folder cannot be written.
    """
    try:
        job.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".part-", dir=job.folder) as part:
            for name, sql in _by_day(job):
                yield WrittenTable(name, _write_days(queries, job, name, sql, Path(part)))
            for name in _WHOLE:
                _copy(queries, f"SELECT * FROM {name}", Path(part) / name, "", {})  # noqa: S608 - a name of ours
                (Path(part) / name).replace(job.folder / f"{name}.parquet")
                yield WrittenTable(name, 0)
    except OSError as exc:
        raise ConfigError(f"the files cannot be written: {exc.strerror}", where=str(job.folder)) from exc


def _by_day(job: ParquetJob) -> Iterator[tuple[str, str]]:
    """Yield each table that goes by days with its query."""
    yield "calls", _query(job, "calls", "t.started_at")
    for name in (*_BY_CALL, *(_WORDS if job.with_words else ())):
        yield name, _query(job, name, "c.started_at", "JOIN calls c ON c.call_id = t.call_id")
    yield "pbx_calls", _query(job, "pbx_calls", "t.started_at")
    yield "outcomes", _query(job, "outcomes", "t.created_at")


def _query(job: ParquetJob, table: str, at: str, join: str = "") -> str:
    left_out = _PERSONAL.get(table, ()) if job.is_masked else ()
    columns = f"t.* EXCLUDE ({', '.join(left_out)})" if left_out else "t.*"
    return f"SELECT {columns}, {_DAY.format(at=at)} FROM {table} t {join} WHERE {_RANGE.format(at=at)}"  # noqa: S608 - names of ours


def _write_days(queries: Queries, job: ParquetJob, name: str, sql: str, part: Path) -> int:
    _copy(queries, sql, part / name, ", PARTITION_BY (day)", {"first_day": job.first_day})
    target, fresh = job.folder / name, part / name
    target.mkdir(exist_ok=True)
    written = {folder.name for folder in fresh.glob("day=*")}
    for old in target.glob("day=*"):
        if old.name in written or _is_within(old.name.removeprefix("day="), job.first_day):
            shutil.rmtree(old)
    for day in sorted(written):
        (fresh / day).replace(target / day)
    return len(written)


def _is_within(day: str, first: date | None) -> bool:
    """Tell whether a day written earlier is of those written now."""
    if first is None:
        return True
    try:
        return date.fromisoformat(day) >= first
    except ValueError:
        return False


def _copy(queries: Queries, sql: str, target: Path, options: str, values: dict[str, object]) -> None:
    path = str(target).replace("'", "''")
    queries.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet, COMPRESSION zstd{options})", values)
