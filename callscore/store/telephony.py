"""Questions about what telephony and CRM systems told: missed calls, lines, sources, orders. Typed answers, no decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from callscore.store.asked import Queries
from callscore.store.assemble import aware_utc
from callscore.store.entries import FeedRow, RejectRow
from callscore.store.rows import naive_utc

__all__ = [
    "Hours",
    "LineRow",
    "MissedRow",
    "OutcomeRow",
    "read_feeds",
    "read_lines",
    "read_missed",
    "read_outcomes",
    "read_rejects",
]

_LOCAL: Final = "((p.started_at AT TIME ZONE 'UTC') AT TIME ZONE $timezone)"
_OUT_OF_HOURS: Final = f"""
NOT (contains($work_days, isodow({_LOCAL})::VARCHAR) AND CASE WHEN $open_at <= $close_at
    THEN strftime({_LOCAL}, '%H:%M') >= $open_at AND strftime({_LOCAL}, '%H:%M') < $close_at
    ELSE strftime({_LOCAL}, '%H:%M') >= $open_at OR strftime({_LOCAL}, '%H:%M') < $close_at END)
"""
_BETWEEN: Final = """
    ($since::TIMESTAMP IS NULL OR p.started_at >= $since::TIMESTAMP)
    AND ($until::TIMESTAMP IS NULL OR p.started_at < $until::TIMESTAMP)
"""
_MISSED: Final = "p.direction = 'inbound' AND p.disposition NOT IN ('answered', 'unknown')"

# Whoever rang whom first after a missed call: the shop called back, or the client got through by trying again.
SQL_MISSED: Final = f"""
WITH lost AS (
    SELECT p.*, {_OUT_OF_HOURS} AS out_of_hours FROM pbx_calls p WHERE {_MISSED} AND {_BETWEEN}
), later AS (
    SELECT l.source, l.pbx_call_id, b.started_at, b.direction, coalesce(b.operator, b.extension, b.operator_id) AS operator,
        row_number() OVER (PARTITION BY l.source, l.pbx_call_id ORDER BY b.started_at, b.pbx_call_id) AS place
    FROM lost l JOIN pbx_calls b ON b.client_phone = l.client_phone AND b.started_at > l.started_at
        AND b.started_at <= l.started_at + to_hours($callback_hours::INTEGER) AND b.disposition = 'answered'
        AND b.direction IN ('inbound', 'outbound', 'callback')
)
SELECT l.call_id, l.started_at, l.did, l.queue, l.client_phone, l.wait_ms, l.disposition, l.missed_reason, l.out_of_hours,
    a.started_at, a.direction, a.operator
FROM lost l LEFT JOIN later a ON a.source = l.source AND a.pbx_call_id = l.pbx_call_id AND a.place = 1
ORDER BY l.started_at DESC, l.call_id
LIMIT coalesce($limit::BIGINT, 9223372036854775807)
"""  # noqa: S608 - joins constants only
SQL_LINES: Final = f"""
WITH called AS (
    SELECT p.*, {_OUT_OF_HOURS} AS out_of_hours, coalesce(p.campaign, p.utm['utm_source'][1]) AS origin
    FROM pbx_calls p WHERE p.direction = 'inbound' AND {_BETWEEN}
), won AS (
    SELECT j.source, j.pbx_call_id, count(*) AS orders, count(*) FILTER (o.outcome = 'won') AS won,
        sum(o.amount) FILTER (o.outcome = 'won') AS amount
    FROM outcome_calls j JOIN outcomes o USING (outcome_id) WHERE j.place = 0 GROUP BY ALL
)
SELECT kind, name, count(*), count(*) FILTER (disposition = 'answered'),
    count(*) FILTER (disposition NOT IN ('answered', 'unknown') AND NOT out_of_hours),
    count(*) FILTER (disposition NOT IN ('answered', 'unknown') AND out_of_hours),
    median(wait_ms), coalesce(sum(won.orders), 0), coalesce(sum(won.won), 0), coalesce(sum(won.amount), 0)
FROM (
    SELECT 'line' AS kind, did AS name, * FROM called
    UNION ALL
    SELECT 'origin', origin, * FROM called WHERE origin IS NOT NULL
) LEFT JOIN won USING (source, pbx_call_id)
GROUP BY kind, name ORDER BY kind, count(*) DESC, name NULLS LAST
"""  # noqa: S608 - joins constants only
SQL_FEEDS: Final = """
SELECT s.source, s.kind, s.covered_until, s.read_at, s.error,
    (SELECT count(*) FROM pbx_calls p WHERE p.source = s.source),
    (SELECT count(*) FROM outcomes o WHERE o.source = s.source),
    (SELECT count(*) FROM pbx_calls p WHERE p.source = s.source AND p.disposition = 'answered' AND p.n_recordings = 0
        AND p.direction IS DISTINCT FROM 'internal' AND coalesce(p.talk_ms, 1) > 0),
    (SELECT count(*) FROM pbx_recordings r WHERE r.source = s.source AND r.status <> 'fetched' AND r.attempts > 0),
    (SELECT count(*) FROM source_rejects j WHERE j.source = s.source)
