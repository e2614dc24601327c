"""Bring the journal of the desk into the store, so that reports and SQL see what people did. Safe to repeat at any time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from callscore.review.entries import (
    AppealDecided,
    AppealFiled,
    CallSeen,
    ClipRemoved,
    ClipTaken,
    Discussed,
    Entry,
    RoleCorrected,
    SampleDrawn,
    SessionOpened,
    TextCorrected,
    UnknownEntry,
    VerdictGiven,
)
from callscore.review.journal import Journal, JournalPart
from callscore.store import StoreWriter
from callscore.store.review_sample import read_drawn, read_sessions
from callscore.store.review_write import Answer, Removal, ReviewBatch
from callscore.store.rows import Row, naive_utc

__all__ = ["FoldSummary", "fold_journal", "fold_part"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldSummary:
    """What a fold did, in entries: `new` were brought over; the others stay in the journal.

    `unknown` are about calls that the store does not hold (purged, or not ingested yet), `newer` were written by a newer
    callscore, `unproven` claim to be of a random sample or a session that never held the call: they were brought over without
    that claim. `notes` tell what was wrong with the journal.
    """

    new: int
    unknown: int
    newer: int
    unproven: int
    notes: tuple[str, ...] = ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a person should know, in plain words; empty if all is well."""
        told = (
            (self.unknown, "entries of the journal of reviews are about calls that are not stored, and wait in the journal"),
            (self.newer, "entries of the journal of reviews were written by a newer callscore and wait in the journal"),
            (
                self.unproven,
                "verdicts claim a random sample or a session that never held their call: they count as other verdicts",
            ),
        )
        return (*(f"{count} {text}" for count, text in told if count), *self.notes)


class _Proofs:
    """What may be called random or blind: calls that were drawn, and calls of sessions, up to the entry at hand."""

    def __init__(self, drawn: Iterable[tuple[str, str]], sessions: Iterable[tuple[str, str]]) -> None:
        self._drawn = set(drawn)
        self._sessions = set(sessions)
        self.unproven = 0

    def learn(self, entry: Entry) -> None:
        """Take note of a draw or a session."""
        if isinstance(entry, SampleDrawn):
            self._drawn.update((entry.rubric, call_id) for call_id in entry.call_ids)
        elif isinstance(entry, SessionOpened):
            self._sessions.update((entry.session_id, call_id) for call_id in entry.call_ids)

    def sample_of(self, entry: VerdictGiven) -> str | None:
        """Return what the verdict may be called."""
        is_random = {(entry.rubric, entry.call_id), ("", entry.call_id)} & self._drawn
        is_blind = (entry.session, entry.call_id) in self._sessions
        if (entry.sample == "random" and not is_random) or (entry.sample == "blind" and not is_blind):
            self.unproven += 1
            return None
        return entry.sample or None


def fold_journal(writer: StoreWriter, journal: Journal, now: datetime) -> FoldSummary:
    """Bring over what the store does not hold yet.

    Args:
        writer: of the open store.
        journal: of the workspace; there need be none.
        now: aware UTC.

    Raises:
        StoreError: if the journal cannot be read or the store not be written; then nothing has changed.
    """
    return fold_part(writer, journal.read(writer.fold_place().retry_byte), now)


def fold_part(writer: StoreWriter, part: JournalPart, now: datetime) -> FoldSummary:
    """Bring over what was read of the journal from the store's `retry_byte` on; see fold_journal."""
    with writer.reader().asking() as queries:
        proofs = _Proofs(read_drawn(queries), read_sessions(queries))
    batch = _make_batch(part.entries, proofs)
    counts = writer.fold_reviews(batch, part.end, now)
    return FoldSummary(
        new=counts.new,
        unknown=counts.unknown,
        newer=sum(isinstance(entry, UnknownEntry) for entry in part.entries),
        unproven=proofs.unproven,
        notes=part.notes,
    )


