"""Where words were said: phrases in the transcripts of all calls, by the table search_words. Typed answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from callscore.records import Role
from callscore.store.asked import Queries
from callscore.store.assemble import aware_utc
from callscore.store.people_groups import PEOPLE, PERSON, WHO
from callscore.store.queries import RECORDED
from callscore.store.rows import naive_utc

__all__ = ["SearchHit", "SearchWanted", "read_found_calls", "read_hits"]

# Each word that is searched for is one of the groups 0, 1, ..; a word may be of several.
_HITS: Final = f"""
{PEOPLE}, wanted AS (SELECT unnest($words::VARCHAR[]) AS word, unnest($groups::INTEGER[]) AS no),
hits AS MATERIALIZED (
    SELECT s.call_id, s.turn_no, s.place, w.no FROM search_words s JOIN wanted w USING (word)
    WHERE $role::VARCHAR IS NULL OR s.role = $role::VARCHAR
)
"""  # noqa: S608 - joins constants only
_IN_ORDER: Final = "AND h{this}.place BETWEEN h{last}.place + 1 AND h{last}.place + 1 + $gap"
_OF_OPERATOR: Final = f"""
AND f.call_id IN (
    SELECT c.call_id FROM {RECORDED} c {WHO} WHERE {PERSON} = $operator OR c.operator = $operator)
"""  # noqa: S608 - joins constants only
_FOUND: Final = """
, found AS (
    SELECT h0.call_id, h0.turn_no, min({first}) AS first, min({last}) AS last
    FROM hits h0 {joins} WHERE h0.no = 0 GROUP BY h0.call_id, h0.turn_no
), kept AS MATERIALIZED (
    SELECT f.*, k.started_at
    FROM found f JOIN calls k USING (call_id)
    WHERE ($since::TIMESTAMP IS NULL OR k.started_at >= $since::TIMESTAMP)
        AND ($until::TIMESTAMP IS NULL OR k.started_at < $until::TIMESTAMP) {operator}
)
"""
SQL_HITS: Final = f"""
WITH {{parts}}, page AS (
    SELECT * FROM kept ORDER BY started_at DESC NULLS LAST, call_id, turn_no LIMIT $limit OFFSET $offset
)
SELECT c.call_id, p.turn_no, {PERSON}, c.started_at, c.duration_ms, p.first, p.last,
    (SELECT count(*) FROM kept), (SELECT count(DISTINCT call_id) FROM kept)
FROM page p JOIN {RECORDED} c USING (call_id) {WHO}
ORDER BY c.started_at DESC NULLS LAST, c.call_id, p.turn_no
"""  # noqa: S608 - joins constants only
# Asked apart: only for few turns known beforehand does DuckDB skip the text of all others, which takes half of the time.
SQL_TEXTS: Final = """
SELECT call_id, turn_no, role, start_ms, end_ms, text
FROM turns JOIN (SELECT unnest($call_ids::VARCHAR[]) AS call_id, unnest($turn_nos::INTEGER[]) AS turn_no)
    USING (call_id, turn_no)
"""
SQL_FOUND_CALLS: Final = """
WITH {parts}
SELECT call_id FROM kept GROUP BY call_id ORDER BY max(started_at) DESC NULLS LAST, call_id LIMIT $limit
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchWanted:
    """What to search for: for each word of the phrase the forms it may have, as cut_words gives them; at least one word.

    In order, with up to `gap` other words between two; not `is_in_order`: anywhere in one turn. None: no condition. Times are
    aware UTC, `until` is exclusive.
    """

    words: tuple[frozenset[str], ...]
    gap: int = 2
    is_in_order: bool = True
    role: Role | None = None
    operator: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """A turn in which the phrase was said: `first` and `last` are the places of its words among cut_words of `text`.

    `turns` and `calls` count all that were found.
    """

    call_id: str
    operator: str | None
    started_at: datetime | None
    duration_ms: int | None
    turn_no: int
    role: Role
    start_ms: int
    end_ms: int
    text: str
    first: int
    last: int
    turns: int
    calls: int


def read_hits(queries: Queries, wanted: SearchWanted) -> tuple[SearchHit, ...]:
    """Return a page of the turns in which the phrase was said, of the newest calls first."""
    rows = _fetch(queries, SQL_HITS, wanted, {**_values(wanted), "limit": wanted.limit, "offset": wanted.offset})
    keys = {"call_ids": [row[0] for row in rows], "turn_nos": [row[1] for row in rows]}
    texts = {row[:2]: row[2:] for row in queries.execute(SQL_TEXTS, keys).fetchall()} if rows else {}
    return tuple(_hit(row, texts[row[:2]]) for row in rows)


def _hit(row: Sequence[Any], text: Sequence[Any]) -> SearchHit:
    return SearchHit(
        call_id=row[0],
        turn_no=row[1],
        operator=row[2],
        started_at=aware_utc(row[3]),
        duration_ms=row[4],
        first=row[5],
        last=row[6],
        turns=row[7],
        calls=row[8],
        role=Role(text[0]),
        start_ms=text[1],
        end_ms=text[2],
        text=text[3],
    )


def read_found_calls(queries: Queries, wanted: SearchWanted, most: int) -> tuple[str, ...]:
    """Return the calls in which the phrase was said, newest first, `most` at most; for a filter of the queue."""
    return tuple(row[0] for row in _fetch(queries, SQL_FOUND_CALLS, wanted, {**_values(wanted), "limit": most}))


def _fetch(queries: Queries, sql: str, wanted: SearchWanted, values: dict[str, object]) -> list[tuple[Any, ...]]:
    if len(wanted.words) > 1 and wanted.is_in_order:
        values["gap"] = wanted.gap
    if wanted.operator is not None:
        values["operator"] = wanted.operator
    return queries.execute(sql.format(parts=_parts(wanted)), values).fetchall()


def _parts(wanted: SearchWanted) -> str:
    order = _IN_ORDER if wanted.is_in_order else ""
    joins = [
        f"JOIN hits h{n} ON h{n}.call_id = h0.call_id AND h{n}.turn_no = h0.turn_no AND h{n}.no = {n} "
        + order.format(this=n, last=n - 1)
        for n in range(1, len(wanted.words))
    ]
    places = [f"h{n}.place" for n in range(len(wanted.words))]
    first, last = places[0], places[-1]
    if not wanted.is_in_order and joins:
        first, last = f"least({', '.join(places)})", f"greatest({', '.join(places)})"
    operator = _OF_OPERATOR if wanted.operator is not None else ""
    return _HITS + _FOUND.format(first=first, last=last, joins=" ".join(joins), operator=operator)


def _values(wanted: SearchWanted) -> dict[str, object]:
    pairs = [(word, number) for number, forms in enumerate(wanted.words) for word in sorted(forms)]
    return {
        "words": [word for word, _ in pairs],
        "groups": [number for _, number in pairs],
        "role": wanted.role,
        "since": naive_utc(wanted.since),
        "until": naive_utc(wanted.until),
    }
