"""Stored dialogues and verdicts in bulk, for scoring the whole archive again: many calls with few queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from callscore.records import (
    CallInfo,
    CallMetrics,
    CallType,
    CriterionResult,
    Dialogue,
    Evidence,
    Layout,
    Role,
    SecondListen,
    Turn,
    Word,
)
from callscore.store.assemble import (
    CALL_FACTS,
    CALL_TYPE,
    METRICS_COLUMNS,
    call_info,
    call_type_record,
    evidence_record,
    listen_record,
    metrics_record,
    result_record,
    turn_record,
)
from callscore.store.chunks import CallChunk
from callscore.store.open import connect_archive, store_errors
from callscore.units import Span

__all__ = ["ArchiveReader", "ArchivedCall", "StoredScoring"]

SQL_CALLS: Final = f"""
SELECT {CALL_FACTS}, layout, fingerprint, notes, {CALL_TYPE}
FROM calls WHERE call_id IN (SELECT unnest($ids::VARCHAR[])) ORDER BY call_id
"""  # noqa: S608 - joins constants only
SQL_TURNS: Final = """
SELECT turn_no, kind, role, speaker, channel, start_ms, end_ms, role_confidence, call_id
FROM turns
WHERE rowid BETWEEN $first AND $last AND call_id IN (SELECT unnest($ids::VARCHAR[])) ORDER BY call_id, turn_no
"""
SQL_WORDS: Final = """
SELECT call_id, turn_no, start_ms, end_ms, text, prob FROM words
WHERE rowid BETWEEN $first AND $last AND call_id IN (SELECT unnest($ids::VARCHAR[])) ORDER BY call_id, turn_no, word_no
"""
SQL_UNRECOGNISED: Final = """
SELECT call_id, role, start_ms, end_ms
FROM unrecognised WHERE call_id IN (SELECT unnest($ids::VARCHAR[])) ORDER BY call_id, span_no
"""
SQL_LISTENS: Final = """
SELECT listen_no, role, channel, start_ms, end_ms, is_hinted, model, call_id
FROM second_listens WHERE call_id IN (SELECT unnest($ids::VARCHAR[])) ORDER BY call_id, listen_no
"""
SQL_SECOND_WORDS: Final = """
SELECT call_id, listen_no, start_ms, end_ms, text, prob
FROM second_words WHERE call_id IN (SELECT unnest($ids::VARCHAR[])) ORDER BY call_id, listen_no, word_no
"""
SQL_METRICS: Final = f"""
SELECT call_id, {METRICS_COLUMNS} FROM call_metrics WHERE call_id IN (SELECT unnest($ids::VARCHAR[]))
"""  # noqa: S608 - joins constants only
SQL_VERDICTS: Final = """
SELECT call_id, rubric, criterion, verdict, confidence, points, max_points, critical, reason, decided_by,
    criterion_sha256
FROM verdicts
WHERE rowid BETWEEN $first AND $last AND call_id IN (SELECT unnest($ids::VARCHAR[]))
    AND criterion_sha256 IN (SELECT unnest($hashes::VARCHAR[]))
