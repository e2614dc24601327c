"""Questions behind priorities and efficiency: operators on equal calls, in which queues, and when they are there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from callscore.store.asked import Queries
from callscore.store.people_groups import PEOPLE, PERSON, WHO
from callscore.store.shifts import TALKS, WON, Presence, shifts_of, talk_values

__all__ = [
    "EqualCalls",
    "HourRow",
    "MemberRow",
    "WorkRow",
    "read_busy_hours",
    "read_incoming",
    "read_quality",
    "read_work",
]

_LOCAL: Final = "((c.started_at AT TIME ZONE 'UTC') AT TIME ZONE $timezone)"
# Kinds of calls that sell alike: the line, the time of day in blocks of four hours, working days and weekends. The extension is
# that of the last call: people change desks.
SQL_INCOMING: Final = f"""
WITH {PEOPLE}, {TALKS}, {WON}
SELECT {PERSON} AS person, concat_ws('|', coalesce(c.did, ''), hour({_LOCAL}) // 4, isodow({_LOCAL}) > 5) AS call_kind, c.queue,
    count(*), count(won.call_id), arg_max(c.extension, c.started_at), max(c.started_at) FILTER (c.extension IS NOT NULL)
FROM talks c {WHO} LEFT JOIN won ON won.call_id = c.call_id
WHERE c.is_answered AND c.direction = 'inbound' AND {PERSON} IS NOT NULL
GROUP BY person, call_kind, c.queue ORDER BY c.queue NULLS LAST, person, call_kind
"""  # noqa: S608 - joins constants only
# Kinds of calls that are scored alike: the rubric, the kind of talk and the line.
SQL_QUALITY: Final = f"""
WITH {PEOPLE}, c AS (
    SELECT *, NULL::VARCHAR AS operator_id FROM calls WHERE ($since::TIMESTAMP IS NULL OR started_at >= $since::TIMESTAMP)
        AND ($until::TIMESTAMP IS NULL OR started_at < $until::TIMESTAMP)
)
SELECT {PERSON} AS person,
    concat_ws('|', s.rubric, s.rubric_version, coalesce(c.call_type, ''), coalesce(c.did, '')) AS call_kind,
    count(*), sum(s.score), sum(s.score * s.score), sum(s.score - s.score_low), sum(s.score_high - s.score)
FROM call_scores s JOIN c USING (call_id) {WHO}
WHERE s.score IS NOT NULL AND {PERSON} IS NOT NULL
GROUP BY person, call_kind ORDER BY person, call_kind
"""  # noqa: S608 - joins constants only
_BUSY_HOURS: Final = """
WITH {shifts}, placed AS (
    SELECT unnest($people::VARCHAR[]) AS person, unnest($levels::INTEGER[]) AS level
), present AS (
    SELECT hour_at, level, count(DISTINCT person) AS n FROM (
        SELECT person, unnest(generate_series(date_trunc('hour', first_at), last_at, INTERVAL 1 HOUR)) AS hour_at
        FROM shifts
    ) JOIN placed USING (person) GROUP BY hour_at, level
), staffed AS (
    SELECT hour_at, coalesce(sum(n) FILTER (level = 0), 0)::INTEGER AS on_0,
        coalesce(sum(n) FILTER (level = 1), 0)::INTEGER AS on_1,
        coalesce(sum(n) FILTER (level = 2), 0)::INTEGER AS on_2
    FROM present GROUP BY hour_at
), called AS (
    SELECT date_trunc('hour', c.started_at) AS hour_at, count(*) AS calls, sum(talk_ms) / 3600000 AS load
    FROM talks c {who} JOIN placed ON placed.person = {person}
    WHERE c.is_answered AND c.direction = 'inbound' GROUP BY 1
)
SELECT hour((hour_at AT TIME ZONE 'UTC') AT TIME ZONE $timezone) AS local_hour, count(*), avg(calls), avg(load),
    on_0, on_1, on_2
FROM called JOIN staffed USING (hour_at) GROUP BY ALL ORDER BY ALL
"""
# A ring counts as not taken unless a colleague took the call at that moment, as where all are rung at once.
_WORK: Final = """
WITH {shifts}, worked AS (
    SELECT person, count(*) AS shifts, sum(calls) AS calls, sum(answered) AS answered, sum(sales) AS sales,
        sum(epoch(last_at - first_at) / 3600 + $extra_min / 60) AS hours, sum(answered * answered) AS answered_squared,
        sum((epoch(last_at - first_at) / 3600 + $extra_min / 60) ** 2) AS hours_squared,
        sum(answered * (epoch(last_at - first_at) / 3600 + $extra_min / 60)) AS answered_hours,
        CASE WHEN count(coalesce(o.cost_per_hour, o.cost_per_call)) = count(*) THEN
            sum(coalesce((epoch(last_at - first_at) / 3600 + $extra_min / 60) * o.cost_per_hour::DOUBLE, 0)
                + coalesce(answered * o.cost_per_call::DOUBLE, 0)) END AS cost
    FROM shifts LEFT JOIN operators o USING (entry_no) GROUP BY person
), legs AS (
    SELECT l.operator, l.operator_id, l.extension, p.started_at, l.kind <> 'ring' AS is_taken,
        l.kind = 'ring' AND l.result IN ('no_answer', 'timeout', 'rejected') AND l.ended_at IS NOT NULL
            AND (p.answered_at IS NULL OR abs(epoch(p.answered_at - l.ended_at)) > 3) AS is_missed
    FROM pbx_legs l JOIN pbx_calls p USING (source, pbx_call_id)
    WHERE p.direction = 'inbound' AND ($since::TIMESTAMP IS NULL OR p.started_at >= $since::TIMESTAMP)
        AND ($until::TIMESTAMP IS NULL OR p.started_at < $until::TIMESTAMP)
), rung AS (
    SELECT {person} AS person, count(*) FILTER (c.is_taken) AS taken, count(*) FILTER (c.is_missed) AS missed
    FROM legs c {who} GROUP BY person
)
SELECT w.person, shifts, calls, answered, sales, hours, answered_squared, hours_squared, answered_hours, cost,
    coalesce(taken, 0), coalesce(missed, 0)
FROM worked w LEFT JOIN rung r ON r.person = w.person ORDER BY answered DESC, w.person
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualCalls:
    """An operator's calls of one kind: their number, the sum of values and of squares.

    Values are 1 for a sale and 0 for none, or scores 0..100; `below` and `above` are the sums of how far a score would move if
    every undecided verdict were a fail, or a pass.
    """

    person: str
    kind: str
    n: int
    total: float
    squares: float
    below: float
    above: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """An operator in a queue (None: calls of no known queue), with the extension of the last call and the answered calls."""

    person: str
    queue: str | None
    extension: str | None
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HourRow:
    """How an hour of the day (0..23, local) is: `hours` such hours, calls and hours of talk in each, who is there by level."""

    hour: int
    hours: int
    calls: float
    load: float
    present: tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRow:
    """What an operator did: shifts, hours of presence, answered calls (with squares and products over shifts), rings.

    `cost` is None unless it is known of every shift; `taken` and `missed` are rings of incoming calls.
    """

    person: str
    shifts: int
    calls: int
    answered: int
    sales: int
    hours: float
    answered_squared: float
    hours_squared: float
    answered_hours: float
    cost: float | None
    taken: int
    missed: int


def read_incoming(
    queries: Queries, timezone: str, since: datetime | None, until: datetime | None
) -> tuple[tuple[EqualCalls, ...], tuple[MemberRow, ...]]:
    """Return the answered incoming calls by operator and kind with how many sold, and who answered calls of which queue."""
    sums: dict[tuple[str, str], list[int]] = {}
    members: dict[tuple[str, str | None], MemberRow] = {}
    last: dict[tuple[str, str | None], datetime] = {}
    rows = queries.execute(SQL_INCOMING, {**talk_values(since, until), "timezone": timezone}).fetchall()
    for person, kind, queue, calls, sold, extension, at in rows:
        both = sums.setdefault((person, kind), [0, 0])
        both[0] += calls
        both[1] += sold
        key = person, queue
        before = members.get(key)
        is_newer = at is not None and (key not in last or at > last[key])
        if is_newer:
            last[key] = at
        members[key] = MemberRow(
            person=person,
            queue=queue,
            extension=extension if is_newer or before is None else before.extension,
            calls=calls + (before.calls if before else 0),
        )
    equal = tuple(
        EqualCalls(person=person, kind=kind, n=n, total=sold, squares=sold, below=0.0, above=0.0)
        for (person, kind), (n, sold) in sums.items()
    )
    return equal, tuple(members.values())


def read_quality(queries: Queries, since: datetime | None, until: datetime | None) -> tuple[EqualCalls, ...]:
    """Return the scored calls by operator and kind."""
    return tuple(
        EqualCalls(
            person=row[0],
            kind=row[1],
            n=row[2],
            total=float(row[3]),
            squares=float(row[4]),
            below=float(row[5] or 0),
            above=float(row[6] or 0),
        )
        for row in queries.execute(SQL_QUALITY, talk_values(since, until)).fetchall()
    )


def read_busy_hours(
    queries: Queries,
    levels: Mapping[str, int],
    presence: Presence,
    timezone: str,
    period: tuple[datetime | None, datetime | None],
) -> tuple[HourRow, ...]:
    """Return the usual hours of the operators in `levels` (0..2 by person), within `period`."""
    values = {
        **talk_values(*period),
        "timezone": timezone,
        "gap_hours": presence.gap_hours,
        "people": list(levels),
        "levels": list(levels.values()),
    }
    return tuple(
        HourRow(hour=row[0], hours=row[1], calls=row[2], load=row[3], present=(row[4], row[5], row[6]))
        for row in queries.execute(_with_shifts(_BUSY_HOURS, queries, presence), values).fetchall()
    )


def read_work(queries: Queries, presence: Presence, since: datetime | None, until: datetime | None) -> tuple[WorkRow, ...]:
    """Return what each operator did, most answered calls first."""
    values = {**talk_values(since, until), "gap_hours": presence.gap_hours, "extra_min": presence.extra_min}
    return tuple(
        WorkRow(
            person=row[0],
            shifts=row[1],
            calls=int(row[2]),
            answered=int(row[3]),
            sales=int(row[4]),
            hours=float(row[5]),
            answered_squared=float(row[6]),
            hours_squared=float(row[7]),
            answered_hours=float(row[8]),
            cost=None if row[9] is None else float(row[9]),
            taken=int(row[10]),
            missed=int(row[11]),
        )
        for row in queries.execute(_with_shifts(_WORK, queries, presence), values).fetchall()
    )


def _with_shifts(sql: str, queries: Queries, presence: Presence) -> str:
    return sql.format(shifts=shifts_of(queries, presence), who=WHO, person=PERSON)
