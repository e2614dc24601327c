"""Questions about the work of operators: talks, the pauses between them, and time at the phone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from callscore.store.asked import Queries
from callscore.store.call_hours import days_values
from callscore.store.people_groups import PEOPLE, PERSON, WHO
from callscore.store.telephony import PERIOD, Hours, Window, window_values

__all__ = [
    "OperatorHour",
    "OperatorLoad",
    "WorkOptions",
    "read_operator_hours",
    "read_operator_loads",
]

# A talk that never ended in the telephone system's books was not a talk of a day.
_LONGEST: Final = "INTERVAL 4 HOUR"
_TALKS: Final = f"""
{PEOPLE}, legs AS (
    SELECT l.source, l.pbx_call_id, l.kind LIKE 'transfer%' AS is_handed, l.operator, l.operator_id, l.extension,
        l.answered_at, l.ended_at
    FROM pbx_legs l WHERE l.kind <> 'ring' AND l.answered_at IS NOT NULL
), c AS (
    SELECT p.direction, p.started_at AS came_at, l.is_handed, l.operator, l.operator_id, l.extension,
        l.answered_at AS started_at, coalesce(l.ended_at, p.ended_at, l.answered_at + to_milliseconds(p.talk_ms)) AS ended_at
    FROM legs l JOIN pbx_calls p USING (source, pbx_call_id) WHERE {PERIOD}
    UNION ALL
    SELECT p.direction, p.started_at, false, p.operator, p.operator_id, p.extension,
        coalesce(p.answered_at, p.started_at + to_milliseconds(coalesce(p.wait_ms, 0))) AS talk_at,
        coalesce(p.ended_at, talk_at + to_milliseconds(p.talk_ms))
    FROM pbx_calls p ANTI JOIN legs USING (source, pbx_call_id) WHERE p.disposition = 'answered' AND {PERIOD}
), talks AS (
    SELECT {PERSON} AS person, c.direction, c.is_handed, epoch_ms(c.came_at) AS came_ms, epoch_ms(c.started_at) AS from_ms,
        epoch_ms(greatest(c.started_at, least(c.ended_at, c.started_at + {_LONGEST}))) AS to_ms
    FROM c {WHO}
)
"""  # noqa: S608 - joins constants only
# An operator who holds two calls at once is busy once: overlapping talks are merged. `before_ms` is when the last one ended.
_BUSY: Final = """
ordered AS (
    SELECT *, max(to_ms) OVER (PARTITION BY person ORDER BY from_ms, to_ms ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
        AS before_ms
    FROM talks WHERE person IS NOT NULL AND to_ms IS NOT NULL
), gaps AS (
    SELECT *, CASE WHEN from_ms > before_ms THEN from_ms - before_ms END AS gap_ms,
        before_ms IS NULL OR from_ms > before_ms AS is_fresh,
        before_ms IS NULL OR from_ms > before_ms + $away_ms AS is_arrival
    FROM ordered
)
"""
SQL_OPERATORS: Final = f"""
WITH {_TALKS}, {_BUSY}
SELECT person, count(*) FILTER (direction = 'inbound' AND NOT is_handed),
    count(*) FILTER (direction IN ('outbound', 'callback') AND NOT is_handed),
    count(*) FILTER (direction IS DISTINCT FROM 'internal' AND is_handed), count(*) FILTER (direction = 'internal'),
    sum(to_ms - from_ms) FILTER (direction IS DISTINCT FROM 'internal'),
    count(to_ms) FILTER (direction IS DISTINCT FROM 'internal'),
    count(*) FILTER (gap_ms <= $wrap_ms), quantile_cont(gap_ms, 0.5) FILTER (gap_ms <= $wrap_ms),
    count(*) FILTER (gap_ms <= $wrap_ms AND direction = 'inbound' AND came_ms <= before_ms),
    avg(gap_ms) FILTER (gap_ms <= $wrap_ms AND direction = 'inbound' AND came_ms <= before_ms)
FROM (SELECT * FROM gaps UNION ALL
    SELECT *, NULL, NULL, NULL, NULL FROM talks WHERE person IS NULL OR to_ms IS NULL)
GROUP BY person ORDER BY person NULLS LAST
"""  # noqa: S608 - joins constants only
# Time at the phone: from the first to the last talk without a pause as long as $away_ms, and at both ends the person's
# average pause, for nobody is called in the second of sitting down. Cut by the hours of the clock.
SQL_OPERATOR_HOURS: Final = f"""
WITH {_TALKS}, {_BUSY}, numbered AS (
    SELECT person, from_ms, to_ms, gap_ms, is_arrival,
        count(*) FILTER (is_fresh) OVER so_far AS busy_no, count(*) FILTER (is_arrival) OVER so_far AS stay_no
    FROM gaps WINDOW so_far AS (PARTITION BY person ORDER BY from_ms, to_ms ROWS UNBOUNDED PRECEDING)
), pauses AS (
    SELECT person, least(coalesce(avg(gap_ms) FILTER (NOT is_arrival), 0), $away_ms / 2)::BIGINT AS pause_ms
    FROM numbered GROUP BY person
), spans AS (
    SELECT person, 'busy' AS kind, min(from_ms) AS from_ms, max(to_ms) AS to_ms FROM numbered GROUP BY person, busy_no
    UNION ALL
    SELECT person, 'stay', min(from_ms) - any_value(pause_ms), max(to_ms) + any_value(pause_ms)
    FROM numbered JOIN pauses USING (person) GROUP BY person, stay_no
), cut AS (
    SELECT person, kind, from_ms, to_ms,
        unnest(range((from_ms + $shift_ms) // 3600000, (to_ms + $shift_ms) // 3600000 + 1)) * 3600000 - $shift_ms AS hour_ms
    FROM spans
), placed AS (
    SELECT *, (make_timestamp_ms(hour_ms) AT TIME ZONE 'UTC') AT TIME ZONE $timezone AS local_at FROM cut
)
SELECT person, hour(local_at) AS hour,
    sum(least(to_ms, hour_ms + 3600000) - greatest(from_ms, hour_ms)) FILTER (kind = 'busy'),
    sum(least(to_ms, hour_ms + 3600000) - greatest(from_ms, hour_ms)) FILTER (kind = 'stay'),
    sum(least(to_ms, hour_ms + 3600000) - greatest(from_ms, hour_ms)) FILTER (kind = 'stay'
        AND contains($work_days, isodow(local_at)::VARCHAR) AND NOT list_contains($days_off::DATE[], local_at::DATE))
FROM placed WHERE hour_ms >= $from_ms AND hour_ms < $to_ms GROUP BY ALL ORDER BY person, hour
"""  # noqa: S608 - joins constants only
SQL_HOLD: Final = f"""
WITH {PEOPLE}, c AS (
    SELECT call_id, started_at, operator, NULL::VARCHAR AS operator_id, extension FROM calls p
    WHERE p.status = 'done' AND p.started_at IS NOT NULL AND {PERIOD}
)
SELECT {PERSON} AS person, count(*), sum(m.hold_ms) FROM c JOIN call_metrics m USING (call_id) {WHO} GROUP BY ALL
"""  # noqa: S608 - joins constants only


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOptions:
    """How pauses are read: up to `wrap_ms` may be work after a call, from `away_ms` on the operator was away."""

    wrap_ms: int
    away_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorLoad:
    """The talks of a person (None: not known who) and the pauses between them.

    `talk_ms` is over `timed` talks. `pauses` are those up to the cap; `wraps` those of them in which the next client was
    already waiting, so that the pause was not idleness. `hold_ms` of hold music was heard in `heard` recordings.
    """

    person: str | None
    incoming: int
    outgoing: int
    taken_over: int
    internal: int
    talk_ms: int
    timed: int
    pauses: int
    median_pause_ms: int | None
    wraps: int
    mean_wrap_ms: float | None
    heard: int
    hold_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorHour:
    """How long a person talked and was at the phone in an hour of the day, ms; over all days, and over days of work."""

    person: str
    hour: int
    busy_ms: int
    present_ms: int
    present_work_ms: int


def read_operator_loads(queries: Queries, window: Window, options: WorkOptions) -> tuple[OperatorLoad, ...]:
    """Return what each operator did, by name; the unknown one last."""
    values = window_values(window)
    held = {row[0]: row[1:] for row in queries.execute(SQL_HOLD, values).fetchall()}
    pauses = {"wrap_ms": options.wrap_ms, "away_ms": options.away_ms}
    return tuple(
        OperatorLoad(
            person=row[0],
            incoming=row[1],
            outgoing=row[2],
            taken_over=row[3],
            internal=row[4],
            talk_ms=int(row[5] or 0),
            timed=row[6],
            pauses=row[7],
            median_pause_ms=None if row[8] is None else round(row[8]),
            wraps=row[9],
            mean_wrap_ms=row[10],
            heard=held.get(row[0], (0, 0))[0],
            hold_ms=int(held.get(row[0], (0, 0))[1] or 0),
        )
        for row in queries.execute(SQL_OPERATORS, {**values, **pauses}).fetchall()
    )


def read_operator_hours(queries: Queries, hours: Hours, window: Window, options: WorkOptions) -> tuple[OperatorHour, ...]:
    """Return the time each known operator talked and was at the phone, by hour of the shop's day."""
    since, until = window.since, window.until
    if since is None or until is None:
        raise ValueError("the hours of operators need a window with both ends")
    values: dict[str, Any] = {
        **window_values(window),
        "away_ms": options.away_ms,
        **days_values(hours),
        "from_ms": _milliseconds(since),
        "to_ms": _milliseconds(until),
        "shift_ms": _half_hour(since, hours.timezone),
    }
    return tuple(
        OperatorHour(
            person=row[0],
            hour=row[1],
            busy_ms=int(row[2] or 0),
            present_ms=int(row[3] or 0),
            present_work_ms=int(row[4] or 0),
        )
        for row in queries.execute(SQL_OPERATOR_HOURS, values).fetchall()
    )


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _half_hour(at: datetime, timezone: str) -> int:
    """Return by how much the hours of the zone's clocks are off those of UTC, ms; half an hour in India."""
    offset = at.astimezone(ZoneInfo(timezone)).utcoffset() or timedelta()
    return round(offset.total_seconds() * 1000) % 3_600_000