FROM source_progress s ORDER BY s.source
"""
SQL_REJECTS: Final = "SELECT source, place, reason, seen_at FROM source_rejects ORDER BY seen_at DESC, source, place LIMIT 50"
SQL_OUTCOMES: Final = """
SELECT outcome_id, number, source, created_at, closed_at, outcome, status, amount, currency, operator, call_id, join_rule,
    join_certainty
FROM outcomes
WHERE ($since::TIMESTAMP IS NULL OR created_at >= $since::TIMESTAMP)
    AND ($until::TIMESTAMP IS NULL OR created_at < $until::TIMESTAMP) AND (NOT $unmatched OR call_id IS NULL)
ORDER BY created_at DESC, outcome_id
LIMIT coalesce($limit::BIGINT, 9223372036854775807)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """When the shop is open: local times "HH:MM", digits of week days (Monday is 1), the zone, and the time for call-backs."""

    open_at: str
    close_at: str
    work_days: str
    timezone: str
    callback_hours: int


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
class LineRow:
    """Incoming calls of a line (`kind` line) or of an advertising source (`kind` origin), and the orders that came of them."""

    kind: str
    name: str | None
    calls: int
    answered: int
    missed: int
    missed_out_of_hours: int
    median_wait_ms: int | None
    orders: int
    won: int
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRow:
    """An order with the call that led to it; `rule` says how it was found, or why none was."""

    outcome_id: str
    number: str | None
    source: str
    created_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    status: str
    amount: float | None
    currency: str | None
    operator: str | None
    call_id: str | None
    rule: str | None
    certainty: str | None


def read_missed(
    queries: Queries, hours: Hours, since: datetime | None, until: datetime | None, limit: int | None
) -> tuple[MissedRow, ...]:
    """Return the missed calls, newest first."""
    values = {**_hours(hours), **_between(since, until), "callback_hours": hours.callback_hours, "limit": limit}
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


def read_lines(queries: Queries, hours: Hours, since: datetime | None, until: datetime | None) -> tuple[LineRow, ...]:
    """Return the lines, then the advertising sources, most calls first."""
    rows = queries.execute(SQL_LINES, {**_hours(hours), **_between(since, until)}).fetchall()
    return tuple(
        LineRow(
            kind=row[0],
            name=row[1],
            calls=row[2],
            answered=row[3],
            missed=row[4],
            missed_out_of_hours=row[5],
            median_wait_ms=None if row[6] is None else round(row[6]),
            orders=int(row[7]),
            won=int(row[8]),
            amount=float(row[9]),
        )
        for row in rows
    )


def read_feeds(queries: Queries) -> tuple[FeedRow, ...]:
    """Return every source that was ever read, by name."""
    return tuple(
        FeedRow(
            source=row[0],
            kind=row[1],
            covered_until=aware_utc(row[2]),
            read_at=row[3].replace(tzinfo=UTC),
            error=row[4],
            calls=row[5],
            orders=row[6],
            unrecorded=row[7],
            unfetched=row[8],
            rejects=row[9],
        )
        for row in queries.execute(SQL_FEEDS).fetchall()
    )


def read_rejects(queries: Queries) -> tuple[RejectRow, ...]:
    """Return the last fifty rows that could not be used."""
    return tuple(
        RejectRow(source=row[0], place=row[1], reason=row[2], seen_at=row[3].replace(tzinfo=UTC))
        for row in queries.execute(SQL_REJECTS).fetchall()
    )


def read_outcomes(
    queries: Queries,
    since: datetime | None,
    until: datetime | None,
    limit: int | None,
    *,
    unmatched: bool,
) -> tuple[OutcomeRow, ...]:
    """Return the orders, newest first; only those without a call if `unmatched`."""
    values = {**_between(since, until), "limit": limit, "unmatched": unmatched}
    return tuple(
        OutcomeRow(
            outcome_id=row[0],
            number=row[1],
            source=row[2],
            created_at=aware_utc(row[3]),
            closed_at=aware_utc(row[4]),
            outcome=row[5],
            status=row[6],
            amount=float(row[7]) if isinstance(row[7], Decimal) else row[7],
            currency=row[8],
            operator=row[9],
            call_id=row[10],
            rule=row[11],
            certainty=row[12],
        )
        for row in queries.execute(SQL_OUTCOMES, values).fetchall()
    )


def _hours(hours: Hours) -> dict[str, Any]:
    return {
        "open_at": hours.open_at,
        "close_at": hours.close_at,
        "work_days": hours.work_days,
        "timezone": hours.timezone,
    }


def _between(since: datetime | None, until: datetime | None) -> dict[str, Any]:
    return {"since": naive_utc(since), "until": naive_utc(until)}
