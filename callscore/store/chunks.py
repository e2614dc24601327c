"""Which stored calls to score again, in chunks that a worker reads at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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

# Long tables in which the rows of a call lie together: rowid limits spare reading them whole for each chunk.
_TABLES: Final = ("words", "turns", "verdicts", "evidence")
_LIMITS: Final = ", ".join(f"coalesce({table}.first, {1 << 62}), coalesce({table}.last, -1)" for table in _TABLES)
_PLACES: Final = "(SELECT call_id, count(*) AS n, min(rowid) AS first, max(rowid) AS last FROM {table} GROUP BY call_id)"
_JOINS: Final = "\n".join(f"LEFT JOIN {_PLACES.format(table=table)} {table} USING (call_id)" for table in _TABLES)
# Without the inner coalesce DuckDB 2.0.0 fails on a table in which no call has a fingerprint.
SQL_PLAN: Final = f"""
SELECT c.call_id, coalesce(words.n, 0), coalesce(c.duration_ms, 0),
    coalesce(split_part(coalesce(c.fingerprint, ''), '.', 3) = $scoring::VARCHAR, false) AS is_fresh, {_LIMITS}
FROM calls c
{_JOINS}
WHERE c.status = 'done' AND c.layout IS NOT NULL AND {CALL_CONDITION}
ORDER BY words.first NULLS FIRST, c.call_id
"""  # noqa: S608 - joins constants only


@dataclass(frozen=True, slots=True, kw_only=True)
class CallChunk:
    """Calls to read together; `places` are the first and the last rowid of their rows in the long tables."""

    number: int
    call_ids: tuple[str, ...]
    places: Mapping[str, tuple[int, int]]
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
    stale = [row for row in rows if not row[3]]
    return ArchivePlan(
        chunks=tuple(_chunks(stale, max(_LEAST_CALLS, min(CHUNK_CALLS, len(stale) // _LEAST_CHUNKS)))),
        n_fresh=len(rows) - len(stale),
    )


@dataclass(slots=True)
class _Draft:
    """A chunk that is being filled."""

    ids: list[str] = field(default_factory=list)
    n_words: int = 0
    duration_ms: int = 0
    firsts: list[int] = field(default_factory=lambda: [1 << 62] * len(_TABLES))
    lasts: list[int] = field(default_factory=lambda: [-1] * len(_TABLES))

    def add(self, row: Sequence[Any]) -> None:
        self.ids.append(row[0])
        self.n_words += row[1]
        self.duration_ms += row[2]
        self.firsts = list(map(min, self.firsts, row[4::2]))
        self.lasts = list(map(max, self.lasts, row[5::2]))

    def has_room(self, row: Sequence[Any], most_calls: int) -> bool:
        return not self.ids or (len(self.ids) < most_calls and self.n_words + row[1] <= CHUNK_WORDS)

    def chunk(self, number: int) -> CallChunk:
        return CallChunk(
            number=number,
            call_ids=tuple(self.ids),
            places=dict(zip(_TABLES, zip(self.firsts, self.lasts, strict=True), strict=True)),
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
