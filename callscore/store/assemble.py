"""Table rows put together to records again. Reads what rows.py lays out."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from callscore.records import (
    AudioInfo,
    CallInfo,
    CallMetrics,
    CallScore,
    CallType,
    CriterionResult,
    DecidedBy,
    Dialogue,
    Direction,
    Evidence,
    Layout,
    Provenance,
    Role,
    SecondListen,
    Turn,
    TurnKind,
    Verdict,
    Word,
)
from callscore.store.asked import Queries
from callscore.store.entries import FailureRow, Flag, RunRow, StoredCall
from callscore.units import Span

__all__ = [
    "audio_info",
    "aware_utc",
    "call_info",
    "call_type_record",
    "evidence_record",
    "failure_row",
    "flag_record",
    "metrics_record",
    "read_dialogue",
    "read_scores",
    "read_stored_call",
    "result_record",
    "run_row",
    "turn_record",
]

_METRICS: Final = tuple(field.name for field in dataclasses.fields(CallMetrics))

# In the order that call_info and audio_info read.
CALL_FACTS: Final = """
call_id, started_at, direction, operator, extension, client_phone, did, queue, wait_ms, transferred_to, operator_channel,
call_type_given, language, container, codec, rate_hz, n_channels, duration_ms
"""
CALL_TYPE: Final = "call_type, call_type_confidence, call_type_reason, call_type_shares"
SQL_CALL: Final = f"""
SELECT {CALL_FACTS}, source, recording, status, fingerprint, notes, layout, {CALL_TYPE}
FROM calls WHERE call_id = ?
"""  # noqa: S608 - joins constants only
SQL_TURNS: Final = """
SELECT turn_no, kind, role, speaker, channel, start_ms, end_ms, role_confidence FROM turns WHERE call_id = ? ORDER BY turn_no
"""
SQL_WORDS: Final = """
SELECT turn_no, start_ms, end_ms, text, prob FROM words WHERE call_id = ? ORDER BY turn_no, word_no
"""
SQL_LISTENS: Final = """
SELECT listen_no, role, channel, start_ms, end_ms, is_hinted, model FROM second_listens WHERE call_id = ? ORDER BY listen_no
"""
SQL_SECOND_WORDS: Final = """
SELECT listen_no, start_ms, end_ms, text, prob FROM second_words WHERE call_id = ? ORDER BY listen_no, word_no
"""
SQL_UNRECOGNISED: Final = "SELECT role, start_ms, end_ms FROM unrecognised WHERE call_id = ? ORDER BY span_no"
METRICS_COLUMNS: Final = ", ".join(_METRICS)
SQL_METRICS: Final = f"SELECT {METRICS_COLUMNS} FROM call_metrics WHERE call_id = ?"  # noqa: S608 - field names
SQL_SCORES: Final = """
SELECT rubric, rubric_version, rubric_sha256, points, max_points, score, score_low, score_high, critical_failed, n_unsure
FROM call_scores WHERE call_id = ? ORDER BY rubric, rubric_version
"""
SQL_VERDICTS: Final = """
SELECT rubric, rubric_version, criterion, verdict, confidence, points, max_points, critical, reason, decided_by,
    criterion_sha256