def _make_batch(entries: Iterable[Entry], proofs: _Proofs) -> ReviewBatch:
    batch = ReviewBatch()
    for entry in entries:
        proofs.learn(entry)
        match entry:
            case VerdictGiven():
                batch.rows["reviews"].append(_verdict_row(entry, proofs.sample_of(entry)))
            case AppealDecided():
                state = "accepted" if entry.accepted else "declined"
                answer = Answer(appeal_id=entry.appeal_id, state=state, who=entry.who, at=entry.at, reason=entry.reason)
                batch.answers.append(answer)
            case ClipRemoved():
                batch.removals.append(Removal(clip_id=entry.clip_id, who=entry.who, at=entry.at))
            case _:
                for table, row in _plain_rows(entry):
                    batch.rows[table].append(row)
    return batch


def _verdict_row(entry: VerdictGiven, sample: str | None) -> Row:
    return {
        "review_id": entry.id,
        "call_id": entry.call_id,
        "rubric": entry.rubric,
        "rubric_version": entry.rubric_version,
        "criterion": entry.criterion,
        "verdict": entry.new,
        "reviewer": entry.who,
        "reason": entry.reason,
        "reviewed_at": naive_utc(entry.at),
        "sample": sample,
        "old_verdict": entry.old,
        "session": entry.session or None,
    }


def _plain_rows(entry: Entry) -> Iterator[tuple[str, Row]]:
    """Yield the row of an entry that is a row as it is, with its table."""
    at = naive_utc(entry.at)
    what: Row
    match entry:
        case AppealFiled(appeal_id=key, call_id=call_id, rubric=rubric, criterion=criterion, reason=reason):
            what = {"call_id": call_id, "rubric": rubric, "criterion": criterion, "reason": reason, "state": "open"}
            yield "appeals", {"appeal_id": key, **what, "filed_by": entry.who, "filed_at": at}
        case TextCorrected() | RoleCorrected():
            yield "text_corrections", _correction_row(entry)
        case ClipTaken(clip_id=key, collection=collection, call_id=call_id, note=note):
            what = {"call_id": call_id, "start_ms": entry.start_ms, "end_ms": entry.end_ms, "note": note}
            yield "clips", {"clip_id": key, "collection": collection, **what, "taken_by": entry.who, "taken_at": at}
        case Discussed(operator=operator, criterion=criterion, note=note):
            what = {"operator": operator, "criterion": criterion, "note": note}
            yield "coaching", {"coaching_id": entry.id, **what, "discussed_by": entry.who, "discussed_at": at}
        case SessionOpened(session_id=key, title=title, rubric=rubric):
            what = {"title": title, "rubric": rubric, "call_ids": list(entry.call_ids), "reviewers": list(entry.reviewers)}
            yield "review_sessions", {"session_id": key, **what, "opened_by": entry.who, "opened_at": at}
        case SampleDrawn():
            yield "review_samples", _sample_row(entry)
        case CallSeen(call_id=call_id):
            yield "calls_seen", {"seen_id": entry.id, "call_id": call_id, "seen_by": entry.who, "seen_at": at}


def _correction_row(entry: TextCorrected | RoleCorrected) -> Row:
    return {
        "correction_id": entry.id,
        "call_id": entry.call_id,
        "kind": "text" if isinstance(entry, TextCorrected) else "role",
        "turn_no": entry.turn_no,
        "word_no": entry.word_no if isinstance(entry, TextCorrected) else None,
        "old_text": entry.old,
        "new_text": entry.new,
        "corrected_by": entry.who,
        "corrected_at": naive_utc(entry.at),
    }


def _sample_row(entry: SampleDrawn) -> Row:
    return {
        "sample_id": entry.sample_id,
        "rubric": entry.rubric,
        "since": naive_utc(entry.since),
        "until": naive_utc(entry.until),
        "half_width": entry.half_width,
        "seed": entry.seed,
        "population": entry.population,
        "call_ids": list(entry.call_ids),
        "drawn_by": entry.who,
        "drawn_at": naive_utc(entry.at),
    }
