"""The one place that changes the store: one writer per database, one transaction per call."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb

from callscore.errors import StoreError
from callscore.records import CallResult, CallScore
from callscore.store.assemble import read_scores
from callscore.store.conversion import write_conversion
from callscore.store.conversion_records import ConversionRow, OperatorConversion, QueueBalance
from callscore.store.entries import (
    CallFilter,
    FailedCall,
    Flag,
    ModelEntry,
    OperatorScore,
    OperatorSums,
    RubricEntry,
    RunSummary,
)
from callscore.store.feeds import FeedBatch, FetchState, JoinRow, write_batch, write_fetch, write_joins
from callscore.store.open import store_errors
from callscore.store.operators import OperatorEntry, write_operators
from callscore.store.paths import published_path
from callscore.store.publish import copy_database
from callscore.store.queries import fetch_operator_sums
from callscore.store.read import StoreReader
from callscore.store.replace import keep_history, replace_scores
from callscore.store.review_write import FoldCounts, FoldPlace, ReviewBatch, keep_place, read_fold_place, write_reviews
from callscore.store.rows import (
    Row,
    call_rows,
    criteria_rows,
    failed_call_row,
    naive_utc,
    operator_score_rows,
    rubric_row,
)
from callscore.store.shifts import write_shifts

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["StoreWriter"]

_log = logging.getLogger(__name__)

# Tables whose rows belong to one call and are replaced together.
CALL_TABLES: Final = (
    "calls",
    "turns",
    "words",
    "search_words",
    "unrecognised",
    "second_listens",
    "second_words",
    "call_metrics",
    "verdicts",
    "evidence",
    "call_scores",
    "provenance",
    "flags",
)
# Publishing may take at most one part in this many of a run's time, however large the database grows.
_PUBLISH_SHARE: Final = 20

SQL_DELETE_CALL: Final = "DELETE FROM {table} WHERE call_id = ?"
SQL_INSERT: Final = "INSERT INTO {table} BY NAME SELECT * FROM batch"
SQL_SCHEMA: Final = "SELECT * FROM {table} LIMIT 0"
SQL_CALL_STATUS: Final = "SELECT status FROM calls WHERE call_id = ?"
SQL_DELETE_FAILURES: Final = "DELETE FROM failures WHERE call_id = ?"
SQL_DELETE_FAILURE: Final = "DELETE FROM failures WHERE source = ? AND path = ?"
SQL_INSERT_FAILURE: Final = "INSERT INTO failures VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
SQL_JOURNAL: Final = "INSERT INTO run_calls VALUES (?, ?, ?)"
SQL_DONE_FINGERPRINTS: Final = "SELECT call_id, fingerprint FROM calls WHERE status = 'done'"
SQL_MARK_KILLED: Final = "UPDATE runs SET status = 'killed' WHERE status = 'running'"
SQL_START_RUN: Final = "INSERT INTO runs (run_id, started_at, status, callscore_version) VALUES (?, ?, 'running', ?)"
SQL_FINISH_RUN: Final = """
UPDATE runs SET finished_at = ?, status = ?, found = ?, done = ?, skipped = ?, failed = ?, audio_ms = ?, wall_ms = ?
WHERE run_id = ?
"""
SQL_KEEP_RUBRIC: Final = """
INSERT INTO rubric_history BY NAME
SELECT rubric, version, sha256, language, title, body FROM rubrics r WHERE rubric = ? AND version = ? AND sha256 <> ?
    AND NOT EXISTS (SELECT 1 FROM rubric_history h WHERE (h.rubric, h.version, h.sha256) = (r.rubric, r.version, r.sha256))
