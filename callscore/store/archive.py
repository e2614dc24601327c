"""Stored dialogues in bulk, for scoring the whole archive again: which calls, in chunks, and many calls with few queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from callscore.records import AudioInfo, CallInfo, CallRecord, Dialogue, Layout, Recording, Role, SecondListen, Turn, Word
from callscore.store.assemble import CALL_FACTS, audio_info, call_info, listen_record, turn_record
from callscore.store.entries import CallFilter
from callscore.store.open import connect, connect_archive, store_errors
from callscore.store.queries import CALL_CONDITION, filter_values
from callscore.units import Span

__all__ = ["ArchivePlan", "ArchiveReader", "ArchivedCall", "CallChunk", "plan_archive"]

# Enough to make the cost of a query small, few enough that a worker's memory stays so too. A call longer than that many words
# is a chunk of its own.
CHUNK_CALLS: Final = 300
CHUNK_WORDS: Final = 40_000
# A small archive is parted finer, so that every worker has something to do until the end.
_LEAST_CALLS: Final = 20
_LEAST_CHUNKS: Final = 32

# The rows of a call lie together, so that rowid limits spare reading the whole table for each chunk.
SQL_PLAN: Final = f"""
SELECT c.call_id, coalesce(w.n, 0), coalesce(w.first, 0), coalesce(w.last, -1), coalesce(c.duration_ms, 0),
    coalesce(split_part(c.fingerprint, '.', 3) = $scoring::VARCHAR, false) AS is_fresh
FROM calls c
LEFT JOIN (SELECT call_id, count(*) AS n, min(rowid) AS first, max(rowid) AS last FROM words GROUP BY call_id) w USING (call_id)
WHERE c.status = 'done' AND c.layout IS NOT NULL AND {CALL_CONDITION}
ORDER BY w.first NULLS FIRST, c.call_id
"""  # noqa: S608 - joins constants only
SQL_CALLS: Final = f"""
SELECT {CALL_FACTS}, layout, fingerprint, source, recording, recording_path, recording_sha256, recording_bytes
FROM calls WHERE call_id IN (SELECT unnest($ids::VARCHAR[])) ORDER BY call_id
"""  # noqa: S608 - joins constants only
SQL_TURNS: Final = """
SELECT turn_no, kind, role, speaker, channel, start_ms, end_ms, role_confidence, call_id
FROM turns WHERE call_id IN (SELECT unnest($ids::VARCHAR[])) ORDER BY call_id, turn_no
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CallChunk:
    """Calls to read together; `first_word` and `last_word` are the rowids between which their words lie."""

    number: int
    call_ids: tuple[str, ...]
    first_word: int
    last_word: int
    duration_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePlan:
    """The calls to score again, in chunks, and how many were scored with these very rubrics before."""

    chunks: tuple[CallChunk, ...]
    n_fresh: int

    @property
    def n_calls(self) -> int:
        """How many calls the chunks hold."""
        return sum(len(chunk.call_ids) for chunk in self.chunks)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedCall:
    """What is needed to score a stored call again."""

    record: CallRecord
    audio: AudioInfo
    dialogue: Dialogue
    fingerprint: str


def plan_archive(snapshot: Path, wanted: CallFilter, scoring: str | None = None) -> ArchivePlan:
    """Return the processed calls of `wanted`, in the order they are stored, but for those whose fingerprint ends in `scoring`.

    Raises:
        StoreError: if the store cannot be read.
    """
    connection = connect(snapshot, read_only=True, memory="400MB")
    try:
        with store_errors(snapshot):
            rows = connection.execute(SQL_PLAN, {**filter_values(wanted), "scoring": scoring}).fetchall()
    finally:
        connection.close()
    stale = [row for row in rows if not row[5]]
    return ArchivePlan(
        chunks=tuple(_chunks(stale, max(_LEAST_CALLS, min(CHUNK_CALLS, len(stale) // _LEAST_CHUNKS)))),
        n_fresh=len(rows) - len(stale),
    )


class ArchiveReader:
    """Reads chunks of a snapshot, for as long as the process lives."""

    def __init__(self, snapshot: Path) -> None:
        self._path = snapshot
        self._connection = connect_archive(snapshot)

    def read(self, chunk: CallChunk) -> tuple[ArchivedCall, ...]:
        """Return the calls of a chunk, by call id.

        Raises:
            StoreError: if the store cannot be read.
        """
        ids = {"ids": list(chunk.call_ids)}
        words: dict[tuple[str, int], list[Word]] = defaultdict(list)
        turns: dict[str, list[Turn]] = defaultdict(list)
        lost: dict[str, list[tuple[Role, Span]]] = defaultdict(list)
        places = {**ids, "first": chunk.first_word, "last": chunk.last_word}
        for call_id, turn_no, start_ms, end_ms, text, prob in self._fetch(SQL_WORDS, places):
            words[call_id, turn_no].append(Word(span=Span(start_ms, end_ms), text=text, prob=prob))
        for row in self._fetch(SQL_TURNS, ids):
            turns[row[8]].append(turn_record(row, words.get((row[8], row[0]), ())))
        for call_id, role, start_ms, end_ms in self._fetch(SQL_UNRECOGNISED, ids):
            lost[call_id].append((Role(role), Span(start_ms, end_ms)))
        second = self._second(ids)
        return tuple(_archived(row, turns[row[0]], lost[row[0]], second[row[0]]) for row in self._fetch(SQL_CALLS, ids))

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


def _archived(
    row: Sequence[Any], turns: Iterable[Turn], lost: Iterable[tuple[Role, Span]], second: Iterable[SecondListen]
) -> ArchivedCall:
    info: CallInfo = call_info(row)
    recording = Recording(path=row[22] or "", name=row[21] or "", source=row[20], sha256=row[23] or "", n_bytes=row[24] or 0)
    return ArchivedCall(
        record=CallRecord(info=info, recording=recording),
        audio=audio_info(row) or AudioInfo(container="", codec="", rate_hz=0, n_channels=0, duration_ms=row[17]),
        dialogue=Dialogue(
            duration_ms=row[17],
            layout=Layout(row[18]),
            language=row[12],
            turns=tuple(turns),
            unrecognised=tuple(lost),
            second=tuple(second),
        ),
        fingerprint=row[19] or "",
    )


@dataclass(slots=True)
class _Draft:
    """A chunk that is being filled."""

    ids: list[str] = field(default_factory=list)
    n_words: int = 0
    first: int = -1
    last: int = -1
    duration_ms: int = 0

    def add(self, row: Sequence[Any]) -> None:
        self.ids.append(row[0])
        self.n_words += row[1]
        self.duration_ms += row[4]
        if row[1]:
            self.first = row[2] if self.first < 0 else min(self.first, row[2])
            self.last = max(self.last, row[3])

    def has_room(self, row: Sequence[Any], most_calls: int) -> bool:
        return not self.ids or (len(self.ids) < most_calls and self.n_words + row[1] <= CHUNK_WORDS)

    def chunk(self, number: int) -> CallChunk:
        return CallChunk(
            number=number,
            call_ids=tuple(self.ids),
            first_word=max(self.first, 0),
            last_word=self.last,
            duration_ms=self.duration_ms,
        )


def _chunks(rows: Iterable[Sequence[Any]], most_calls: int) -> Iterator[CallChunk]:
    draft, number = _Draft(), 0
    for row in rows:
        if not draft.has_room(row, most_calls):
            yield draft.chunk(number)
            draft, number = _Draft(), number + 1
        draft.add(row)
    if draft.ids:
        yield draft.chunk(number)
