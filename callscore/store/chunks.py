"""Which stored calls to score again, in chunks that a worker reads at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from callscore.store.entries import CallFilter
from callscore.store.open import connect, store_errors
from callscore.store.queries import CALL_CONDITION, filter_values

__all__ = ["ArchivePlan", "CallChunk", "plan_archive"]

# Enough to make the cost of a query small, few enough that a worker's memory stays so too. A call longer than that many words
# is a chunk of its own.
CHUNK_CALLS: Final = 300
CHUNK_WORDS: Final = 40_000
# A small archive is parted finer, so that every worker has something to do until the end.
_LEAST_CALLS: Final = 20
_LEAST_CHUNKS: Final = 32

# The rows of a call lie together, so that rowid limits spare reading the whole table for each chunk.
# Without the inner coalesce DuckDB 2.0.0 fails on a table in which no call has a fingerprint.
SQL_PLAN: Final = f"""
SELECT c.call_id, coalesce(w.n, 0), coalesce(w.first, 0), coalesce(w.last, -1), coalesce(c.duration_ms, 0),
    coalesce(split_part(coalesce(c.fingerprint, ''), '.', 3) = $scoring::VARCHAR, false) AS is_fresh
FROM calls c
LEFT JOIN (SELECT call_id, count(*) AS n, min(rowid) AS first, max(rowid) AS last FROM words GROUP BY call_id) w USING (call_id)
WHERE c.status = 'done' AND c.layout IS NOT NULL AND {CALL_CONDITION}
ORDER BY w.first NULLS FIRST, c.call_id
"""  # noqa: S608 - joins constants only


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
