"""Records as table rows and back. Pure; a row is a mapping from column to value."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from callscore.records import CallMetrics, CallResult, CallScore, Dialogue, RecordedCall, SecondListen, Verdict, Word
from callscore.store.entries import CriterionEntry, FailedCall, Flag, OperatorScore, RubricEntry
from callscore.store.search_words import search_rows

__all__ = [
    "Row",
    "call_rows",
    "criteria_rows",
    "failed_call_row",
    "naive_utc",
    "operator_score_rows",
    "rubric_row",
    "score_rows",
]

Row = Mapping[str, object]

_METRICS: Final = tuple(field.name for field in dataclasses.fields(CallMetrics))
_FLAG: Final = tuple(field.name for field in dataclasses.fields(Flag))


def naive_utc(at: datetime | None) -> datetime | None:
    """Return `at` as the store keeps it: UTC without a zone.

    Raises:
        ValueError: if `at` has no time zone.
    """
    if at is None:
        return None
    if at.tzinfo is None:
        raise ValueError(f"times must be aware, got {at!r}")
    return at.astimezone(UTC).replace(tzinfo=None)


def call_rows(result: CallResult, flags: Iterable[Flag]) -> dict[str, list[Row]]:
    """Return every row of one processed call, by table."""
    call_id = result.record.info.call_id
    key = {"call_id": call_id}
    return {
        "calls": [_done_call_row(result)],
        "turns": list(_turn_rows(call_id, result.dialogue)),
        "words": list(_word_rows(call_id, result.dialogue)),
        "search_words": list(search_rows(call_id, result.dialogue)),
        "unrecognised": [
            {**key, "span_no": number, "role": role, "start_ms": span.start_ms, "end_ms": span.end_ms}
            for number, (role, span) in enumerate(result.dialogue.unrecognised)
        ],
        "second_listens": [_listen_row(call_id, n, listen) for n, listen in enumerate(result.dialogue.second)],
        "second_words": [
            {**key, "listen_no": n, "word_no": number, **_word_columns(word)}
            for n, listen in enumerate(result.dialogue.second)
            for number, word in enumerate(listen.words)
        ],
        "provenance": [{**key, "step_no": n, **dataclasses.asdict(step)} for n, step in enumerate(result.provenance)],
        **score_rows(call_id, result.metrics, result.scores, flags),
    }


def score_rows(call_id: str, metrics: CallMetrics, scores: Sequence[CallScore], flags: Iterable[Flag]) -> dict[str, list[Row]]:
    """Return the rows that scoring a dialogue gives, by table; scoring it again replaces all of them."""
    key = {"call_id": call_id}
    return {
        "call_metrics": [{**key, **{name: getattr(metrics, name) for name in _METRICS}}],
        "verdicts": [row for score in scores for row in _verdict_rows(call_id, score)],
        "evidence": [row for score in scores for row in _evidence_rows(call_id, score)],
        "call_scores": [_score_row(call_id, score) for score in scores],
        "flags": [{**key, **{name: getattr(flag, name) for name in _FLAG}} for flag in flags],
    }


def failed_call_row(failed: FailedCall) -> Row:
    """Return the `calls` row of a call that could not be processed: what is known without its audio."""
    return {**_fact_columns(failed.record), "status": "failed", "language": failed.record.info.language, "notes": []}


def operator_score_rows(scores: Iterable[OperatorScore]) -> list[Row]:
    """Return the rows of operator_scores."""
    return [dataclasses.asdict(score) for score in scores]


def rubric_row(entry: RubricEntry) -> Row:
    """Return the `rubrics` row of a rubric version."""
    return {
        "rubric": entry.rubric,
        "version": entry.version,
        "sha256": entry.sha256,
        "language": entry.language,
        "title": entry.title,
        "body": entry.body,
    }


def criteria_rows(rubric: str, version: int, criteria: Iterable[CriterionEntry]) -> list[Row]:
    """Return the `criteria` rows of a rubric version, in the rubric's order."""
    return [
        {"rubric": rubric, "rubric_version": version, "criterion_no": number, **dataclasses.asdict(criterion)}
        for number, criterion in enumerate(criteria)
    ]


