"""Questions about missed calls: how many, when and why, who talked to the client afterwards and how soon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from callscore.store.asked import Queries
from callscore.store.assemble import aware_utc
from callscore.store.telephony import LOCAL, OUT_OF_HOURS, PERIOD, Hours, Window, hour_values, window_values

__all__ = [
    "AFTERWARDS_MINUTES",
    "MissedGroup",
    "MissedRow",
    "MissedTotals",
    "Waiting",
    "read_missed",
    "read_missed_numbers",
    "read_waiting",
]

AFTERWARDS_MINUTES: Final = (15, 30, 60)
"""Within how many minutes a call-back is counted."""

_LOST: Final = "p.direction = 'inbound' AND p.disposition NOT IN ('answered', 'unknown')"
# Whoever rang whom first after a missed call: the shop called back, or the client got through by trying again.
_AFTER: Final = """
talked AS (
    SELECT b.client_phone, b.started_at, b.direction, coalesce(b.operator, b.extension, b.operator_id) AS operator
    FROM pbx_calls b WHERE b.disposition = 'answered' AND b.direction IN ('inbound', 'outbound', 'callback')
        AND b.client_phone IN (SELECT client_phone FROM lost) AND b.started_at > (SELECT min(started_at) FROM lost)
), rung AS (
    SELECT b.client_phone, b.started_at FROM pbx_calls b WHERE b.direction IN ('outbound', 'callback')
        AND b.client_phone IN (SELECT client_phone FROM lost) AND b.started_at > (SELECT min(started_at) FROM lost)
), met AS (
    SELECT l.*, t.started_at AS talked_at, t.direction AS talked_how, t.operator AS talked_by
    FROM lost l ASOF LEFT JOIN talked t ON t.client_phone = l.client_phone AND t.started_at > l.started_at
), after AS (
    SELECT m.*, r.started_at AS rung_at, m.started_at + to_hours($callback_hours::INTEGER) AS limit_at
    FROM met m ASOF LEFT JOIN rung r ON r.client_phone = m.client_phone AND r.started_at > m.started_at
), told AS (
    SELECT *, CASE WHEN talked_at <= limit_at THEN CASE WHEN talked_how = 'inbound' THEN 'came' ELSE 'back' END
        WHEN rung_at <= limit_at THEN 'tried' ELSE 'nobody' END AS how
    FROM after
)
"""
_CALLED: Final = f"""
called AS (
    SELECT p.source, p.pbx_call_id, p.started_at, p.client_phone, p.did, p.queue, p.disposition, p.wait_ms,
        {LOCAL} AS local_at
    FROM pbx_calls p WHERE p.direction = 'inbound' AND p.disposition <> 'unknown' AND {PERIOD}
), placed AS (SELECT *, {OUT_OF_HOURS.format("local_at")} AS out_of_hours FROM called),
lost AS (SELECT * FROM placed WHERE disposition <> 'answered')
"""  # noqa: S608 - joins constants only

SQL_MISSED: Final = f"""
WITH lost AS (
    SELECT p.*, {LOCAL} AS local_at FROM pbx_calls p WHERE {_LOST} AND {PERIOD}
    ORDER BY p.started_at DESC, p.call_id LIMIT coalesce($limit::BIGINT, 9223372036854775807)
), {_AFTER}
SELECT call_id, started_at, did, queue, client_phone, wait_ms, disposition, missed_reason, {OUT_OF_HOURS.format("local_at")},
    CASE WHEN talked_at <= limit_at THEN talked_at END, CASE WHEN talked_at <= limit_at THEN talked_how END,
    CASE WHEN talked_at <= limit_at THEN talked_by END
