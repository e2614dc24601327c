"""Questions about what is usual: calls by line and hour in earlier weeks, recordings, recognition, unsure verdicts."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from callscore.store.asked import Queries

__all__ = [
    "MOST_WEEKS",
    "RECENT_DAYS",
    "Change",
    "HeardLine",
    "HourLevel",
    "LineLevel",
    "RecordedLine",
    "UnsureCriterion",
    "read_changes",
    "read_heard_lines",
    "read_hour_levels",
    "read_line_levels",
    "read_recorded_lines",
    "read_unsure_criteria",
]

MOST_WEEKS: Final = 8
"""So many earlier weeks say what is usual."""
RECENT_DAYS: Final = 28
"""So many last days are looked at where a share is told, against twice as many before."""
_WEEK_MS: Final = 7 * 86_400_000

# A source that has not been read since yesterday is not silent: its last full hour is where its windows end. Ages are taken
# on the clocks of the shop, so that the hours of a week meet those of the week before across a change of time.
_RECENT: Final = f"""
ends AS (
    SELECT p.source, date_trunc('hour', coalesce(any_value(s.covered_until), max(p.started_at))) AS end_at
    FROM pbx_calls p LEFT JOIN source_progress s USING (source) GROUP BY p.source
), recent AS (
    SELECT p.source, p.did, e.end_at, epoch_ms((e.end_at AT TIME ZONE 'UTC') AT TIME ZONE $timezone)
        - epoch_ms((p.started_at AT TIME ZONE 'UTC') AT TIME ZONE $timezone) - 1 AS age_ms
    FROM pbx_calls p JOIN ends e USING (source)
    WHERE p.direction = 'inbound' AND p.started_at < e.end_at AND p.started_at >= e.end_at - INTERVAL {7 * MOST_WEEKS + 7} DAY
)
"""  # noqa: S608 - joins constants only
SQL_DAYS: Final = f"""
WITH {_RECENT}
SELECT source, did, greatest(age_ms, 0) // 86400000, count(*) FROM recent GROUP BY ALL
"""  # noqa: S608 - joins constants only
SQL_SILENCE: Final = f"""
WITH {_RECENT}, lasting AS (
    SELECT source, did, least(min(age_ms), {_WEEK_MS}) AS silent_ms FROM recent GROUP BY source, did
), edges AS (
    SELECT p.source, p.did, min(p.started_at) AS first_at, max(p.started_at) FILTER (p.started_at < e.end_at) AS last_at,
        any_value(e.end_at) AS end_at
    FROM pbx_calls p JOIN ends e USING (source) WHERE p.direction = 'inbound' GROUP BY p.source, p.did
)
SELECT source, did, any_value(first_at), any_value(last_at), any_value(edges.end_at),
    list(age_ms // {_WEEK_MS}) FILTER (age_ms >= {_WEEK_MS} AND age_ms % {_WEEK_MS} < silent_ms)
FROM recent JOIN lasting USING (source, did) JOIN edges USING (source, did) GROUP BY source, did
"""  # noqa: S608 - joins constants only
SQL_HOURS: Final = f"""
WITH {_RECENT}
SELECT source, did, any_value(end_at), (age_ms % {_WEEK_MS}) // 3600000 AS hours_ago,
    list(age_ms // {_WEEK_MS}) AS weeks
FROM recent WHERE age_ms >= 0 AND age_ms % {_WEEK_MS} < 86400000 AND age_ms < {(MOST_WEEKS + 1) * _WEEK_MS}
GROUP BY source, did, hours_ago HAVING count(*) >= {3 * MOST_WEEKS}
"""  # noqa: S608 - joins constants only
SQL_RECORDED: Final = f"""
WITH lost AS (
    SELECT source, pbx_call_id, count(*) AS n FROM pbx_recordings WHERE status <> 'fetched' AND attempts > 0 GROUP BY ALL
)
SELECT p.source, p.did, count(*), count(*) FILTER (p.n_recordings = 0), count(lost.n)
FROM pbx_calls p LEFT JOIN lost USING (source, pbx_call_id)
WHERE p.disposition = 'answered' AND p.direction IS DISTINCT FROM 'internal' AND coalesce(p.talk_ms, 1) > 0
    AND p.started_at > (SELECT max(started_at) FROM pbx_calls) - INTERVAL {RECENT_DAYS} DAY
GROUP BY ALL HAVING count(*) FILTER (p.n_recordings = 0) > 0 OR count(lost.n) > 0
ORDER BY count(*) FILTER (p.n_recordings = 0) + count(lost.n) DESC, p.did NULLS LAST, p.source
"""  # noqa: S608 - joins constants only
SQL_HEARD: Final = f"""
SELECT c.did, c.codec, count(*), sum(c.word_prob_sum) / nullif(sum(c.n_words), 0), coalesce(sum(m.unrecognised_ms), 0),
    coalesce(sum(m.operator_talk_ms + m.client_talk_ms), 0),
    count(*) FILTER (array_to_string(c.notes, ' ') LIKE '%silent_leg%'),
    count(*) FILTER (array_to_string(c.notes, ' ') LIKE '%legs_swapped%')
FROM calls c LEFT JOIN call_metrics m USING (call_id)
WHERE c.status = 'done' AND c.started_at > (SELECT max(started_at) FROM calls) - INTERVAL {RECENT_DAYS} DAY
GROUP BY c.did, c.codec ORDER BY count(*) DESC, c.did NULLS LAST, c.codec NULLS LAST
"""  # noqa: S608 - joins constants only
SQL_UNSURE: Final = f"""
WITH looked_at AS (
    SELECT call_id, started_at > (SELECT max(started_at) FROM calls) - INTERVAL {RECENT_DAYS} DAY AS is_now FROM calls
    WHERE started_at > (SELECT max(started_at) FROM calls) - INTERVAL {3 * RECENT_DAYS} DAY
)
SELECT v.rubric, v.criterion, any_value(v.rubric_version), count(*) FILTER (NOT is_now AND v.verdict = 'unsure'),
    count(*) FILTER (NOT is_now), count(*) FILTER (is_now AND v.verdict = 'unsure'), count(*) FILTER (is_now)
FROM verdicts v JOIN looked_at USING (call_id) WHERE v.verdict <> 'na'
GROUP BY v.rubric, v.criterion ORDER BY v.rubric, min(v.criterion_no), v.criterion
"""  # noqa: S608 - joins constants only
# A model or rubric that was in use before the weeks looked at has not changed in them: what appears in their first week is
# left out, unless callscore itself was new then.
SQL_CHANGES: Final = f"""
WITH edge AS (
    SELECT max(started_at) - INTERVAL {3 * RECENT_DAYS} DAY AS from_at, min(started_at) AS first_at FROM runs
), ran AS (
    SELECT c.call_id, min(r.started_at) AS ran_at FROM run_calls c JOIN runs r USING (run_id)
    WHERE c.status = 'done' AND r.started_at >= (SELECT from_at FROM edge) GROUP BY c.call_id
), seen AS (
    SELECT 'model' AS kind, coalesce(nullif(p.model, ''), p.engine) AS name, left(p.model_sha256, 8) AS version,
        min(ran_at) AS seen_at, count(*) AS calls
    FROM provenance p JOIN ran USING (call_id) GROUP BY ALL
    UNION ALL
    SELECT 'rubric', s.rubric, s.rubric_version || ' ' || left(s.rubric_sha256, 8), min(ran_at), count(*)
    FROM call_scores s JOIN ran USING (call_id) GROUP BY ALL
    UNION ALL
    SELECT 'rescored', rubric, rubric_version || ' ' || left(rubric_sha256, 8), replaced_at, count(*)
    FROM score_history WHERE replaced_at >= (SELECT from_at FROM edge) GROUP BY ALL
    UNION ALL
    SELECT 'program', 'callscore', callscore_version, min(started_at), sum(done)::BIGINT FROM runs GROUP BY ALL
)
SELECT kind, name, version, seen_at, calls FROM seen, edge
WHERE first_at >= from_at OR seen_at >= from_at + INTERVAL 7 DAY
ORDER BY seen_at DESC, kind, name, version LIMIT 15
"""  # noqa: S608 - joins constants only


@dataclass(frozen=True, slots=True, kw_only=True)
class LineLevel:
    """Calls of a line by days before `end_at` (0: the last 24 hours), and in earlier weeks at the hours it is silent now.

    `silent_weeks` has the calls one week ago, two weeks ago and so on. `weeks` earlier weeks are known of the line.
    """

    source: str
    did: str | None
    weeks: int
    last_at: datetime
    end_at: datetime
    days: dict[int, int]
    silent_weeks: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HourLevel:
    """Calls of a line in an hour of the last day (`hours_ago` before `end_at`), and in that hour of the weeks before."""

    source: str
    did: str | None
    end_at: datetime
    hours_ago: int
    count: int
    weeks: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedLine:
    """Talks of a line, those without a recording, and those whose recording could not be fetched."""

    source: str
    did: str | None
    talks: int
    unrecorded: int
    unfetched: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardLine:
    """How well the calls of a line and codec are heard; `word_prob` is the mean confidence of a word, None without words."""

    did: str | None
    codec: str | None
    calls: int
    word_prob: float | None
    unrecognised_ms: int
    speech_ms: int
    silent_legs: int
    swapped_legs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsureCriterion:
    """Unsure verdicts of a criterion among those that are not na: (part, whole) before and now."""

    rubric: str
    criterion: str
    rubric_version: int
    before: tuple[int, int]
    now: tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that can make numbers jump: a model, rubric, rescoring or program, since when, and for how many calls."""

    kind: str
    name: str
    version: str
    at: datetime
    calls: int | None


def read_line_levels(queries: Queries, timezone: str) -> tuple[LineLevel, ...]:
    """Return every line that was called in the last nine weeks."""
    days: dict[tuple[str, str | None], dict[int, int]] = defaultdict(dict)
    for source, did, ago, n in queries.execute(SQL_DAYS, {"timezone": timezone}).fetchall():
        days[source, did][ago] = n
    return tuple(
        LineLevel(
            source=row[0],
            did=row[1],
            weeks=min(MOST_WEEKS, (row[4] - row[2]).days // 7),
            last_at=row[3].replace(tzinfo=UTC),
            end_at=row[4].replace(tzinfo=UTC),
            days=days[row[0], row[1]],
            silent_weeks=tuple((row[5] or []).count(week) for week in range(1, MOST_WEEKS + 1)),
        )
        for row in queries.execute(SQL_SILENCE, {"timezone": timezone}).fetchall()
    )


def read_hour_levels(queries: Queries, timezone: str) -> tuple[HourLevel, ...]:
    """Return the hours of the last day of lines with three calls and more an hour; for fewer nothing could be told."""
    return tuple(
        HourLevel(
            source=row[0],
            did=row[1],
            end_at=row[2].replace(tzinfo=UTC),
            hours_ago=row[3],
            count=row[4].count(0),
            weeks=tuple(row[4].count(week) for week in range(1, MOST_WEEKS + 1)),
        )
        for row in queries.execute(SQL_HOURS, {"timezone": timezone}).fetchall()
    )


def read_recorded_lines(queries: Queries) -> tuple[RecordedLine, ...]:
    """Return the lines on which recordings are missing, most missing first."""
    return tuple(
        RecordedLine(source=row[0], did=row[1], talks=row[2], unrecorded=row[3], unfetched=row[4])
        for row in queries.execute(SQL_RECORDED).fetchall()
    )


def read_heard_lines(queries: Queries) -> tuple[HeardLine, ...]:
    """Return how well calls are heard by line and codec, most calls first."""
    return tuple(
        HeardLine(
            did=row[0],
            codec=row[1],
            calls=row[2],
            word_prob=row[3],
            unrecognised_ms=int(row[4]),
            speech_ms=int(row[5]),
            silent_legs=row[6],
            swapped_legs=row[7],
        )
        for row in queries.execute(SQL_HEARD).fetchall()
    )


def read_unsure_criteria(queries: Queries) -> tuple[UnsureCriterion, ...]:
    """Return the criteria with their unsure verdicts, in the order of the rubrics."""
    return tuple(
        UnsureCriterion(rubric=row[0], criterion=row[1], rubric_version=row[2], before=(row[3], row[4]), now=(row[5], row[6]))
        for row in queries.execute(SQL_UNSURE).fetchall()
    )


def read_changes(queries: Queries) -> tuple[Change, ...]:
    """Return the last fifteen changes, newest first."""
    return tuple(
        Change(kind=row[0], name=row[1], version=row[2], at=row[3].replace(tzinfo=UTC), calls=row[4])
        for row in queries.execute(SQL_CHANGES).fetchall()
    )