def _fact_columns(record: RecordedCall) -> dict[str, object]:
    info, recording = record.info, record.recording
    return {
        "call_id": info.call_id,
        "source": recording.source,
        "recording": recording.name,
        "recording_path": recording.path,
        "recording_sha256": recording.sha256,
        "recording_bytes": recording.n_bytes,
        "started_at": naive_utc(info.started_at),
        "direction": info.direction,
        "call_type": info.call_type,
        "call_type_given": info.call_type,
        "operator": info.operator,
        "extension": info.extension,
        "client_phone": info.client_phone,
        "did": info.did,
        "queue": info.queue,
        "wait_ms": info.wait_ms,
        "operator_channel": info.operator_channel,
        "transferred_to": info.transferred_to,
    }


def _done_call_row(result: CallResult) -> Row:
    probs = [word.prob for turn in result.dialogue.turns for word in turn.words]
    return {
        **_fact_columns(result.record),
        "call_type": result.call_type.id,
        "call_type_confidence": result.call_type.confidence,
        "call_type_reason": result.call_type.reason,
        "call_type_shares": result.call_type.shares or None,
        "duration_ms": result.dialogue.duration_ms,
        "layout": result.layout,
        "language": result.dialogue.language,
        "container": result.audio.container,
        "codec": result.audio.codec,
        "rate_hz": result.audio.rate_hz,
        "n_channels": result.audio.n_channels,
        "status": "done",
        "fingerprint": result.fingerprint,
        "notes": list(result.notes),
        "n_words": len(probs),
        "word_prob_sum": math.fsum(probs),
    }


def _turn_rows(call_id: str, dialogue: Dialogue) -> Iterator[Row]:
    for turn in dialogue.turns:
        yield {
            "call_id": call_id,
            "turn_no": turn.turn_no,
            "kind": turn.kind,
            "role": turn.role,
            "role_confidence": turn.role_confidence,
            "speaker": turn.speaker,
            "channel": turn.channel,
            "start_ms": turn.span.start_ms,
            "end_ms": turn.span.end_ms,
            "text": turn.text,
            "confidence": turn.confidence,
        }


def _listen_row(call_id: str, number: int, listen: SecondListen) -> Row:
    return {
        "call_id": call_id,
        "listen_no": number,
        "role": listen.role,
        "channel": listen.channel,
        "start_ms": listen.span.start_ms,
        "end_ms": listen.span.end_ms,
        "is_hinted": listen.is_hinted,
        "model": listen.model,
    }


def _word_columns(word: Word) -> Row:
    return {"start_ms": word.span.start_ms, "end_ms": word.span.end_ms, "text": word.text, "prob": word.prob}


def _word_rows(call_id: str, dialogue: Dialogue) -> Iterator[Row]:
    for turn in dialogue.turns:
        for number, word in enumerate(turn.words):
            yield {
                "call_id": call_id,
                "turn_no": turn.turn_no,
                "word_no": number,
                **_word_columns(word),
            }


def _score_key(call_id: str, score: CallScore) -> dict[str, object]:
    return {"call_id": call_id, "rubric": score.rubric, "rubric_version": score.rubric_version}


def _score_row(call_id: str, score: CallScore) -> Row:
    return {
        **_score_key(call_id, score),
        "rubric_sha256": score.rubric_sha256,
        "points": score.points,
        "max_points": score.max_points,
        "score": score.score,
        "score_low": score.score_low,
        "score_high": score.score_high,
        "critical_failed": score.critical_failed,
        "n_verdicts": sum(result.verdict is not Verdict.NA for result in score.results),
        "n_unsure": score.n_unsure,
    }


def _verdict_rows(call_id: str, score: CallScore) -> Iterator[Row]:
    for number, result in enumerate(score.results):
        first = result.evidence[0] if result.evidence else None
        yield {
            **_score_key(call_id, score),
            "criterion": result.criterion,
            "criterion_no": number,
            "verdict": result.verdict,
            "confidence": result.confidence,
            "points": result.points,
            "max_points": result.max_points,
            "critical": result.critical,
            "evidence_role": first.role if first else None,
            "evidence_start_ms": first.span.start_ms if first else None,
            "evidence_end_ms": first.span.end_ms if first else None,
            "evidence_text": first.text if first else None,
            "reason": result.reason,
            "decided_by": result.decided_by,
            "criterion_sha256": result.sha256 or None,
        }


def _evidence_rows(call_id: str, score: CallScore) -> Iterator[Row]:
    for result in score.results:
        for number, evidence in enumerate(result.evidence):
            yield {
                **_score_key(call_id, score),
                "criterion": result.criterion,
                "evidence_no": number,
                "role": evidence.role,
                "start_ms": evidence.span.start_ms,
                "end_ms": evidence.span.end_ms,
                "text": evidence.text,
            }
