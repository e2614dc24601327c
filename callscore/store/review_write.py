"""Bringing what people did at the desk into the store: each entry once, however often it is brought. Inside a transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from callscore.store.rows import Row, naive_utc

if TYPE_CHECKING:
    import duckdb

__all__ = ["Answer", "FoldCounts", "FoldPlace", "Removal", "ReviewBatch", "keep_place", "read_fold_place", "write_reviews"]

_KEYS: Final[Mapping[str, str]] = {
    "reviews": "review_id",
    "appeals": "appeal_id",
    "text_corrections": "correction_id",
    "clips": "clip_id",
    "coaching": "coaching_id",
    "review_sessions": "session_id",
    "review_samples": "sample_id",
    "calls_seen": "seen_id",
}
"""The tables of the desk with their keys."""

SQL_KNOWN: Final = "SELECT {key} FROM {table} WHERE {key} IN (SELECT unnest($ids::VARCHAR[]))"
SQL_ANSWERED: Final = "SELECT appeal_id, decided_at FROM appeals WHERE appeal_id IN (SELECT unnest($ids::VARCHAR[]))"
SQL_ANSWER: Final = """
UPDATE appeals SET state = $state, decided_by = $who, decided_at = $at, decision_reason = $reason WHERE appeal_id = $appeal_id
"""
SQL_TAKEN: Final = "SELECT clip_id, removed_at FROM clips WHERE clip_id IN (SELECT unnest($ids::VARCHAR[]))"
SQL_REMOVE: Final = "UPDATE clips SET removed_by = $who, removed_at = $at WHERE clip_id = $clip_id"
SQL_PLACE: Final = "SELECT until_byte, retry_byte FROM review_folds"
SQL_FORGET_PLACE: Final = "DELETE FROM review_folds"
SQL_KEEP_PLACE: Final = "INSERT INTO review_folds VALUES ($until, $retry, $at)"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldPlace:
    """How far the journal was read, and where reading begins next time, in bytes."""

    until_byte: int = 0
    retry_byte: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer to an appeal."""

    appeal_id: str
    state: str
    who: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A clip taken out of its collection."""

    clip_id: str
    who: str
    at: datetime


@dataclass(slots=True, kw_only=True)
class ReviewBatch:
    """Rows by table in the order of the journal, answers and removals; filled by the fold, written in one go."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in _KEYS})
    answers: list[Answer] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldCounts:
    """How many entries were new, and how many are about calls, appeals or clips that the store does not know."""

    new: int
    unknown: int


def read_fold_place(connection: duckdb.DuckDBPyConnection) -> FoldPlace:
    """Return how far the journal was read."""
    rows = connection.execute(SQL_PLACE).fetchall()
    return FoldPlace(until_byte=rows[0][0], retry_byte=rows[0][1]) if rows else FoldPlace()


def write_reviews(
    connection: duckdb.DuckDBPyConnection, insert: Callable[[str, Sequence[Row]], None], batch: ReviewBatch
) -> FoldCounts:
    """Write what is not there yet; what is about a call that is not stored is left out and counted."""
    new = unknown = 0
    named = {str(row["call_id"]) for rows in batch.rows.values() for row in rows if "call_id" in row}
    calls = _known(connection, "calls", "call_id", named)
    for table, key in _KEYS.items():
        rows = batch.rows[table]
        stored = _known(connection, table, key, {str(row[key]) for row in rows})
        fresh = {row[key]: row for row in reversed(rows) if row[key] not in stored}  # the first of equal keys stays
        wanted = [row for row in reversed(fresh.values()) if row.get("call_id") is None or row["call_id"] in calls]
        unknown += len(fresh) - len(wanted)
        new += len(wanted)
        insert(table, wanted)
    for n_new, n_unknown in (_write_answers(connection, batch.answers), _write_removals(connection, batch.removals)):
        new, unknown = new + n_new, unknown + n_unknown
    return FoldCounts(new=new, unknown=unknown)


def keep_place(connection: duckdb.DuckDBPyConnection, place: FoldPlace, now: datetime) -> None:
    """Store how far the journal was read."""
    connection.execute(SQL_FORGET_PLACE)
    connection.execute(SQL_KEEP_PLACE, {"until": place.until_byte, "retry": place.retry_byte, "at": naive_utc(now)})


def _known(connection: duckdb.DuckDBPyConnection, table: str, key: str, ids: set[str]) -> set[str]:
    if not ids:
        return set()
    return {row[0] for row in connection.execute(SQL_KNOWN.format(key=key, table=table), {"ids": list(ids)}).fetchall()}


def _write_answers(connection: duckdb.DuckDBPyConnection, answers: Sequence[Answer]) -> tuple[int, int]:
    """Put the last answer to each appeal there; return how many were new, and how many answer an appeal not stored."""
    ids = list({answer.appeal_id for answer in answers})
    stored = dict(connection.execute(SQL_ANSWERED, {"ids": ids}).fetchall()) if ids else {}
    new = 0
    for answer in answers:
        at = naive_utc(answer.at)
        if answer.appeal_id in stored and (stored[answer.appeal_id] is None or stored[answer.appeal_id] < at):
            values = {
                "state": answer.state,
                "who": answer.who,
                "at": at,
                "reason": answer.reason,
                "appeal_id": answer.appeal_id,
            }
            connection.execute(SQL_ANSWER, values)
            stored[answer.appeal_id] = at
            new += 1
    return new, sum(answer.appeal_id not in stored for answer in answers)


def _write_removals(connection: duckdb.DuckDBPyConnection, removals: Sequence[Removal]) -> tuple[int, int]:
    ids = list({removal.clip_id for removal in removals})
    stored = dict(connection.execute(SQL_TAKEN, {"ids": ids}).fetchall()) if ids else {}
    new = 0
    for removal in removals:
        if removal.clip_id in stored and stored[removal.clip_id] is None:
            at = naive_utc(removal.at)
            connection.execute(SQL_REMOVE, {"who": removal.who, "at": at, "clip_id": removal.clip_id})
            stored[removal.clip_id] = at
            new += 1
    return new, sum(removal.clip_id not in stored for removal in removals)