FROM verdicts WHERE call_id = ? ORDER BY rubric, rubric_version, criterion_no
"""
SQL_EVIDENCE: Final = """
SELECT rubric, rubric_version, criterion, role, start_ms, end_ms, text
FROM evidence WHERE call_id = ? ORDER BY rubric, rubric_version, criterion, evidence_no
"""
SQL_PROVENANCE: Final = "SELECT engine, model, model_sha256, parameters FROM provenance WHERE call_id = ? ORDER BY step_no"
SQL_CALL_FLAGS: Final = """
SELECT reason, severity, detail, criterion, start_ms, end_ms FROM flags WHERE call_id = ?
ORDER BY severity DESC, start_ms NULLS FIRST, reason, criterion
"""
SQL_CALL_FAILURES: Final = "SELECT path, call_id, code, message, failed_at FROM failures WHERE call_id = ? ORDER BY path"


def aware_utc(at: datetime | None) -> datetime | None:
    """Return a time of the store with its zone."""
    return at.replace(tzinfo=UTC) if at else None


def flag_record(row: Sequence[Any]) -> Flag:
    """Return a flag from reason, severity, detail, criterion, start, end."""
    return Flag(reason=row[0], severity=row[1], detail=row[2], criterion=row[3], start_ms=row[4], end_ms=row[5])


def failure_row(row: Sequence[Any]) -> FailureRow:
    """Return a failure from path, call id, code, message, time."""
    return FailureRow(path=row[0], call_id=row[1], code=row[2], message=row[3], at=row[4].replace(tzinfo=UTC))


def run_row(row: Sequence[Any]) -> RunRow:
    """Return a run from its columns in the order of RunRow."""
    return RunRow(
        run_id=row[0],
        started_at=row[1].replace(tzinfo=UTC),
        finished_at=aware_utc(row[2]),
        status=row[3],
        found=row[4],
        done=row[5],
        skipped=row[6],
        failed=row[7],
        audio_ms=row[8],
        wall_ms=row[9],
    )


def read_stored_call(queries: Queries, call_id: str) -> StoredCall | None:
    """Return everything about one call, None if there is none of that id."""
    rows = _fetch(queries, SQL_CALL, call_id)
    if not rows:
        return None
    row = rows[0]
    metrics = _fetch(queries, SQL_METRICS, call_id)
    return StoredCall(
        info=call_info(row),
        source=row[18],
        recording=row[19],
        status=row[20],
        fingerprint=row[21],
        audio=audio_info(row),
        call_type=call_type_record(row[24:]),
        dialogue=read_dialogue(queries, call_id),
        metrics=metrics_record(metrics[0]) if metrics else None,
        scores=read_scores(queries, call_id),
        provenance=tuple(
            Provenance(engine=p[0], model=p[1], model_sha256=p[2], parameters=p[3])
            for p in _fetch(queries, SQL_PROVENANCE, call_id)
        ),
        notes=tuple(row[22] or ()),
        flags=tuple(flag_record(flag) for flag in _fetch(queries, SQL_CALL_FLAGS, call_id)),
        failures=tuple(failure_row(failure) for failure in _fetch(queries, SQL_CALL_FAILURES, call_id)),
    )


def read_dialogue(queries: Queries, call_id: str) -> Dialogue | None:
    """Return the dialogue exactly as it was saved; None for a call without one."""
    rows = _fetch(queries, SQL_CALL, call_id)
    if not rows or rows[0][23] is None:
        return None
    words: dict[int, list[Word]] = defaultdict(list)
    for turn_no, start_ms, end_ms, text, prob in _fetch(queries, SQL_WORDS, call_id):
        words[turn_no].append(Word(span=Span(start_ms, end_ms), text=text, prob=prob))
    turns = tuple(turn_record(row, words[row[0]]) for row in _fetch(queries, SQL_TURNS, call_id))
    return Dialogue(
        duration_ms=rows[0][17],
        layout=Layout(rows[0][23]),
        language=rows[0][12],
        turns=turns,
        unrecognised=tuple((Role(role), Span(start, end)) for role, start, end in _fetch(queries, SQL_UNRECOGNISED, call_id)),
        second=_second(queries, call_id),
    )


def _second(queries: Queries, call_id: str) -> tuple[SecondListen, ...]:
    rows = _fetch(queries, SQL_LISTENS, call_id)
    words: dict[int, list[Word]] = defaultdict(list)
    for listen_no, start_ms, end_ms, text, prob in _fetch(queries, SQL_SECOND_WORDS, call_id) if rows else ():
        words[listen_no].append(Word(span=Span(start_ms, end_ms), text=text, prob=prob))
    return tuple(listen_record(row, words[row[0]]) for row in rows)


def listen_record(row: Sequence[Any], words: Sequence[Word]) -> SecondListen:
    """Return a second listen from number, role, channel, start, end, hinted, model."""
    return SecondListen(
        role=Role(row[1]), channel=row[2], span=Span(row[3], row[4]), words=tuple(words), is_hinted=row[5], model=row[6]
    )


def turn_record(row: Sequence[Any], words: Sequence[Word]) -> Turn:
    """Return a turn from number, kind, role, speaker, channel, start, end, role confidence."""
    return Turn(
        turn_no=row[0],
        kind=TurnKind(row[1]),
        role=Role(row[2]),
        speaker=row[3],
        channel=row[4],
        span=Span(row[5], row[6]),
        words=tuple(words),
        role_confidence=row[7],
    )


def call_info(row: Sequence[Any]) -> CallInfo:
    """Return what is known about a call from CALL_FACTS; the call type only where the metadata named it."""
    return CallInfo(
        call_id=row[0],
        started_at=aware_utc(row[1]),
        direction=Direction(row[2]) if row[2] else None,
        operator=row[3],
        extension=row[4],
        client_phone=row[5],
        did=row[6],
        queue=row[7],
        wait_ms=row[8],
        transferred_to=row[9],
        operator_channel=row[10],
        call_type=row[11],
        language=row[12],
    )


def call_type_record(row: Sequence[Any]) -> CallType | None:
    """Return the kind of call from CALL_TYPE, None where nobody has told it yet."""
    if row[1] is None:
        return None
    return CallType(id=row[0], confidence=row[1], reason=row[2], shares=tuple((row[3] or {}).items()))


def audio_info(row: Sequence[Any]) -> AudioInfo | None:
    """Return facts on the recording from CALL_FACTS, None for a call that was not processed."""
    if row[13] is None:
        return None
    return AudioInfo(container=row[13], codec=row[14], rate_hz=row[15], n_channels=row[16], duration_ms=row[17])


def read_scores(queries: Queries, call_id: str) -> tuple[CallScore, ...]:
    """Return the scores of a call with their verdicts and evidence, as they were saved."""
    evidence: dict[tuple[str, int, str], list[Evidence]] = defaultdict(list)
    for rubric, version, criterion, role, start_ms, end_ms, text in _fetch(queries, SQL_EVIDENCE, call_id):
        evidence[rubric, version, criterion].append(evidence_record(role, start_ms, end_ms, text))
    results: dict[tuple[str, int], list[CriterionResult]] = defaultdict(list)
    for row in _fetch(queries, SQL_VERDICTS, call_id):
        results[row[0], row[1]].append(result_record(row, evidence[row[0], row[1], row[2]]))
    return tuple(
        CallScore(
            rubric=row[0],
            rubric_version=row[1],
            rubric_sha256=row[2],
            results=tuple(results[row[0], row[1]]),
            points=row[3],
            max_points=row[4],
            score=row[5],
            score_low=row[6],
            score_high=row[7],
            critical_failed=row[8],
            n_unsure=row[9],
        )
        for row in _fetch(queries, SQL_SCORES, call_id)
    )


def result_record(row: Sequence[Any], evidence: Sequence[Evidence]) -> CriterionResult:
    """Return a verdict from what tells its rubric, two columns, and those that follow in SQL_VERDICTS."""
    return CriterionResult(
        criterion=row[2],
        verdict=Verdict(row[3]),
        confidence=row[4],
        points=row[5],
        max_points=row[6],
        critical=row[7],
        evidence=tuple(evidence),
        reason=row[8],
        decided_by=DecidedBy(row[9]),
        sha256=row[10] or "",
    )


def evidence_record(role: str | None, start_ms: int, end_ms: int, text: str) -> Evidence:
    """Return a piece of evidence from its columns."""
    return Evidence(span=Span(start_ms, end_ms), role=Role(role) if role else None, text=text)


def metrics_record(values: Sequence[Any]) -> CallMetrics:
    """Return the metrics of a call from METRICS_COLUMNS."""
    return CallMetrics(**dict(zip(_METRICS, values, strict=True)))


def _fetch(queries: Queries, sql: str, call_id: str) -> list[tuple[Any, ...]]:
    return queries.execute(sql, [call_id]).fetchall()