"""
SQL_DELETE_RUBRIC: Final = "DELETE FROM rubrics WHERE rubric = ? AND version = ?"
SQL_DELETE_CRITERIA: Final = "DELETE FROM criteria WHERE rubric = ? AND rubric_version = ?"
SQL_SAVE_MODEL: Final = "INSERT OR REPLACE INTO models VALUES (?, ?, ?, ?)"
SQL_SAVE_TIMEZONE: Final = "INSERT OR REPLACE INTO store_settings VALUES ('timezone', ?)"
SQL_DELETE_OPERATOR_SCORES: Final = "DELETE FROM operator_scores"


class StoreWriter:
    """Writes results; made by `open_store`, for use by one thread of one process.

    Every method is one transaction: after it returns the rows are on disk, if it raises nothing has changed. All raise
    StoreError if the disk is full or the file fails; the run should then stop.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, descriptor: int) -> None:
        self._connection = connection
        self._path = path
        self._descriptor = descriptor
        self._schemas: dict[str, pa.Schema] = {}
        self._is_together = False
        self._is_published = True
        self._last_publish_at: datetime | None = None
        self._last_publish_s = 0.0

    def start_run(self, run_id: str, started_at: datetime, version: str) -> None:
        """Record that a run began; runs found unfinished are marked as killed, for only one can run at a time."""
        with self._transaction():
            self._connection.execute(SQL_MARK_KILLED)
            self._connection.execute(SQL_START_RUN, [run_id, naive_utc(started_at), version])

    def finish_run(self, summary: RunSummary) -> None:
        """Record how a run ended."""
        values = [
            naive_utc(summary.finished_at),
            summary.status,
            summary.found,
            summary.done,
            summary.skipped,
            summary.failed,
            summary.audio_ms,
            summary.wall_ms,
            summary.run_id,
        ]
        with self._transaction():
            self._connection.execute(SQL_FINISH_RUN, values)

    def reader(self) -> StoreReader:
        """Return a reader of what is stored at this moment, for use between writes."""
        return StoreReader(self._connection, self._path)

    def known_fingerprints(self) -> Mapping[str, str]:
        """Return the fingerprint of every processed call, by call id."""
        with store_errors(self._path):
            return dict(self._connection.execute(SQL_DONE_FINGERPRINTS).fetchall())

    def save_call(self, result: CallResult, run_id: str, flags: Sequence[Flag] = ()) -> None:
        """Replace everything stored about a call by `result`; a failure recorded for it goes.

        Verdicts that differ from the new ones are kept in the tables of history.
        """
        call_id = result.record.info.call_id
        tables = call_rows(result, flags)
        with self._transaction():
            # Most calls are new, and looking for old rows in tables without indexes costs more than writing the new ones.
            if self._status(call_id) is not None:
                if _without_hashes(read_scores(self._connection, call_id)) != _without_hashes(result.scores):
                    keep_history(self._connection, [call_id], run_id)
                self._delete_call(call_id)
            for table in CALL_TABLES:
                self._insert(table, tables[table])
            self._connection.execute(SQL_DELETE_FAILURES, [call_id])
            self._connection.execute(SQL_JOURNAL, [run_id, call_id, "done"])

    def replace_scores(self, folder: Path, run_id: str) -> None:
        """Put the new scores that are staged in `folder` in place of those of the same calls.

        Verdicts that differ from the new ones are kept in the tables of history; human corrections (reviews) are not touched.
        """
        with self._transaction():
            replace_scores(self._connection, folder, run_id)

    def save_failure(self, failed: FailedCall) -> None:
        """Record a failed attempt; the results of an earlier successful one stay."""
        recording, call_id = failed.record.recording, failed.record.info.call_id
        values = [
            recording.source,
            recording.name,
            call_id,
            failed.code,
            failed.message,
            failed.fingerprint,
            failed.run_id,
            naive_utc(failed.at),
        ]
        with self._transaction():
            self._connection.execute(SQL_DELETE_FAILURE, [recording.source, recording.name])
            self._connection.execute(SQL_INSERT_FAILURE, values)
            if self._status(call_id) != "done":
                self._connection.execute(SQL_DELETE_CALL.format(table="calls"), [call_id])
                self._insert("calls", [failed_call_row(failed)])
            self._connection.execute(SQL_JOURNAL, [failed.run_id, call_id, "failed"])

    def save_batch(self, batch: FeedBatch) -> None:
        """Store a page of what a source knows, together with how far the source was read with it."""
        with self._transaction():
            write_batch(self._connection, self._insert, batch)

    def save_fetch(self, state: FetchState) -> None:
        """Store what became of an attempt to fetch a recording."""
        with self._transaction():
            write_fetch(self._connection, state)

    def replace_joins(self, rows: Sequence[JoinRow], reasons: Iterable[tuple[str, str]]) -> None:
        """Replace which calls led to which orders; `reasons` are outcome ids without a call and why."""
        with self._transaction():
            write_joins(self._connection, self._insert, rows, reasons)

    def save_operators(self, entries: Sequence[OperatorEntry]) -> None:
        """Put the shop's list of operators in place of the stored one."""
        with self._transaction():
            write_operators(self._connection, self._insert, entries)

    def refresh_shifts(self, gap_hours: int) -> None:
        """Find anew when operators are at work, from what is stored now; a pause of more than `gap_hours` ends a shift."""
        with self._transaction():
            write_shifts(self._connection, gap_hours)

    def fold_place(self) -> FoldPlace:
        """Return how far the journal of the desk was brought over."""
        with store_errors(self._path):
            return read_fold_place(self._connection)

    def fold_reviews(self, batch: ReviewBatch, until_byte: int, now: datetime) -> FoldCounts:
        """Store what people did at the desk, what is there already left alone, and that the journal was read to `until_byte`.

        What is about calls that are not stored is left out; the next reading then begins where this one did.
        """
        with self._transaction():
            place = read_fold_place(self._connection)
            counts = write_reviews(self._connection, self._insert, batch)
            begun = place.retry_byte if place.retry_byte <= until_byte else 0
            fresh = FoldPlace(until_byte=until_byte, retry_byte=begun if counts.unknown else until_byte)
            if counts.new or fresh != place:
                keep_place(self._connection, fresh, now)
        return counts

    def save_rubrics(self, entries: Iterable[RubricEntry]) -> None:
        """Store rubric versions with their criteria, replacing those of the same id and version; another text is kept."""
        with self._transaction():
            for entry in entries:
                key = [entry.rubric, entry.version]
                self._connection.execute(SQL_KEEP_RUBRIC, [*key, entry.sha256])
                self._connection.execute(SQL_DELETE_RUBRIC, key)
                self._connection.execute(SQL_DELETE_CRITERIA, key)
                self._insert("rubrics", [rubric_row(entry)])
                self._insert("criteria", criteria_rows(entry.rubric, entry.version, entry.criteria))

    def save_models(self, entries: Iterable[ModelEntry]) -> None:
        """Store which weights are in use, one row per name."""
        with self._transaction():
            for entry in entries:
                self._connection.execute(SQL_SAVE_MODEL, [entry.name, entry.kind, entry.sha256, entry.licence])

    def save_timezone(self, timezone: str) -> None:
        """Store the IANA name of the zone in which the views tell times."""
        with self._transaction():
            self._connection.execute(SQL_SAVE_TIMEZONE, [timezone])

    def operator_sums(self, timezone: str) -> tuple[OperatorSums, ...]:
        """Return what the calls add up to per operator, rubric version and period (day, week, month, all)."""
        return fetch_operator_sums(self._connection, self._path, CallFilter(), timezone, ("day", "week", "month", "all"))

    def write_operator_scores(self, scores: Iterable[OperatorScore]) -> None:
        """Replace the whole table operator_scores."""
        rows = operator_score_rows(scores)
        with self._transaction():
            self._connection.execute(SQL_DELETE_OPERATOR_SCORES)
            self._insert("operator_scores", rows)

    def write_conversion(
        self, criteria: Sequence[ConversionRow], operators: Sequence[OperatorConversion], queues: Sequence[QueueBalance]
    ) -> None:
        """Replace the tables of what goes with sales."""
        with self._transaction():
            write_conversion(self._connection, self._insert, (criteria, operators, queues))

    def publish(self) -> None:
        """Give readers what is stored now.

        Raises:
            StoreError: if the copy cannot be written; readers then keep the last one.
        """
        begun = time.perf_counter()
        with store_errors(self._path):
            self._connection.execute("CHECKPOINT")
        copy_database(self._descriptor, published_path(self._path))
        self._is_published = True
        self._last_publish_s = time.perf_counter() - begun

    def publish_if_due(self, now: datetime, every_s: float = 15) -> bool:
        """Publish if something changed and the last time is `every_s` seconds ago, or more where publishing takes long.

        A copy that cannot be written is only logged: the run goes on and the copy at its end is what counts.

        Returns:
            Whether a new copy is there.
        """
        if self._last_publish_at is None:
            self._last_publish_at = now
        wait = timedelta(seconds=max(every_s, _PUBLISH_SHARE * self._last_publish_s))
        if self._is_published or now - self._last_publish_at < wait:
            return False
        self._last_publish_at = now
        try:
            self.publish()
        except StoreError as exc:
            _log.warning("%s", exc.message)
            return False
        return True

    def publish_rest(self) -> None:
        """Publish if something changed since the last time."""
        if not self._is_published:
            self.publish()

    @contextlib.contextmanager
    def together(self) -> Iterator[None]:
        """Make one transaction of everything that is written inside: all of it is stored, or nothing."""
        with self._transaction():
            self._is_together = True
            try:
                yield
            finally:
                self._is_together = False

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        if self._is_together:
            yield
            return
        with store_errors(self._path):
            self._connection.execute("BEGIN")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                # After a fatal error (a full disk) DuckDB refuses even this; the file is as before the transaction anyway.
                with contextlib.suppress(duckdb.Error):
                    self._connection.execute("ROLLBACK")
                raise
        self._is_published = False

    def _status(self, call_id: str) -> str | None:
        # All rows are fetched, always: DuckDB 2 keeps a result open, and the connection busy, until its end was read.
        rows = self._connection.execute(SQL_CALL_STATUS, [call_id]).fetchall()
        return str(rows[0][0]) if rows else None

    def _delete_call(self, call_id: str) -> None:
        for table in CALL_TABLES:
            self._connection.execute(SQL_DELETE_CALL.format(table=table), [call_id])

    def _insert(self, table: str, rows: Sequence[Row]) -> None:
        import pyarrow as pa  # a third of a second that reading commands need not pay

        if not rows:
            return
        schema: Any = self._schemas.get(table)
        if schema is None:
            schema = self._connection.sql(SQL_SCHEMA.format(table=table)).to_arrow_table().schema
            self._schemas[table] = schema
        self._connection.register("batch", pa.Table.from_pylist(rows, schema=schema))
        try:
            self._connection.execute(SQL_INSERT.format(table=table))
        finally:
            self._connection.unregister("batch")


def _without_hashes(scores: Sequence[CallScore]) -> list[CallScore]:
    """Return the scores in the store's order, without what may change while no verdict does."""
    bare = [
        replace(score, rubric_sha256="", results=tuple(replace(result, sha256="") for result in score.results))
        for score in scores
    ]
    return sorted(bare, key=lambda score: (score.rubric, score.rubric_version))