FROM told ORDER BY started_at DESC, call_id
"""  # noqa: S608 - joins constants only

_WITHIN: Final = ", ".join(
    f"count(*) FILTER (how = 'back' AND talked_at <= started_at + INTERVAL {minutes} MINUTE) AS back_{minutes},"
    f" count(*) FILTER (started_at <= until_at - INTERVAL {minutes} MINUTE) AS base_{minutes}"
    for minutes in AFTERWARDS_MINUTES
)
_WITHIN_NAMES: Final = ", ".join(f"back_{minutes}, base_{minutes}" for minutes in AFTERWARDS_MINUTES)
# The last moment that is known: what came of a call missed a minute before it cannot be told yet.
_SEEN: Final = """
seen AS (
    SELECT greatest((SELECT max(covered_until) FROM source_progress), (SELECT max(started_at) FROM pbx_calls)) AS until_at
)
"""
SQL_NUMBERS: Final = f"""
WITH {_CALLED}, {_AFTER}, {_SEEN}, evenings AS (
    SELECT DISTINCT local_at::DATE + CASE WHEN local_at::TIME < $open_at::TIME THEN 0 ELSE 1 END AS first_day
    FROM lost WHERE out_of_hours
), mornings AS (
    SELECT first_day, min(first_day + n::INTEGER) AS day FROM evenings, range(0, 60) ahead(n)
    WHERE contains($work_days, isodow(first_day + n::INTEGER)::VARCHAR)
        AND NOT list_contains($days_off::DATE[], first_day + n::INTEGER)
    GROUP BY first_day
), due AS (
    SELECT told.*, (SELECT until_at FROM seen) AS until_at,
        CASE WHEN out_of_hours THEN ((day + $open_at::TIME + to_hours($morning_hours::INTEGER)) AT TIME ZONE $timezone)
            AT TIME ZONE 'UTC' END AS due_at
    FROM told LEFT JOIN mornings
        ON first_day = local_at::DATE + CASE WHEN local_at::TIME < $open_at::TIME THEN 0 ELSE 1 END AND out_of_hours
), every AS (
    SELECT NULL AS reason, hour(local_at) AS hour, did, queue, out_of_hours, NULL AS how, NULL AS gave_up_ms
    FROM placed WHERE disposition = 'answered'
    UNION ALL
    SELECT disposition, hour(local_at), did, queue, out_of_hours, how, CASE WHEN disposition = 'abandoned' THEN wait_ms END
    FROM told
), grouped AS (
    SELECT CASE WHEN grouping(reason) = 0 THEN 'reason' WHEN grouping(hour) = 0 THEN 'hour' WHEN grouping(did) = 0 THEN 'line'
            ELSE 'queue' END AS kind,
        coalesce(reason, lpad(hour::VARCHAR, 2, '0'), did, queue) AS name,
        count(*) AS calls, count(how) AS missed, count(how) FILTER (NOT out_of_hours) AS in_hours,
        count(*) FILTER (how IN ('back', 'came')) AS talked, count(*) FILTER (how = 'nobody') AS nobody,
        quantile_cont(gave_up_ms, 0.5) AS gave_up_ms
    FROM every GROUP BY GROUPING SETS ((reason), (hour), (did), (queue))
), totals AS (
    SELECT CASE WHEN out_of_hours THEN 'total_out' ELSE 'total_in' END AS kind, count(*) AS missed,
        count(*) FILTER (how = 'nobody') AS nobody, count(DISTINCT client_phone) AS clients,
        count(*) FILTER (client_phone IS NULL) AS no_number, count(*) FILTER (how = 'back') AS back,
        count(*) FILTER (how = 'came') AS came, count(*) FILTER (how = 'tried') AS tried,
        quantile_cont(date_diff('millisecond', started_at, talked_at), 0.5) FILTER (how = 'back') AS back_ms,
        {_WITHIN},
        count(*) FILTER (due_at <= until_at) AS due,
        count(*) FILTER (due_at <= until_at AND talked_at <= due_at) AS by_morning
    FROM due GROUP BY out_of_hours
)
SELECT kind, name, calls, missed, in_hours, talked, nobody, gave_up_ms, clients, no_number, back, came, tried, back_ms, due,
    by_morning, {_WITHIN_NAMES}
FROM (SELECT * FROM totals UNION ALL BY NAME SELECT * FROM grouped WHERE kind <> 'reason' OR name IS NOT NULL)
ORDER BY kind, CASE WHEN kind = 'hour' THEN name END, missed DESC, calls DESC, name NULLS LAST
"""  # noqa: S608 - joins constants only
SQL_WAITING: Final = f"""
WITH {_CALLED}
SELECT count(*), count(*) FILTER (disposition = 'answered'), count(*) FILTER (out_of_hours),
    count(wait_ms) FILTER (disposition = 'answered'),
    quantile_cont(wait_ms, 0.5) FILTER (disposition = 'answered'),
    quantile_cont(wait_ms, 0.9) FILTER (disposition = 'answered'),
    count(wait_ms) FILTER (disposition = 'abandoned'),
    quantile_cont(wait_ms, 0.5) FILTER (disposition = 'abandoned'),
    quantile_cont(wait_ms, 0.9) FILTER (disposition = 'abandoned'),
    count(*) FILTER (NOT out_of_hours AND (disposition <> 'answered' OR wait_ms IS NOT NULL)),
    count(*) FILTER (NOT out_of_hours AND disposition = 'answered' AND wait_ms <= $service_ms),
    count(DISTINCT source)
