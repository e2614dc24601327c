"""What a day was like beside the same weekday of earlier weeks: for the morning digest. Typed answers, no decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from callscore.store.asked import Queries
from callscore.store.rows import naive_utc

__all__ = ["WEEKS", "DayFigures", "Trouble", "Urgent", "read_day_figures", "read_flag_counts", "read_troubles", "read_urgent"]

WEEKS: Final = 8
"""How many earlier weeks a day is compared with."""
_DAY: Final = "((started_at AT TIME ZONE 'UTC') AT TIME ZONE $timezone)::DATE"

SQL_DAY_FIGURES: Final = f"""
WITH wanted AS (SELECT $day::DATE - 7 * n::INTEGER AS on_day FROM range(0, {WEEKS + 1}) AS weeks(n)),
heard AS (
    SELECT {_DAY} AS on_day, count(DISTINCT call_id) AS calls, avg(score) AS score
    FROM calls LEFT JOIN call_scores USING (call_id)
    WHERE status = 'done' AND started_at >= $since AND started_at < $until GROUP BY 1
), rung AS (
    SELECT {_DAY} AS on_day, source, pbx_call_id, disposition
    FROM pbx_calls WHERE direction = 'inbound' AND started_at >= $since AND started_at < $until
), sold AS (
    SELECT DISTINCT j.source, j.pbx_call_id, ((o.created_at AT TIME ZONE 'UTC') AT TIME ZONE $timezone)::DATE AS on_day
    FROM outcome_calls j JOIN outcomes o USING (outcome_id)
    WHERE j.place = 0 AND o.created_at >= $since AND o.created_at < $until
), served AS (
    SELECT rung.on_day, count(*) AS rung, count(*) FILTER (disposition = 'answered') AS answered,
        count(sold.pbx_call_id) FILTER (disposition = 'answered') AS ordered
    FROM rung LEFT JOIN sold USING (source, pbx_call_id, on_day) GROUP BY 1
), first_days AS (
    SELECT (SELECT min({_DAY}) FROM calls) AS heard_from, (SELECT min({_DAY}) FROM pbx_calls) AS rung_from
)
SELECT w.on_day, w.on_day >= heard_from, coalesce(h.calls, 0), h.score, w.on_day >= rung_from, coalesce(s.rung, 0),
    coalesce(s.answered, 0), coalesce(s.ordered, 0)
FROM wanted w CROSS JOIN first_days LEFT JOIN heard h ON h.on_day = w.on_day LEFT JOIN served s ON s.on_day = w.on_day
ORDER BY w.on_day DESC
"""  # noqa: S608 - joins constants only
SQL_FLAG_COUNTS: Final = """
SELECT severity, count(DISTINCT call_id) FROM flags JOIN calls USING (call_id)
WHERE started_at >= $since AND started_at < $until GROUP BY severity ORDER BY severity DESC
"""
# A call once, by its most severe flag; the worst score first among equals.
SQL_URGENT: Final = """
SELECT call_id, any_value(c.operator), any_value(c.started_at), any_value(c.client_phone), max(f.severity),
    arg_max(f.reason, f.severity), arg_max(f.detail, f.severity), min(s.score)
FROM flags f JOIN calls c USING (call_id) LEFT JOIN call_scores s USING (call_id)
WHERE c.started_at >= $since AND c.started_at < $until
GROUP BY call_id ORDER BY max(f.severity) DESC, min(s.score) NULLS LAST, any_value(c.started_at), call_id
LIMIT $limit
"""
SQL_TROUBLES: Final = """
SELECT code, count(*), min(message) FROM failures WHERE failed_at >= $since GROUP BY code ORDER BY count(*) DESC, code
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """A day: calls heard and their mean score; incoming calls, answered ones, and those that led to an order the same day.

    `calls` or `inbound` is None before the first day that the store knows of.
    """

    day: date
    calls: int | None
    score: float | None
    inbound: int | None
    answered: int
    ordered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Urgent:
    """A flagged call by its most severe flag."""

    call_id: str
    operator: str | None
    started_at: datetime
    client_phone: str | None
    severity: int
    reason: str
    detail: str
    score: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """How many recordings failed with a code, and one of the messages."""

    code: int
    count: int
    message: str


def read_day_figures(
    queries: Queries, day: date, window: tuple[datetime, datetime], timezone: str
) -> tuple[DayFigures, tuple[DayFigures, ...]]:
    """Return a day and the same weekdays of the weeks before, newest first.

    Args:
        queries: of an open store.
        day: in `timezone`.
        window: from the start of the oldest of these days to the end of `day`, aware.
        timezone: IANA name.
    """
    values = {"day": day, "since": naive_utc(window[0]), "until": naive_utc(window[1]), "timezone": timezone}
    rows = queries.execute(SQL_DAY_FIGURES, values).fetchall()
    days = tuple(
        DayFigures(
            day=row[0],
            calls=row[2] if row[1] else None,
            score=row[3],
            inbound=row[5] if row[4] else None,
            answered=row[6],
            ordered=row[7],
        )
        for row in rows
    )
    return days[0], days[1:]


def read_flag_counts(queries: Queries, since: datetime, until: datetime) -> dict[int, int]:
    """Return how many calls of a time have flags, by severity."""
    return dict(queries.execute(SQL_FLAG_COUNTS, _between(since, until)).fetchall())


def read_urgent(queries: Queries, since: datetime, until: datetime, limit: int) -> tuple[Urgent, ...]:
    """Return the flagged calls of a time, most urgent first, then the worst score."""
    return tuple(
        Urgent(
            call_id=row[0],
            operator=row[1],
            started_at=row[2].replace(tzinfo=UTC),
            client_phone=row[3],
            severity=row[4],
            reason=row[5],
            detail=row[6],
            score=row[7],
        )
        for row in queries.execute(SQL_URGENT, {**_between(since, until), "limit": limit}).fetchall()
    )


def read_troubles(queries: Queries, since: datetime) -> tuple[Trouble, ...]:
    """Return why recordings failed since then and still do, most frequent first."""
    rows = queries.execute(SQL_TROUBLES, {"since": naive_utc(since)}).fetchall()
    return tuple(Trouble(code=row[0], count=row[1], message=row[2]) for row in rows)


def _between(since: datetime, until: datetime) -> dict[str, Any]:
    return {"since": naive_utc(since), "until": naive_utc(until)}
