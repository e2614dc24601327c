"""Questions about the calls that came by the hour, how patient clients are, and from when to when calls are known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from callscore.store.asked import Queries
from callscore.store.telephony import OUT_OF_HOURS, PERIOD, Hours, Window, hour_values, window_values

__all__ = [
    "CallSpan",
    "HourLoad",
    "Patience",
    "days_values",
    "read_call_span",
    "read_hour_loads",
    "read_patience",
]

# A day without a call counts as well: the average is over every day on which the shop works.
SQL_HOURS: Final = f"""
WITH called AS (
    SELECT p.direction, p.disposition, p.talk_ms, p.wait_ms, p.answered_at, p.ended_at,
        (p.started_at AT TIME ZONE 'UTC') AT TIME ZONE $timezone AS local_at
    FROM pbx_calls p WHERE p.direction IN ('inbound', 'outbound', 'callback') AND {PERIOD}
), days AS (
    SELECT unnest(generate_series($first_day::DATE, $last_day::DATE, INTERVAL 1 DAY))::DATE AS day
), open_days AS (
    SELECT day FROM days
    WHERE contains($work_days, isodow(day)::VARCHAR) AND NOT list_contains($days_off::DATE[], day)
), counted AS (
    SELECT local_at::DATE AS day, hour(local_at) AS hour,
        count(*) FILTER (direction = 'inbound' AND disposition <> 'blocked') AS calls,
        count(*) FILTER (direction = 'inbound' AND disposition = 'answered') AS answered,
        coalesce(sum(least(coalesce(talk_ms, date_diff('millisecond', answered_at, ended_at)), 14400000))
            FILTER (direction = 'inbound' AND disposition = 'answered'), 0) AS talk_ms,
        count(coalesce(talk_ms, date_diff('millisecond', answered_at, ended_at)))
            FILTER (direction = 'inbound' AND disposition = 'answered') AS timed,
        coalesce(sum(least(coalesce(talk_ms, date_diff('millisecond', answered_at, ended_at)), 14400000))
            FILTER (direction <> 'inbound' AND disposition = 'answered'), 0) AS outgoing_ms
    FROM called GROUP BY ALL
), cells AS (
    SELECT day, hour, coalesce(calls, 0) AS calls, coalesce(answered, 0) AS answered, coalesce(talk_ms, 0) AS talk_ms,
        coalesce(timed, 0) AS timed, coalesce(outgoing_ms, 0) AS outgoing_ms
    FROM open_days CROSS JOIN range(0, 24) clock(hour) LEFT JOIN counted USING (day, hour)
)
SELECT CASE WHEN grouping(weekday) = 0 THEN weekday END, hour, count(*), sum(calls), sum(calls * calls), sum(answered),
    sum(talk_ms), sum(timed), sum(outgoing_ms)
FROM (SELECT *, isodow(day) AS weekday FROM cells)
GROUP BY GROUPING SETS ((hour), (weekday, hour)) HAVING sum(calls) > 0 OR sum(outgoing_ms) > 0
ORDER BY 1 NULLS FIRST, hour
"""  # noqa: S608 - joins constants only
SQL_PATIENCE: Final = f"""
WITH called AS (
    SELECT p.disposition, p.wait_ms, (p.started_at AT TIME ZONE 'UTC') AT TIME ZONE $timezone AS local_at
    FROM pbx_calls p WHERE p.direction = 'inbound' AND p.wait_ms IS NOT NULL
        AND p.disposition NOT IN ('blocked', 'unknown') AND {PERIOD}
)
SELECT count(*) FILTER (disposition = 'abandoned'), coalesce(sum(wait_ms), 0), count(*)
FROM called WHERE NOT {OUT_OF_HOURS.format("local_at")}
"""  # noqa: S608 - joins constants only
SQL_SPAN: Final = """
SELECT min(p.started_at), max(p.started_at),
    (SELECT max(s.covered_until) FROM source_progress s WHERE $source::VARCHAR IS NULL OR s.source = $source::VARCHAR)
FROM pbx_calls p WHERE ($source::VARCHAR IS NULL OR p.source = $source::VARCHAR)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSpan:
    """From when to when calls are known: the first and the last start, and how far the sources were read, aware UTC."""

    first_at: datetime
    last_at: datetime
    covered_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HourLoad:
    """Calls that came in an hour of the day on the days the shop works; `weekday` 1..7 (Monday is 1), None: all.

    `square` is the sum over days of the squared number of calls; `talk_ms` is over `timed` answered calls.
    """

    weekday: int | None
    hour: int
    days: int
    calls: int
    square: int
    answered: int
    talk_ms: int
    timed: int
    outgoing_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How many clients gave up in opening hours, and how long all of them waited together, ms, of so many calls."""

    gave_up: int
    waited_ms: int
    calls: int


def read_call_span(queries: Queries, source: str | None) -> CallSpan | None:
    """Return from when to when calls are known, None where there are none."""
    first, last, covered = queries.execute(SQL_SPAN, {"source": source}).fetchall()[0]
    if first is None:
        return None
    return CallSpan(
        first_at=first.replace(tzinfo=UTC),
        last_at=last.replace(tzinfo=UTC),
        covered_until=covered.replace(tzinfo=UTC) if covered else None,
    )


def read_hour_loads(queries: Queries, hours: Hours, window: Window) -> tuple[HourLoad, ...]:
    """Return the hours in which calls came: over all days, then by day of the week. The window needs both ends."""
    since, until = window.since, window.until
    if since is None or until is None:
        raise ValueError("the hours need a window with both ends")
    zone = ZoneInfo(hours.timezone)
    days = {
        "first_day": since.astimezone(zone).date(),
        "last_day": (until - timedelta(microseconds=1)).astimezone(zone).date(),
    }
    return tuple(
        HourLoad(
            weekday=row[0],
            hour=row[1],
            days=row[2],
            calls=int(row[3]),
            square=int(row[4]),
            answered=int(row[5]),
            talk_ms=int(row[6]),
            timed=int(row[7]),
            outgoing_ms=int(row[8]),
        )
        for row in queries.execute(SQL_HOURS, {**window_values(window), **days_values(hours), **days}).fetchall()
    )


def read_patience(queries: Queries, hours: Hours, window: Window) -> Patience:
    """Return what is known of the clients' patience in opening hours."""
    row = queries.execute(SQL_PATIENCE, {**hour_values(hours), **window_values(window)}).fetchall()[0]
    return Patience(gave_up=row[0], waited_ms=int(row[1]), calls=row[2])


def days_values(hours: Hours) -> dict[str, Any]:
    """Return the values that tell days of work from others."""
    return {"timezone": hours.timezone, "work_days": hours.work_days, "days_off": list(hours.days_off)}