FROM placed
"""  # noqa: S608 - joins constants only


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedRow:
    """A missed call. `answered_at`: when the client was first talked to after it; `answered_direction`: who called whom."""

    call_id: str
    started_at: datetime
    did: str | None
    queue: str | None
    client_phone: str | None
    wait_ms: int | None
    disposition: str
    missed_reason: str | None
    out_of_hours: bool
    answered_at: datetime | None
    answered_direction: str | None
    answered_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedTotals:
    """What became of the missed calls in or out of hours.

    `called_back`, `came_through`, `tried` (called back in vain) and `nobody` add up to `missed`. `back_within` holds, for each
    of AFTERWARDS_MINUTES, the calls called back in that time and those missed so long ago that it can be told.
    `due` are the calls out of hours whose next morning is over, `by_morning` those of them talked to by then.
    """

    out_of_hours: bool
    missed: int
    clients: int
    no_number: int
    called_back: int
    came_through: int
    tried: int
    nobody: int
    median_back_ms: int | None
    back_within: tuple[tuple[int, int], ...]
    due: int
    by_morning: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedGroup:
    """Incoming calls of a `kind` (reason, hour, line, queue) and name, the missed among them, and who was talked to after.

    `gave_up_ms` is the median time after which clients hung up by themselves.
    """

    kind: str
    name: str | None
    calls: int
    missed: int
    missed_in_hours: int
    talked: int
    nobody: int
    gave_up_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How long clients waited, ms: until answered and until they gave up (median, 90th percentile).

    `service` calls of `service_base` in opening hours were answered in time; missed ones count as not.
    """

    calls: int
    answered: int
    out_of_hours: int
    answered_base: int
    answered_median_ms: int | None
    answered_p90_ms: int | None
    gave_up_base: int
    gave_up_median_ms: int | None
    gave_up_p90_ms: int | None
    service_base: int
    service: int
    sources: int


def read_missed(queries: Queries, hours: Hours, window: Window, limit: int | None) -> tuple[MissedRow, ...]:
    """Return the missed calls, newest first."""
    values = {**hour_values(hours), **window_values(window), "callback_hours": hours.callback_hours, "limit": limit}
    return tuple(
        MissedRow(
            call_id=row[0],
            started_at=row[1].replace(tzinfo=UTC),
            did=row[2],
            queue=row[3],
            client_phone=row[4],
            wait_ms=row[5],
            disposition=row[6],
            missed_reason=row[7],
            out_of_hours=row[8],
            answered_at=aware_utc(row[9]),
            answered_direction=row[10],
            answered_by=row[11],
        )
        for row in queries.execute(SQL_MISSED, values).fetchall()
    )


def read_missed_numbers(
    queries: Queries, hours: Hours, window: Window, morning_hours: int
) -> tuple[tuple[MissedTotals, ...], tuple[MissedGroup, ...]]:
    """Return the totals in opening hours and out of hours (one is missing where there was no missed call), and the groups.

    Groups come kind by kind, hours in order, others with most missed calls first; name None: unknown.
    """
    values = {
        **hour_values(hours),
        **window_values(window),
        "callback_hours": hours.callback_hours,
        "morning_hours": morning_hours,
    }
    rows = queries.execute(SQL_NUMBERS, values).fetchall()
    totals = tuple(_totals(row) for row in rows if row[0].startswith("total"))
    return totals, tuple(_group(row) for row in rows if not row[0].startswith("total"))


def _totals(row: tuple[Any, ...]) -> MissedTotals:
    return MissedTotals(
        out_of_hours=row[0] == "total_out",
        missed=row[3],
        nobody=row[6],
        clients=row[8],
        no_number=row[9],
        called_back=row[10],
        came_through=row[11],
        tried=row[12],
        median_back_ms=_whole(row[13]),
        due=row[14],
        by_morning=row[15],
        back_within=((row[16], row[17]), (row[18], row[19]), (row[20], row[21])),
    )


def _group(row: tuple[Any, ...]) -> MissedGroup:
    return MissedGroup(
        kind=row[0],
        name=row[1],
        calls=row[2],
        missed=row[3],
        missed_in_hours=row[4],
        talked=row[5],
        nobody=row[6],
        gave_up_ms=_whole(row[7]),
    )


def read_waiting(queries: Queries, hours: Hours, window: Window, service_ms: int) -> Waiting:
    """Return how long clients waited; counts are 0 where no call came."""
    row = queries.execute(SQL_WAITING, {**hour_values(hours), **window_values(window), "service_ms": service_ms}).fetchall()[0]
    return Waiting(
        calls=row[0],
        answered=row[1],
        out_of_hours=row[2],
        answered_base=row[3],
        answered_median_ms=_whole(row[4]),
        answered_p90_ms=_whole(row[5]),
        gave_up_base=row[6],
        gave_up_median_ms=_whole(row[7]),
        gave_up_p90_ms=_whole(row[8]),
        service_base=row[9],
        service=row[10],
        sources=row[11],
    )


def _whole(value: Any) -> int | None:
    return None if value is None else round(value)
