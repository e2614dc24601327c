"""Typed questions to the store; opens nothing itself and changes nothing."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import duckdb

from callscore.errors import StoreError
from callscore.records import Direction
from callscore.store.asked import Asked, Queries, RememberedQueries
from callscore.store.assemble import aware_utc, failure_row, flag_record, read_stored_call, run_row
from callscore.store.entries import (
    CallFilter,
    CallRow,
    CriterionCount,
    CriterionEntry,
    FeedRow,
    FlagRow,
    Health,
    LineCount,
    OperatorSums,
    QueryResult,
    RecordingFile,
    RejectRow,
    StoredCall,
)
from callscore.store.feeds import (
    FeedProgress,
    JoinableCall,
    JoinableOrder,
    KnownRecording,
    read_joinable,
    read_progress,
    read_recordings,
)
from callscore.store.open import store_errors
from callscore.store.queries import CALL_CONDITION, fetch_operator_sums, filter_values
from callscore.store.telephony import OutcomeRow, read_feeds, read_outcomes, read_rejects

__all__ = ["StoreReader"]

SQL_CALLS: Final = f"""
SELECT c.call_id, c.recording, c.started_at, c.direction, c.call_type, c.operator, c.duration_ms, c.status,
    s.rubric, s.score, s.score_low, s.score_high, coalesce(s.critical_failed, false), coalesce(s.n_unsure, 0),
    (SELECT count(*) FROM flags f WHERE f.call_id = c.call_id)
FROM calls c LEFT JOIN call_scores s USING (call_id)
WHERE ($rubric::VARCHAR IS NULL OR s.rubric = $rubric::VARCHAR) AND {CALL_CONDITION}
ORDER BY c.started_at DESC NULLS LAST, c.call_id, s.rubric
LIMIT coalesce($limit::BIGINT, 9223372036854775807)
"""  # noqa: S608 - joins constants only
SQL_RECORDING_FILE: Final = """
SELECT recording_path, recording_sha256 FROM calls
WHERE call_id = ? AND recording_path IS NOT NULL AND recording_sha256 IS NOT NULL
"""
SQL_NEAR_IDS: Final = "SELECT call_id FROM calls ORDER BY damerau_levenshtein(call_id, ?), call_id LIMIT 3"
SQL_CRITERION_COUNTS: Final = f"""
SELECT v.rubric, v.rubric_version, v.criterion,
    count(*) FILTER (v.verdict = 'pass'), count(*) FILTER (v.verdict = 'fail'),
    count(*) FILTER (v.verdict = 'na'), count(*) FILTER (v.verdict = 'unsure')
FROM verdicts v JOIN calls c USING (call_id)
WHERE ($rubric::VARCHAR IS NULL OR v.rubric = $rubric::VARCHAR) AND {CALL_CONDITION}
GROUP BY v.rubric, v.rubric_version, v.criterion
ORDER BY v.rubric, v.rubric_version, min(v.criterion_no), v.criterion
"""  # noqa: S608 - joins constants only
SQL_CRITERIA: Final = """
SELECT rubric, rubric_version, criterion, section, title_ru, title_en, weight, critical FROM criteria
"""
SQL_RUBRIC_TITLES: Final = "SELECT rubric, version, title FROM rubrics"
SQL_FLAGS: Final = f"""
SELECT f.call_id, c.operator, c.started_at, c.duration_ms, f.reason, f.severity, f.detail, f.criterion, f.start_ms, f.end_ms
FROM flags f JOIN calls c USING (call_id)
WHERE {CALL_CONDITION}
ORDER BY f.severity DESC, c.started_at DESC NULLS LAST, f.call_id, f.start_ms NULLS FIRST, f.reason, f.criterion
LIMIT coalesce($limit::BIGINT, 9223372036854775807)
"""  # noqa: S608 - joins constants only
SQL_HAS_CALLS: Final = "SELECT 1 FROM calls LIMIT 1"
SQL_RUNS: Final = """
SELECT run_id, started_at, finished_at, status, found, done, skipped, failed, audio_ms, wall_ms
FROM runs ORDER BY started_at DESC, run_id LIMIT 10
"""
SQL_FAILURES: Final = "SELECT path, call_id, code, message, failed_at FROM failures ORDER BY failed_at DESC, path"
SQL_HEALTH: Final = """
SELECT
    (SELECT count(*) FROM calls WHERE status = 'done'),
    (SELECT count(*) FROM calls WHERE status = 'failed'),
    (SELECT coalesce(sum(duration_ms), 0) FROM calls WHERE status = 'done'),
    (SELECT coalesce(sum(n_words), 0) FROM calls WHERE status = 'done'),
    (SELECT sum(word_prob_sum) / nullif(sum(n_words), 0) FROM calls WHERE status = 'done'),
    (SELECT coalesce(sum(operator_talk_ms + client_talk_ms), 0) FROM call_metrics),
    (SELECT coalesce(sum(unrecognised_ms), 0) FROM call_metrics),
    (SELECT coalesce(sum(n_verdicts), 0) FROM call_scores),
    (SELECT coalesce(sum(n_unsure), 0) FROM call_scores)