ORDER BY call_id, criterion_no
"""
SQL_EVIDENCE: Final = """
SELECT call_id, rubric, criterion, role, start_ms, end_ms, text
FROM evidence
WHERE rowid BETWEEN $first AND $last AND call_id IN (SELECT unnest($ids::VARCHAR[]))
ORDER BY call_id, rubric, criterion, evidence_no
"""
SQL_HASHES: Final = "SELECT DISTINCT criterion_sha256 FROM verdicts WHERE criterion_sha256 IS NOT NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredScoring:
    """What a call was scored with last: its metrics, its type, and the verdicts that were asked for, in order."""

    metrics: CallMetrics
    call_type: CallType
    results: tuple[CriterionResult, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedCall:
    """What is needed to score a stored call again; `outline` is its dialogue without turns, which dialogues() gives."""

    info: CallInfo
    outline: Dialogue
    fingerprint: str
    stored: StoredScoring | None
    notes: tuple[str, ...] = ()


class ArchiveReader:
    """Reads chunks of a snapshot, for as long as the process lives."""

    def __init__(self, snapshot: Path) -> None:
        self._path = snapshot
        self._connection = connect_archive(snapshot)

    def hashes(self) -> frozenset[str]:
        """Return the sha256 of every criterion that a stored verdict was given by.

        Raises:
            StoreError: if the store cannot be read.
        """
        return frozenset(row[0] for row in self._fetch(SQL_HASHES, {}))

    def read(self, chunk: CallChunk, hashes: Collection[str] = ()) -> tuple[ArchivedCall, ...]:
        """Return the calls of a chunk, by call id, with the stored verdicts of the criteria of these hashes.

        Raises:
            StoreError: if the store cannot be read.
        """
        stored = self._stored(chunk, hashes) if hashes else {}
        rows = self._fetch(SQL_CALLS, {"ids": list(chunk.call_ids)})
        return tuple(_archived(row, *stored.get(row[0], (None, ()))) for row in rows)

    def _stored(
        self, chunk: CallChunk, hashes: Collection[str]
    ) -> dict[str, tuple[CallMetrics | None, Sequence[CriterionResult]]]:
        ids: dict[str, Any] = {"ids": list(chunk.call_ids)}
        evidence: dict[tuple[str, str, str], list[Evidence]] = defaultdict(list)
        for call_id, rubric, criterion, *columns in self._fetch(SQL_EVIDENCE, ids | _between(chunk, "evidence")):
            evidence[call_id, rubric, criterion].append(evidence_record(*columns))
        results: dict[str, list[CriterionResult]] = defaultdict(list)
        for row in self._fetch(SQL_VERDICTS, ids | _between(chunk, "verdicts") | {"hashes": list(hashes)}):
            results[row[0]].append(result_record(row, evidence[row[0], row[1], row[2]]))
        return {row[0]: (metrics_record(row[1:]), results[row[0]]) for row in self._fetch(SQL_METRICS, ids)}

    def dialogues(self, chunk: CallChunk, calls: Iterable[ArchivedCall]) -> dict[str, Dialogue]:
        """Return the whole dialogues of calls of the chunk, by call id.

        Raises:
            StoreError: if the store cannot be read.
        """
        outlines = {call.info.call_id: call.outline for call in calls}
        if not outlines:
            return {}
        ids: dict[str, Any] = {"ids": list(outlines)}
        words: dict[tuple[str, int], list[Word]] = defaultdict(list)
        turns: dict[str, list[Turn]] = defaultdict(list)
        lost: dict[str, list[tuple[Role, Span]]] = defaultdict(list)
        for call_id, turn_no, start_ms, end_ms, text, prob in self._fetch(SQL_WORDS, ids | _between(chunk, "words")):
            words[call_id, turn_no].append(Word(span=Span(start_ms, end_ms), text=text, prob=prob))
        for row in self._fetch(SQL_TURNS, ids | _between(chunk, "turns")):
            turns[row[8]].append(turn_record(row, words.get((row[8], row[0]), ())))
        for call_id, role, start_ms, end_ms in self._fetch(SQL_UNRECOGNISED, ids):
            lost[call_id].append((Role(role), Span(start_ms, end_ms)))
        second = self._second(ids)
        return {
            name: replace(outline, turns=tuple(turns[name]), unrecognised=tuple(lost[name]), second=tuple(second[name]))
            for name, outline in outlines.items()
        }

    def _second(self, ids: dict[str, Any]) -> dict[str, list[SecondListen]]:
        words: dict[tuple[str, int], list[Word]] = defaultdict(list)
        for call_id, listen_no, start_ms, end_ms, text, prob in self._fetch(SQL_SECOND_WORDS, ids):
            words[call_id, listen_no].append(Word(span=Span(start_ms, end_ms), text=text, prob=prob))
        second: dict[str, list[SecondListen]] = defaultdict(list)
        for row in self._fetch(SQL_LISTENS, ids):
            second[row[7]].append(listen_record(row, words[row[7], row[0]]))
        return second

    def _fetch(self, sql: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        with store_errors(self._path):
            return self._connection.execute(sql, values).fetchall()


def _between(chunk: CallChunk, table: str) -> dict[str, Any]:
    first, last = chunk.places[table]
    return {"first": first, "last": last}


def _archived(row: Sequence[Any], metrics: CallMetrics | None, results: Sequence[CriterionResult]) -> ArchivedCall:
    stored, call_type = None, call_type_record(row[21:])
    if metrics is not None and call_type is not None and results:
        stored = StoredScoring(metrics=metrics, call_type=call_type, results=tuple(results))
    return ArchivedCall(
        info=call_info(row),
        outline=Dialogue(duration_ms=row[17], layout=Layout(row[18]), language=row[12], turns=()),
        fingerprint=row[19] or "",
        stored=stored,
        notes=tuple(row[20] or ()),
    )
