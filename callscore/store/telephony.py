"""Questions about how sources are read and about orders; and the SQL that questions about telephony share."""

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
    "LOCAL",
    "OUT_OF_HOURS",
    "PERIOD",
    "Hours",
    "OutcomeRow",
    "Window",
    "hour_values",
    "read_feeds",
    "read_outcomes",
    "read_rejects",
    "window_values",
]

LOCAL: Final = "((p.started_at AT TIME ZONE 'UTC') AT TIME ZONE $timezone)"
"""When the call `p` began, local."""

OUT_OF_HOURS: Final = """
NOT (CASE WHEN $open_at <= $close_at
    THEN {local}::TIME >= $open_at::TIME AND {local}::TIME < $close_at::TIME AND {is_work_day_0}
    ELSE ({local}::TIME >= $open_at::TIME AND {is_work_day_0}) OR ({local}::TIME < $close_at::TIME AND {is_work_day_1}) END)
""".format(
    local="{0}",
    is_work_day_0="contains($work_days, isodow({0})::VARCHAR) AND NOT list_contains($days_off::DATE[], {0}::DATE)",
    # After midnight it is still the evening of the day before.
    is_work_day_1="contains($work_days, isodow({0} - INTERVAL 1 DAY)::VARCHAR)"
    " AND NOT list_contains($days_off::DATE[], {0}::DATE - 1)",
)
"""Whether the shop is closed at a local time, which is to be formatted in."""

PERIOD: Final = """
    ($since::TIMESTAMP IS NULL OR p.started_at >= $since::TIMESTAMP)
    AND ($until::TIMESTAMP IS NULL OR p.started_at < $until::TIMESTAMP)
    AND ($source::VARCHAR IS NULL OR p.source = $source::VARCHAR)
"""
"""Which calls `p` a question is about."""

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
    """When the shop is open: local times "HH:MM", digits of week days (Monday is 1), the zone, and the time for call-backs.

    On `days_off` (ISO 8601) it is closed all day.
    """

    open_at: str
    close_at: str
    work_days: str
    timezone: str
    callback_hours: int
    days_off: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which calls a question is about: from `since` to before `until` (aware UTC), of one source; None: all."""

    since: datetime | None = None
    until: datetime | None = None
    source: str | None = None


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


def hour_values(hours: Hours) -> dict[str, Any]:
    """Return the values that LOCAL and OUT_OF_HOURS bind."""
    return {
        "open_at": hours.open_at,
        "close_at": hours.close_at,
        "work_days": hours.work_days,
        "days_off": list(hours.days_off),
        "timezone": hours.timezone,
    }


def window_values(window: Window) -> dict[str, Any]:
    """Return the values that PERIOD binds."""
    return {**_between(window.since, window.until), "source": window.source}


def _between(since: datetime | None, until: datetime | None) -> dict[str, Any]:
    return {"since": naive_utc(since), "until": naive_utc(until)}