"""
SQL_LINE_COUNTS: Final = """
WITH done AS (SELECT call_id, did, notes FROM calls WHERE status = 'done'),
codes AS (
    SELECT 'note' AS kind, split_part(note, ':', 1) AS code, call_id, did
    FROM (SELECT call_id, did, unnest(notes) AS note FROM done)
    UNION
    SELECT 'flag', reason, call_id, did FROM flags JOIN done USING (call_id)
)
SELECT kind, code, did, count(*), (SELECT count(*) FROM done WHERE done.did IS NOT DISTINCT FROM codes.did)
FROM codes GROUP BY kind, code, did ORDER BY count(*) DESC, code, did NULLS LAST
"""


class StoreReader:
    """Answers questions about stored calls; made by `open_reader`, to be kept open briefly."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self._connection = connection
        self._queries = RememberedQueries(connection)
        self._path = path

    @property
    def path(self) -> Path:
        """The database this reader answers for."""
        return self._path

    @property
    def asked(self) -> tuple[Asked, ...]:
        """Every query that was run for the answers given so far."""
        return self._queries.asked

    @contextlib.contextmanager
    def asking(self) -> Iterator[Queries]:
        """Give the queries to the functions that ask; errors of DuckDB become StoreError."""
        with store_errors(self._path):
            yield self._queries

    def has_calls(self) -> bool:
        """Tell whether any call is stored."""
        return bool(self._fetch(SQL_HAS_CALLS))

    def calls(self, wanted: CallFilter) -> tuple[CallRow, ...]:
        """Return the calls, newest first, a row per call and rubric; failed calls are among them."""
        values = {**filter_values(wanted), "rubric": wanted.rubric, "limit": wanted.limit}
        return tuple(
            CallRow(
                call_id=row[0],
                recording=row[1],
                started_at=aware_utc(row[2]),
                direction=Direction(row[3]) if row[3] else None,
                call_type=row[4],
                operator=row[5],
                duration_ms=row[6],
                status=row[7],
                rubric=row[8],
                score=row[9],
                score_low=row[10],
                score_high=row[11],
                critical_failed=row[12],
                n_unsure=row[13],
                n_flags=row[14],
            )
            for row in self._fetch(SQL_CALLS, values)
        )

    def call(self, call_id: str) -> StoredCall | None:
        """Return everything about one call, None if there is none of that id."""
        with store_errors(self._path):
            return read_stored_call(self._queries, call_id)

    def recording_file(self, call_id: str) -> RecordingFile | None:
        """Return where the recording of a call lay when it was heard, None for a call without one."""
        rows = self._fetch(SQL_RECORDING_FILE, [call_id])
        return RecordingFile(path=Path(rows[0][0]), sha256=rows[0][1]) if rows else None

    def near_call_ids(self, call_id: str) -> tuple[str, ...]:
        """Return up to three stored ids that look like `call_id`, nearest first."""
        return tuple(row[0] for row in self._fetch(SQL_NEAR_IDS, [call_id]))

    def operator_sums(self, wanted: CallFilter, timezone: str, kind: str = "all") -> tuple[OperatorSums, ...]:
        """Return what the calls add up to per operator, rubric version and period of `kind` (day, week, month, all)."""
        return fetch_operator_sums(self._queries, self._path, wanted, timezone, (kind,))

    def criterion_counts(self, wanted: CallFilter) -> tuple[CriterionCount, ...]:
        """Return how often each verdict was given, in the order of the rubric."""
        values = {**filter_values(wanted), "rubric": wanted.rubric}
        return tuple(
            CriterionCount(
                rubric=row[0],
                rubric_version=row[1],
                criterion=row[2],
                n_pass=row[3],
                n_fail=row[4],
                n_na=row[5],
                n_unsure=row[6],
            )
            for row in self._fetch(SQL_CRITERION_COUNTS, values)
        )

    def criteria(self) -> dict[tuple[str, int, str], CriterionEntry]:
        """Return the stored criteria by rubric, version and criterion id."""
        return {
            (row[0], row[1], row[2]): CriterionEntry(
                criterion=row[2], section=row[3], title_ru=row[4], title_en=row[5], weight=row[6], critical=row[7]
            )
            for row in self._fetch(SQL_CRITERIA)
        }

    def rubric_titles(self) -> dict[tuple[str, int], str]:
        """Return the title of every stored rubric version."""
        return {(row[0], row[1]): row[2] for row in self._fetch(SQL_RUBRIC_TITLES)}

    def flags(self, wanted: CallFilter) -> tuple[FlagRow, ...]:
        """Return the calls to listen to, most urgent first, newest first among equals."""
        values = {**filter_values(wanted), "limit": wanted.limit}
        return tuple(
            FlagRow(
                call_id=row[0],
                operator=row[1],
                started_at=aware_utc(row[2]),
                duration_ms=row[3],
                flag=flag_record(row[4:]),
            )
            for row in self._fetch(SQL_FLAGS, values)
        )

    def health(self) -> Health:
        """Return the last ten runs, every open failure, how much was heard and decided, and notes and flags by line."""
        numbers = self._fetch(SQL_HEALTH)[0]
        counts: dict[str, list[LineCount]] = {"note": [], "flag": []}
        for kind, code, did, calls, line_calls in self._fetch(SQL_LINE_COUNTS):
            counts[kind].append(LineCount(code=code, did=did, calls=calls, line_calls=line_calls))
        return Health(
            notes=tuple(counts["note"]),
            flags=tuple(counts["flag"]),
            runs=tuple(run_row(row) for row in self._fetch(SQL_RUNS)),
            failures=tuple(failure_row(row) for row in self._fetch(SQL_FAILURES)),
            calls_done=numbers[0],
            calls_failed=numbers[1],
            audio_ms=int(numbers[2]),
            n_words=int(numbers[3]),
            mean_word_prob=numbers[4],
            speech_ms=int(numbers[5]),
            unrecognised_ms=int(numbers[6]),
            n_verdicts=int(numbers[7]),
            n_unsure=int(numbers[8]),
            feeds=self.feeds(),
            rejects=self._rejects(),
        )

    def feed_progress(self, source: str, since: datetime) -> FeedProgress:
        """Return how far a source was read; recordings still wanted of calls since `since` count."""
        with store_errors(self._path):
            return read_progress(self._connection, source, since)

    def recordings(self, source: str, since: datetime) -> tuple[KnownRecording, ...]:
        """Return the recordings that a source named of its calls since `since`, in order of start."""
        with store_errors(self._path):
            return tuple(read_recordings(self._connection, source, since))

    def joinable(self) -> tuple[tuple[JoinableOrder, ...], tuple[JoinableCall, ...]]:
        """Return every order, and the calls that may have led to one, oldest first."""
        with store_errors(self._path):
            return read_joinable(self._connection)

    def outcomes(self, wanted: CallFilter, *, unmatched: bool) -> tuple[OutcomeRow, ...]:
        """Return the orders, newest first, with the call that led to each; only those without one if `unmatched`."""
        with store_errors(self._path):
            return read_outcomes(self._queries, wanted.since, wanted.until, wanted.limit, unmatched=unmatched)

    def feeds(self) -> tuple[FeedRow, ...]:
        """Return every source that was read, with what is missing of its recordings."""
        with store_errors(self._path):
            return read_feeds(self._queries)

    def query(self, sql: str) -> QueryResult:
        """Run a query typed by a person; times come back as datetimes, decimals as int or float.

        Raises:
            StoreError: if the query is wrong (with DuckDB's line) or would change something.
        """
        try:
            relation = self._connection.sql(sql)
            if relation is None:
                return QueryResult(columns=(), rows=())
            # By Arrow: DuckDB's own fetch wants the package pytz for times with a zone.
            table = relation.to_arrow_table()
        except duckdb.Error as exc:
            raise _query_error(self._with_place(exc, sql)) from exc
        columns = [[_plain(value) for value in column.to_pylist()] for column in table.columns]
        return QueryResult(columns=tuple(table.column_names), rows=tuple(zip(*columns, strict=True)))

    def _with_place(self, error: duckdb.Error, sql: str) -> duckdb.Error:
        """Return the error with its line, which DuckDB 2 gives for an unknown name only when the query is executed directly."""
        if isinstance(error, duckdb.BinderException | duckdb.CatalogException):
            try:
                self._connection.execute(sql).fetchall()
            except duckdb.Error as placed:
                return placed
        return error

    def _rejects(self) -> tuple[RejectRow, ...]:
        with store_errors(self._path):
            return read_rejects(self._queries)

    def _fetch(self, sql: str, values: object = None) -> list[tuple[Any, ...]]:
        with store_errors(self._path):
            return self._queries.execute(sql, values).fetchall()


def _plain(value: object) -> object:
    """Return a decimal as a plain number: sums of whole numbers are decimals to DuckDB."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() and value.as_tuple().exponent == 0 else float(value)
    return value


def _query_error(exc: duckdb.Error) -> StoreError:
    text = str(exc).strip()
    if "read-only mode" in text:
        return StoreError("the query would change the database, and callscore sql only reads", hint="use SELECT")
    place = re.search(r"^(LINE \d+: .*)$", text, re.MULTILINE)
    message = text.splitlines()[0].rstrip("!")
    near = re.search(r"^(?:Did you mean|Candidate bindings:) ?(.*)$", text, re.MULTILINE)
    return StoreError(
        message,
        where=place.group(1) if place else "",
        hint=near.group(0) if near else 'callscore sql "SHOW TABLES" and callscore sql "DESCRIBE calls" list what there is',
    )
