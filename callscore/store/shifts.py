"""Who talked in which call, and when operators are at work: parts of other modules' queries, and the stored shifts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from callscore.store.asked import Queries
from callscore.store.people_groups import PEOPLE, PERSON, WHO
from callscore.store.rows import naive_utc

if TYPE_CHECKING:
    import duckdb

__all__ = ["TALKS", "WON", "Presence", "shifts_of", "talk_values", "write_shifts"]

# Every talk once: calls of telephony systems, and recordings of which no such system told.
TALKS: Final = """
talks AS (
    SELECT call_id, started_at,
        greatest(started_at, coalesce(ended_at, started_at + to_milliseconds(coalesce(total_ms, talk_ms, 0)::DOUBLE)))
            AS ended_at,
        direction, disposition = 'answered' AS is_answered, coalesce(talk_ms, 0) AS talk_ms, operator, operator_id, extension,
        did, queue
    FROM pbx_calls
    WHERE direction IS DISTINCT FROM 'internal' AND ($since::TIMESTAMP IS NULL OR started_at >= $since::TIMESTAMP)
        AND ($until::TIMESTAMP IS NULL OR started_at < $until::TIMESTAMP)
    UNION ALL
    SELECT call_id, started_at, started_at + to_milliseconds(coalesce(duration_ms, 0)::DOUBLE), direction, true,
        coalesce(duration_ms, 0), operator, NULL, extension, did, queue
    FROM calls
    WHERE started_at IS NOT NULL
        AND call_id NOT IN (SELECT call_id FROM pbx_recordings UNION ALL SELECT call_id FROM pbx_calls)
        AND ($since::TIMESTAMP IS NULL OR started_at >= $since::TIMESTAMP)
        AND ($until::TIMESTAMP IS NULL OR started_at < $until::TIMESTAMP)
)
"""
# An order counts for the call that led to it. One with a negative amount is a return, no sale.
WON: Final = """
won AS (
    SELECT j.call_id, count(*) AS sales, sum(o.amount) AS amount
    FROM outcome_calls j JOIN outcomes o USING (outcome_id)
    WHERE j.place = 0 AND o.outcome = 'won' AND coalesce(o.amount, 0) >= 0
    GROUP BY j.call_id
)
"""
# Nights have shifts too, so days will not do.
_FOUND: Final = f"""
{PEOPLE}, {TALKS}, {WON}, known AS (
    SELECT {PERSON} AS person, who.entry_no, c.*, coalesce(won.sales, 0) AS sales, coalesce(won.amount, 0) AS amount
    FROM talks c {WHO} LEFT JOIN won ON won.call_id = c.call_id
), paused AS (
    SELECT *, coalesce(started_at > max(ended_at) OVER before + to_hours($gap_hours::INTEGER), true) AS is_first
    FROM known WHERE person IS NOT NULL
    WINDOW before AS (PARTITION BY person ORDER BY started_at, call_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), numbered AS (
    SELECT *, sum(is_first::INTEGER) OVER (PARTITION BY person ORDER BY started_at, call_id
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS shift_no
    FROM paused
), shifts AS (
    SELECT person, arg_min_null(entry_no, started_at) AS entry_no, min(started_at) AS first_at, max(ended_at) AS last_at,
        count(*) AS calls, count(*) FILTER (is_answered) AS answered, sum(talk_ms) AS talk_ms, sum(sales) AS sales,
        sum(amount) AS amount
    FROM numbered GROUP BY person, shift_no
)
"""  # noqa: S608 - joins constants only
_STORED: Final = f"""
{PEOPLE}, {TALKS}, shifts AS (
    SELECT operator AS person, entry_no, first_at, last_at, calls, answered, talk_ms, sales, amount
    FROM operator_shifts
    WHERE gap_hours = $gap_hours AND ($since::TIMESTAMP IS NULL OR first_at >= $since::TIMESTAMP)
        AND ($until::TIMESTAMP IS NULL OR first_at < $until::TIMESTAMP)
)
"""  # noqa: S608 - joins constants only
SQL_STORED: Final = "SELECT gap_hours FROM operator_shifts LIMIT 1"
SQL_CLEAR: Final = "DELETE FROM operator_shifts"
SQL_WRITE: Final = f"""
INSERT INTO operator_shifts BY NAME
WITH {_FOUND} SELECT * RENAME (person AS operator), $gap_hours::INTEGER AS gap_hours FROM shifts ORDER BY first_at, operator
"""  # noqa: S608 - joins constants only


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """How presence is told from calls: the pause that ends a shift, and the paid minutes around its calls."""

    gap_hours: int
    extra_min: int


def shifts_of(queries: Queries, presence: Presence) -> str:
    """Return tables to put into WITH: PEOPLE, TALKS and `shifts`, as stored or, with none stored for this pause, found anew.

    Their values are those of talk_values, and `gap_hours`. A stored shift belongs to a period if it began within.
    """
    stored = queries.execute(SQL_STORED).fetchall()
    return _STORED if stored and stored[0][0] == presence.gap_hours else _FOUND


def write_shifts(connection: duckdb.DuckDBPyConnection, gap_hours: int) -> None:
    """Replace the stored shifts by those of the calls, orders and operators that are stored now."""
    connection.execute(SQL_CLEAR)
    connection.execute(SQL_WRITE, {**talk_values(None, None), "gap_hours": gap_hours})


def talk_values(since: datetime | None, until: datetime | None) -> dict[str, object]:
    """Return the values that TALKS binds."""
    return {"since": naive_utc(since), "until": naive_utc(until)}
